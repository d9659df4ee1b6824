// JsonReader's way past values nobody asked for. Well-formed or an error; without recursion, since
// a peer decides how deep they are nested.
#include "wire/json_reader.hpp"

namespace gantry::wire {

static_assert(json_nesting_max <= 64, "one bit of a word for each level");

// Stands at the value's first character. `objects` has a bit for each open level, the innermost
// lowest: set if that level is an object.
bool JsonReader::skip_value() {
  uint64_t depth = 0;
  uint64_t objects = 0;
  for (;;) {
    const char c = peek();
    bool closed = true;
    if (c == '{' || c == '[') {
      if (depth == json_nesting_max) return fail(Errc::json_nested_too_deep);
      ++at_;
      ++depth;
      objects = objects << 1 | (c == '{' ? 1U : 0U);
      skip_space();
      if (take(c == '{' ? '}' : ']')) {
        --depth;
        objects >>= 1;
      } else {
        if (c == '{' && !skip_key()) return false;
        closed = false;
      }
    } else if (c == '"' || c == '\'') {
      if (!skip_string()) return false;
    } else if (c == 't' || c == 'f' || c == 'n') {
      if (!skip_word(c == 't' ? "true" : c == 'f' ? "false" : "null")) return false;
    } else if (!skip_number()) {
      return false;
    }
    // A value has ended: so do the levels that are closed behind it.
    while (closed && depth > 0) {
      if (!skip_to_item((objects & 1) != 0, closed)) return false;
      if (!closed) break;
      --depth;
      objects >>= 1;
    }
    if (depth == 0) return true;
  }
}

// Behind a value within an open level: goes to the next item, or past the level's end.
bool JsonReader::skip_to_item(bool in_object, bool& closed) {
  skip_space();
  closed = take(in_object ? '}' : ']');
  if (closed) return true;
  if (!take(',')) return fail_here();
  skip_space();
  return !in_object || skip_key();
}

bool JsonReader::skip_key() {
  if (peek() != '"' && peek() != '\'') return fail_here();
  if (!skip_string()) return false;
  skip_space();
  if (!take(':')) return fail_here();
  skip_space();
  return true;
}

// The escapes in it are not looked at: nothing reads them.
bool JsonReader::skip_string() {
  const char quote = *at_++;
  for (; at_ < end_; ++at_) {
    if (*at_ == quote) {
      ++at_;
      return true;
    }
    if (*at_ == '\\' && ++at_ == end_) break;
  }
  return fail(Errc::json_ends_early);
}

bool JsonReader::skip_word(std::string_view word) {
  const std::string_view rest(at_, static_cast<uint64_t>(end_ - at_));
  if (!rest.starts_with(word)) {
    return fail(word.starts_with(rest) ? Errc::json_ends_early : Errc::json_malformed);
  }
  at_ += word.size();
  return true;
}

bool JsonReader::skip_number() {
  const auto digits = [this] {
    const char* const first = at_;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ != first || fail_here();
  };
  take('-');
  if (!digits()) return false;
  if (take('.') && !digits()) return false;
  if (take('e') || take('E')) {
    if (!take('-')) take('+');
    if (!digits()) return false;
  }
  return true;
}

}  // namespace gantry::wire
