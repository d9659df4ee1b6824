#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <vector>

#include "protocol/json.hpp"
#include "protocol/json_reference.hpp"
#include "protocol/utf8.hpp"

namespace gantry::protocol {
namespace {

namespace bj = boost::json;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Recursive descent, building the tree in place: what is read so far hangs on root_, so that a
// reference can be looked up in it. Every parse function answers false after noting what is wrong.
class Reader {
 public:
  Reader(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Result<bj::value> document() {
    if (text_.size() > limits_.bytes_max) {
      return error("the document has " + std::to_string(text_.size()) + " bytes, more than " +
                   std::to_string(limits_.bytes_max));
    }
    skip_blanks();
    if (!parse_value(root_)) return fault_;
    skip_blanks();
    if (at_ != text_.size()) {
      fail("something follows the document");
      return fault_;
    }
    return std::move(root_);
  }

 private:
  bool fail(std::string_view what) { return fail_at(at_, what); }
  bool fail_at(std::size_t position, std::string_view what) {
    fault_ = error("byte " + std::to_string(position) + ": " + std::string(what));
    return false;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool parse_value(bj::value& out) {
    switch (peek()) {
      case '{':
        return nested(out, &Reader::parse_object);
      case '[':
        return nested(out, &Reader::parse_array);
      case '"': {
        std::string text;
        if (!parse_string(text)) return false;
        out = bj::string_view(text.data(), text.size());
        return true;
      }
      case 't':
        out = true;
        return parse_word("true");
      case 'f':
        out = false;
        return parse_word("false");
      case 'n':
        out = nullptr;
        return parse_word("null");
      default:
        if (is_digit(peek()) || peek() == '-') return parse_number(out);
        return fail(at_ == text_.size() ? "the document ends here" : "expected a value");
    }
  }

  bool nested(bj::value& out, bool (Reader::*parse)(bj::value&)) {
    if (open_.size() >= limits_.depth_max) {
      return fail("nested deeper than " + std::to_string(limits_.depth_max));
    }
    open_.push_back(&out);
    const bool good = (this->*parse)(out);
    open_.pop_back();
    return good;
  }

  bool parse_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail("expected a value");
    at_ += word.size();
    return true;
  }

  bool parse_array(bj::value& out) {
    bj::array& array = out.emplace_array();
    ++at_;
    skip_blanks();
    if (take(']')) return true;
    do {
      skip_blanks();
      array.emplace_back(nullptr);
      if (!parse_value(array.back())) return false;
      skip_blanks();
    } while (take(','));
    return take(']') || fail("expected ',' or ']' in an array");
  }

  bool parse_object(bj::value& out) {
    const std::size_t start = at_;
    bj::object& object = out.emplace_object();
    ++at_;
    skip_blanks();
    if (take('}')) return true;
    do {
      skip_blanks();
      std::string key;
      if (!parse_key(key)) return false;
      skip_blanks();
      if (!take(':')) return fail("expected ':' after a key");
      skip_blanks();
      bj::value& member = object[key];
      member = nullptr;
      if (!parse_value(member)) return false;
      skip_blanks();
    } while (take(','));
    if (!take('}')) return fail("expected ',' or '}' in an object");
    const bj::value* reference = object.size() == 1 ? object.if_contains("$ref") : nullptr;
    if (!reference || !reference->is_string()) return true;
    return resolve(out, std::string(reference->as_string().c_str(), reference->as_string().size()),
                   start);
  }

  bool parse_key(std::string& key) {
    if (peek() == '"') return parse_string(key);
    if (is_digit(peek()) || peek() == '-') {
      const std::size_t start = at_;
      take('-');
      while (is_digit(peek())) ++at_;
      key = text_.substr(start, at_ - start);
      return key != "-" || fail("expected a key");
    }
    if (peek() != '{') return fail("expected a key");
    bj::value object;
    if (!nested(object, &Reader::parse_object)) return false;
    key = canonical_json(object);
    return true;
  }

  // `out`, one of the open containers, is a reference: puts a copy of what it names there.
  bool resolve(bj::value& out, const std::string& path, std::size_t start) {
    const std::string name = "the reference \"" + path + "\" ";
    const bj::value* target = find_path(root_, path);
    const bool around = path == ".." || path == "@" ||
                        (target && std::find(open_.begin(), open_.end(), target) != open_.end());
    if (around) return fail_at(start, name + "names a value that contains it");
    if (!target) return fail_at(start, name + "names nothing that came before it");
    const std::size_t bytes_left = limits_.copied_bytes_max - copied_bytes_;
    const TreeSize size = tree_size(*target, bytes_left);
    if (size.bytes > bytes_left) {
      return fail_at(start, name + "makes more than " + std::to_string(limits_.copied_bytes_max) +
                                " copied bytes");
    }
    if (open_.size() + size.depth > limits_.depth_max + 1) {
      return fail_at(start, name + "nests deeper than " + std::to_string(limits_.depth_max));
    }
    copied_bytes_ += size.bytes;
    bj::value copy = *target;
    out = std::move(copy);
    return true;
  }

  bool parse_number(bj::value& out) {
    const std::size_t start = at_;
    take('-');
    const std::size_t digits = at_;
    while (is_digit(peek())) ++at_;
    if (at_ == digits) return fail_at(start, "a number without digits");
    if (at_ - digits > 1 && text_[digits] == '0') return fail_at(start, "a number with leading 0");
    const bool whole = peek() != '.' && peek() != 'e' && peek() != 'E';
    if (!whole && !parse_fraction(start)) return false;
    const char* first = text_.data() + start;
    const char* last = text_.data() + at_;
    std::int64_t number = 0;
    if (whole && std::from_chars(first, last, number).ec == std::errc()) {
      out = number;
      return true;
    }
    double real = 0;
    if (std::from_chars(first, last, real).ec != std::errc() || !std::isfinite(real)) {
      return fail_at(start,
                     "a number too large: " + std::string(first, std::min(last, first + 40)));
    }
    out = real;
    return true;
  }

  bool parse_fraction(std::size_t start) {
    const auto digits = [this] {
      const std::size_t first = at_;
      while (is_digit(peek())) ++at_;
      return at_ > first;
    };
    if (take('.') && !digits()) return fail_at(start, "a number without digits after '.'");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return fail_at(start, "a number without digits in its exponent");
    }
    return true;
  }

