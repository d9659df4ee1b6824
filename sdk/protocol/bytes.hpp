// Big-endian numbers in borrowed bytes, and hexadecimal: what ids, records and batches are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace gantry::protocol {

template <class Int>
Int load_be(const char* at) {
  std::make_unsigned_t<Int> value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    value = static_cast<std::make_unsigned_t<Int>>(static_cast<std::uint64_t>(value) << 8 |
                                                   static_cast<std::uint8_t>(at[i]));
  }
  return static_cast<Int>(value);
}

template <class Int>
void append_be(std::string& out, Int value) {
  for (int shift = 8 * (static_cast<int>(sizeof(Int)) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<std::make_unsigned_t<Int>>(value) >> shift & 0xff));
  }
}

// Takes numbers and texts off the head of bytes; once something is missing, everything is.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }

  template <class Int>
  Int number() {
    const std::string_view taken = text(sizeof(Int));
    return ok_ ? load_be<Int>(taken.data()) : Int{};
  }

  // A negative size is what a length read as signed may be: not there.
  std::string_view text(std::int64_t size) {
    ok_ = ok_ && size >= 0 && static_cast<std::uint64_t>(size) <= left();
    if (!ok_) return {};
    const std::string_view taken = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += taken.size();
    return taken;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

std::string upper_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view digits);  // either case; nothing if malformed

}  // namespace gantry::protocol
