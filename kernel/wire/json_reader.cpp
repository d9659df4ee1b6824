#include "wire/json_reader.hpp"

#include <cstring>
#include <limits>

#include "wire/scan.hpp"

namespace gantry::wire {

ErrorCode JsonReader::read(Header& out) {
  if (!header()) return error_;
  header_.fields = header_.has_fields ? writer_.fields() : std::span<const Field>();
  out = header_;
  return {};
}

bool JsonReader::header() {
  skip_space();
  if (peek() != '{') return fail(Errc::json_not_an_object);
  if (!object([this](Text key) { return header_member(key); })) return false;
  skip_space();
  return at_ == end_ || fail(Errc::json_bytes_left_over);
}

// Reads an object; `member` reads the value that follows the key it is given.
template <class Member>
bool JsonReader::object(Member&& member) {
  ++at_;
  skip_space();
  if (take('}')) return true;
  for (;;) {
    Text name;
    if (!key(name)) return false;
    if (!member(name)) return false;
    skip_space();
    if (take(',')) {
      skip_space();
      continue;
    }
    return take('}') || fail_here();
  }
}

// A key and what stands before its value.
bool JsonReader::key(Text& out) {
  const char quote = peek();
  if (quote != '"' && quote != '\'') return fail_here();
  if (!text(out)) return false;
  skip_space();
  if (!take(':')) return fail_here();
  skip_space();
  return true;
}

bool JsonReader::header_member(Text key) {
  const std::string_view name = key;
  switch (name.size()) {
    case 4:
      if (name == "code") return number(header_.code, Errc::code_invalid);
      if (name == "flag") return number(header_.flag, Errc::flag_invalid);
      break;
    case 6:
      if (name == "opaque") return number(header_.opaque, Errc::opaque_invalid);
      if (name == "remark") return text_of_any(header_.remark);
      break;
    case 7:
      if (name == "version") return number(header_.version, Errc::version_invalid);
      break;
    case 8:
      if (name == "language") return language();
      break;
    case 9:
      if (name == "extFields") return ext_fields();
      break;
    default:
      break;
  }
  return skip_value();
}

bool JsonReader::ext_fields() {
  writer_.drop_fields();
  header_.has_fields = false;
  if (peek() == 'n') return skip_word("null");
  if (peek() != '{') return at_ == end_ ? fail_here() : fail(Errc::ext_fields_invalid);
  header_.has_fields = true;
  ++at_;
  skip_space();
  if (take('}')) return true;
  for (;;) {
    if (!ext_field()) return false;
    skip_space();
    if (!take(',')) return take('}') || fail_here();
    skip_space();
  }
}

bool JsonReader::ext_field() {
  Text name;
  Text value;
  if (plain_key(name)) {
    if (!text(value)) return false;
  } else if (!key(name) || !text_of_any(value)) {
    return false;
  }
  // A null is a field that is not there.
  if (value.data == nullptr) return true;
  return writer_.put(name, value) || fail(Errc::ext_fields_too_many);
}

// Takes a key in the form that clients write it, a few letters and no space before the value, up to
// the quote of a text. False, and nothing is taken, if it is in another form: key() reads them all.
bool JsonReader::plain_key(Text& out) {
  constexpr std::string_view parting = "\":\"";
  const char* const first = at_ + 1;
  const auto room = static_cast<std::ptrdiff_t>(1 + Block::bytes + parting.size());
  if (end_ - at_ < room || *at_ != '"') return false;
  const Block block(first);
  const Block::Mask stops = block.equal('"') | block.equal('\\') | block.not_ascii();
  if (stops == 0) return false;
  const char* const stop = first + first_marked(stops);
  if (std::memcmp(stop, parting.data(), parting.size()) != 0) return false;
  out = {first, static_cast<uint64_t>(stop - first)};
  at_ = stop + parting.size() - 1;
  return true;
}

// A whole number, also within quotes; null is zero.
bool JsonReader::number(int32_t& out, Errc otherwise) {
  out = 0;
  if (peek() == 'n') return skip_word("null");
  const char quote = peek() == '"' || peek() == '\'' ? *at_++ : '\0';
  const bool negative = take('-');
  const char* const first = at_;
  int64_t value = 0;
  for (; at_ < end_ && *at_ >= '0' && *at_ <= '9'; ++at_) {
    value = 10 * value + (*at_ - '0');
    if (value > int64_t{std::numeric_limits<int32_t>::max()} + 1) return fail(otherwise);
  }
  if (at_ == end_) return fail(Errc::json_ends_early);
  if (negative) value = -value;
  if (at_ == first || value > std::numeric_limits<int32_t>::max()) return fail(otherwise);
  if (quote != '\0' && !take(quote)) return fail(otherwise);
  if (at_ == end_) return fail(Errc::json_ends_early);
  if (*at_ == '.' || *at_ == 'e' || *at_ == 'E') return fail(otherwise);
  out = static_cast<int32_t>(value);
  return true;
}

// A name, a number or, from peers that know none of ours, null.
bool JsonReader::language() {
  const char c = peek();
  if (c == '"' || c == '\'') {
    Text name;
    if (!text(name)) return false;
    header_.language = language_number(name);
    return true;
  }
  if (c == 'n') {
    header_.language = language::other;
    return skip_word("null");
  }
  int32_t value = 0;
  if (!number(value, Errc::language_invalid)) return false;
  header_.language = known_language(value);
  return true;
}

// Any value as text: a string's content, what stands there for everything else, no data for null.
bool JsonReader::text_of_any(Text& out) {
  const char c = peek();
  if (c == '"' || c == '\'') [[likely]] {
    return text(out);
  }
  out = {};
  if (c == 'n') return skip_word("null");
  const char* const first = at_;
  if (!skip_value()) return false;
  out = writer_.valid({first, static_cast<uint64_t>(at_ - first)});
  return true;
}

}  // namespace gantry::wire