  // Control characters may stand in strings as they are: fastjson takes them too.
  bool parse_string(std::string& out) {
    const std::size_t start = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!parse_escape(out)) return false;
        continue;
      }
      const CodePoint point = decode_utf8(text_.substr(at_));
      if (!point.valid) return fail("a string that is not UTF-8");
      out.append(text_, at_, point.bytes);
      at_ += point.bytes;
    }
    return fail_at(start, "a string without end");
  }

  bool parse_escape(std::string& out) {
    static constexpr std::string_view letters = "\"\\/bfnrt";
    static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const std::size_t start = at_++;
    const char letter = peek();
    if (const auto found = letters.find(letter); at_ < text_.size() && found != letters.npos) {
      out.push_back(meanings[found]);
      ++at_;
      return true;
    }
    std::uint32_t unit = 0;
    if (letter != 'u' || !parse_unit(unit)) return fail_at(start, "an unknown escape in a string");
    if (unit >= 0xd800 && unit < 0xdc00 && text_.substr(at_, 2) == "\\u") {
      const std::size_t before = at_++;
      std::uint32_t low = 0;
      if (parse_unit(low) && low >= 0xdc00 && low < 0xe000) {
        append_utf8(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
        return true;
      }
      at_ = before;
    }
    append_utf8(out, unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
    return true;
  }

  // At the 'u' of \uXXXX.
  bool parse_unit(std::uint32_t& unit) {
    const std::string_view digits = text_.substr(at_ + 1, 4);
    const auto [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    if (digits.size() != 4 || fault != std::errc() || end != digits.data() + 4) return false;
    at_ += 5;
    return true;
  }

  const std::string_view text_;
  const JsonLimits& limits_;
  std::size_t at_ = 0;
  std::size_t copied_bytes_ = 0;
  bj::value root_;
  std::vector<const bj::value*> open_;  // the containers around at_, outermost first
  Error fault_;
};

}  // namespace

Result<bj::value> read_json(std::string_view text, const JsonLimits& limits) {
  return Reader(text, limits).document();
}

Result<bj::value> read_json_key(std::string_view key) {
  auto value = read_json(key);
  if (value.has_value() && !value->is_object()) return error("the key is not an object");
  return value;
}

}  // namespace gantry::protocol
