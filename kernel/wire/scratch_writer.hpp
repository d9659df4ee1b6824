// ScratchWriter: fills a HeaderScratch while one header is decoded. Private to wire; lives on the
// decoder's stack.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "wire/decode.hpp"
#include "wire/utf8.hpp"

namespace gantry::wire {

class ScratchWriter {
 public:
  ScratchWriter(HeaderScratch& scratch, uint64_t header_bytes)
      : scratch_(scratch), header_bytes_(header_bytes) {
    if (scratch.text_capacity_ > HeaderScratch::text_bytes_kept_max) release_text();
  }

  // False if there are too many. A key that comes again replaces its value, as in Java's map.
  bool put(Text key, Text value) {
    uint64_t& seen = seen_[slot_of(key) >> 6];
    const uint64_t bit = uint64_t{1} << (slot_of(key) & 63);
    if ((seen & bit) != 0 && replace(key, value)) return true;
    if (count_ == ext_fields_max) return false;
    seen |= bit;
    scratch_.fields_[count_++] = {key, value};
    return true;
  }
  void drop_fields() {
    count_ = 0;
    seen_ = {};
  }
  std::span<const Field> fields() const { return {scratch_.fields_.data(), count_}; }

  // Where the next text can be written. There is room for every text of the header and some bytes
  // more, so that it may be written a block at a time.
  char* text() {
    if (next_text_ == nullptr) next_text_ = make_room();
    return next_text_;
  }
  Text finish_text(char* end) {
    const Text text(next_text_, static_cast<uint64_t>(end - next_text_));
    next_text_ = end;
    return text;
  }

  // `text` as valid UTF-8: itself, or a mended copy.
  Text valid(Text text) {
    if (is_ascii(text) || is_utf8(text)) return text;
    return finish_text(mend_utf8(text, this->text()));
  }

 private:
  // Few keys share a slot, so most are known to be new without looking at the others.
  static uint8_t slot_of(Text key) {
    if (key.size == 0) return 0;
    const auto first = static_cast<uint8_t>(key.data[0]);
    const auto last = static_cast<uint8_t>(key.data[key.size - 1]);
    return static_cast<uint8_t>(37 * first + 101 * last + 131 * key.size);
  }

  bool replace(Text key, Text value);
  char* make_room();
  void release_text();

  HeaderScratch& scratch_;
  const uint64_t header_bytes_;
  uint64_t count_ = 0;
  std::array<uint64_t, 4> seen_{};
  char* next_text_ = nullptr;
};

}  // namespace gantry::wire
