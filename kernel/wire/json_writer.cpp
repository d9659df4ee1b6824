#include "wire/json_writer.hpp"

#include <array>
#include <charconv>

#include "wire/scan.hpp"
#include "wire/utf8.hpp"

namespace gantry::wire {
namespace {

// Everything but the texts: keys, four numbers, the longest language, brackets.
constexpr uint64_t fixed_bytes_max = 160;
constexpr uint64_t number_bytes_max = 11;
constexpr uint64_t field_bytes_max = 6;  // two pairs of quotes, colon, comma
constexpr uint64_t block_bytes_max = 16;

bool plain_ascii(uint8_t c) {
  return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
}

template <class T>
T load(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

// Like plain_ascii, for eight characters at once. A borrow between bytes starts at one that is not
// plain, so it can't change the answer.
bool all_plain_ascii(uint64_t word) {
  constexpr uint64_t ones = 0x0101010101010101;
  constexpr uint64_t highs = 0x8080808080808080;
  const auto below = [](uint64_t bytes, uint64_t limit) { return bytes - ones * limit; };
  const uint64_t marks =
      word | below(word, ' ') | below(word ^ (ones * '"'), 1) | below(word ^ (ones * '\\'), 1);
  return (marks & highs) == 0;
}

// Copies fewer than 16 characters in two loads that may overlap; false if one needs an escape.
bool copy_short(const char* from, uint64_t size, uint8_t* to) {
  if (size >= sizeof(uint64_t)) {
    const auto first = load<uint64_t>(from);
    const auto last = load<uint64_t>(from + size - sizeof first);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
    return all_plain_ascii(first) && all_plain_ascii(last);
  }
  if (size >= sizeof(uint32_t)) {
    const auto first = load<uint32_t>(from);
    const auto last = load<uint32_t>(from + size - sizeof first);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
    return all_plain_ascii(uint64_t{last} << 32 | first);
  }
  bool plain = true;
  for (uint64_t i = 0; i < size; ++i) {
    to[i] = static_cast<uint8_t>(from[i]);
    plain = plain && plain_ascii(to[i]);
  }
  return plain;
}

// The letter of a short escape, or zero.
char short_escape(char c) {
  constexpr std::string_view characters = "\"\\\b\f\n\r\t";
  constexpr std::string_view letters = "\"\\bfnrt";
  const size_t which = characters.find(c);
  return which == std::string_view::npos ? '\0' : letters[which];
}

// Writes at a pointer into the sink, which has room for the rest of the header as long as its texts
// need no escapes; a text that does makes room for what it needs more.
class JsonWriter {
 public:
  JsonWriter(ByteSink& out, uint64_t bytes) : out_(out), room_(bytes), to_(out.reserve(bytes)) {}

  void finish() { out_.commit(written()); }

  template <size_t size>
  void literal(const char (&characters)[size]) {
    std::memcpy(to_, characters, size - 1);
    to_ += size - 1;
  }
  void number(int32_t value) {
    char* const to = reinterpret_cast<char*>(to_);
    to_ = reinterpret_cast<uint8_t*>(std::to_chars(to, to + number_bytes_max, value).ptr);
  }
  void plain(std::string_view text) {
    std::memcpy(to_, text.data(), text.size());
    to_ += text.size();
  }
  void text(Text text) {
    *to_++ = '"';
    if (!copy_plain(text)) escape(text);
    *to_++ = '"';
  }

 private:
  uint64_t written() const { return static_cast<uint64_t>(to_ - out_.data()) - out_.size(); }

  bool copy_plain(Text text);
  void escape(Text text);
  void make_room(Text text);
  const char* escape_one(const char* at, const char* end);

  ByteSink& out_;
  uint64_t room_;  // behind the sink's size
  uint8_t* to_;
};

// Copies the text if it has nothing to escape; answers false, having moved nothing, if it has.
bool JsonWriter::copy_plain(Text text) {
  const auto needs_escape = [](const Block& block) {
    return (block.not_plain() | block.equal('"') | block.equal('\\')) != 0;
  };
  const char* at = text.data;
  uint8_t* to = to_;
  uint64_t left = text.size;
  for (; left >= Block::bytes; left -= Block::bytes) {
    const Block block(at);
    if (needs_escape(block)) return false;
    block.store(to);
    at += Block::bytes;
    to += Block::bytes;
  }
  static_assert(Block::bytes <= 2 * sizeof(uint64_t), "what is left is short");
  if (!copy_short(at, left, to)) return false;
  to_ = to + left;
  return true;
}

void JsonWriter::escape(Text text) {
  make_room(text);
  const char* const end = text.data + text.size;
  for (const char* at = text.data; at < end;) {
    if (plain_ascii(static_cast<uint8_t>(*at))) {
      *to_++ = static_cast<uint8_t>(*at++);
    } else {
      at = escape_one(at, end);
    }
  }
}

// Counted first, so that one text never makes the sink grow more than it has to.
void JsonWriter::make_room(Text text) {
  uint64_t more = 0;
  for (const char character : text.view()) {
    const auto c = static_cast<uint8_t>(character);
    if (c < ' ') more += 5;                         // \u0001
    if (c == '"' || c == '\\') more += 1;           // \"
    if (c >= 0x80) more += replacement.size() - 1;  // if it is not UTF-8
  }
  const uint64_t so_far = written();
  out_.commit(so_far);
  room_ = room_ - so_far + more;
  to_ = out_.reserve(room_);
}

const char* JsonWriter::escape_one(const char* at, const char* end) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto c = static_cast<uint8_t>(*at);
  if (c >= 0x80) {
    const Utf8Step step = utf8_step(at, end);
    plain(step.valid ? std::string_view(at, step.bytes) : replacement);
    return at + step.bytes;
  }
  if (const char letter = short_escape(*at); letter != '\0') {
    *to_++ = '\\';
    *to_++ = static_cast<uint8_t>(letter);
    return at + 1;
  }
  literal("\\u00");
  *to_++ = static_cast<uint8_t>(digits[c >> 4]);
  *to_++ = static_cast<uint8_t>(digits[c & 15]);
  return at + 1;
}

}  // namespace

void write_json(const Header& header, uint64_t text_bytes, ByteSink& out) {
  const uint64_t field_count = header.has_fields ? header.fields.size() : 0;
  JsonWriter json(out,
                  fixed_bytes_max + text_bytes + field_count * field_bytes_max + block_bytes_max);
  json.literal("{\"code\":");
  json.number(header.code);
  json.literal(",\"language\":\"");
  json.plain(language_name(header.language));
  json.literal("\",\"version\":");
  json.number(header.version);
  json.literal(",\"opaque\":");
  json.number(header.opaque);
  json.literal(",\"flag\":");
  json.number(header.flag);
  if (has_remark(header)) {
    json.literal(",\"remark\":");
    json.text(header.remark);
  }
  if (header.has_fields) {
    json.literal(",\"extFields\":{");
    for (uint64_t i = 0; i < field_count; ++i) {
      if (i > 0) json.literal(",");
      json.text(header.fields[i].key);
      json.literal(":");
      json.text(header.fields[i].value);
    }
    json.literal("}");
  }
  json.literal("}");
  json.finish();
}

}  // namespace gantry::wire
