#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <vector>

#include "protocol/json.hpp"
#include "protocol/utf8.hpp"

namespace gantry::protocol {
namespace {

namespace bj = boost::json;

constexpr std::string_view raw_key_map_names[] = {
    "brokerAddrs", "consumerTable", "correctionOffsets", "currIdMap",      "messageQueueTable",
    "mqPopTable",  "mqTable",       "offsetTable",       "pullOffsetTable"};

std::string_view view(bj::string_view text) {
  return {text.data(), text.size()};
}

class Writer {
 public:
  Writer(std::string& out, JsonStyle style, bool sorted)
      : out_(out),
        legacy_(style == JsonStyle::legacy),
        escaped_(style == JsonStyle::standard_escaped),
        sorted_(sorted) {}

  void write(const bj::value& value, bool raw_keys = false) {
    switch (value.kind()) {
      case bj::kind::null:
        out_ += "null";
        break;
      case bj::kind::bool_:
        out_ += value.get_bool() ? "true" : "false";
        break;
      case bj::kind::int64:
        out_ += std::to_string(value.get_int64());
        break;
      case bj::kind::uint64:
        out_ += std::to_string(value.get_uint64());
        break;
      case bj::kind::double_:
        write_double(value.get_double());
        break;
      case bj::kind::string:
        write_string(view(value.get_string()));
        break;
      case bj::kind::array:
        write_array(value.get_array(), raw_keys);
        break;
      case bj::kind::object:
        write_object(value.get_object(), raw_keys);
        break;
    }
  }

 private:
  void write_array(const bj::array& array, bool raw_keys) {
    out_.push_back('[');
    for (const auto& item : array) {
      write(item, raw_keys);
      out_.push_back(',');
    }
    close(']');
  }

  void write_object(const bj::object& object, bool raw_keys) {
    std::vector<const bj::key_value_pair*> members;
    members.reserve(object.size());
    for (const auto& member : object) members.push_back(&member);
    if (sorted_) {
      std::sort(members.begin(), members.end(),
                [](const auto* a, const auto* b) { return a->key() < b->key(); });
    }
    out_.push_back('{');
    for (const auto* member : members) {
      const std::string_view key = view(member->key());
      write_key(key, raw_keys);
      out_.push_back(':');
      write(member->value(), legacy_ && (raw_keys || std::ranges::count(raw_key_maps, key) > 0));
      out_.push_back(',');
    }
    close('}');
  }

  // Over the ',' behind the last item, or behind the opening bracket.
  void close(char bracket) {
    if (out_.back() == ',') {
      out_.back() = bracket;
    } else {
      out_.push_back(bracket);
    }
  }

  void write_key(std::string_view key, bool raw_keys) {
    if (raw_keys && is_raw(key)) {
      out_ += key;
    } else {
      write_string(key);
    }
  }

  // An object key is checked, since what stands in a key may be somebody's own text.
  static bool is_raw(std::string_view key) {
    if (key.starts_with('{')) {
      const auto object = read_json_key(key);
      return object.has_value() && canonical_json(*object) == key;
    }
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(key.data(), key.data() + key.size(), number);
    return fault == std::errc() && end == key.data() + key.size() && key == std::to_string(number);
  }

  // Java's Double.toString: 0.05, 3.0, 1.0E7.
  void write_double(double number) {
    if (!std::isfinite(number)) {
      out_ += "null";
      return;
    }
    const double size = std::fabs(number);
    const bool plain = size == 0 || (size >= 1e-3 && size < 1e7);
    std::array<char, 40> buffer;
    const auto [end, fault] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                      plain ? std::chars_format::fixed : std::chars_format::scientific);
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::string_view mantissa = text.substr(0, text.find('e'));
    out_ += mantissa;
    if (mantissa.find('.') == std::string_view::npos) out_ += ".0";
    if (plain) return;
    std::string_view exponent = text.substr(mantissa.size() + 1);
    out_.push_back('E');
    if (exponent[0] == '-') out_.push_back('-');
    exponent.remove_prefix(std::min(exponent.find_first_not_of("+-0"), exponent.size() - 1));
    out_ += exponent;
  }

  void write_string(std::string_view text) {
    out_.push_back('"');
    while (!text.empty()) {
      const CodePoint point = decode_utf8(text);
      write_code_point(point, text.substr(0, point.bytes));
      text.remove_prefix(point.bytes);
    }
    out_.push_back('"');
  }

  void write_code_point(const CodePoint& point, std::string_view bytes) {
    static constexpr std::string_view specials = "\"\\\b\f\n\r\t";
    static constexpr std::string_view letters = "\"\\bfnrt";
    if (point.value < 0x80) {
      const char c = bytes[0];
      if (const auto found = specials.find(c); found != specials.npos) {
        out_.push_back('\\');
        out_.push_back(letters[found]);
      } else if (point.value < 0x20) {
        write_unit(point.value);
      } else {
        if (escaped_ && c == '/') out_.push_back('\\');
        out_.push_back(c);
      }
    } else if (!escaped_) {
      append_utf8(out_, point.value);
    } else if (point.value < 0x10000) {
      write_unit(point.value);
    } else {
      write_unit(0xd800 + ((point.value - 0x10000) >> 10));
      write_unit(0xdc00 + ((point.value - 0x10000) & 0x3ff));
    }
  }

  void write_unit(std::uint32_t unit) {
    static constexpr char digits[] = "0123456789ABCDEF";
    out_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out_.push_back(digits[unit >> shift & 15]);
  }

  std::string& out_;
  const bool legacy_;
  const bool escaped_;
  const bool sorted_;
};

}  // namespace

const std::span<const std::string_view> raw_key_maps = raw_key_map_names;

void append_json(std::string& out, const bj::value& value, JsonStyle style) {
  Writer(out, style, false).write(value);
}

std::string write_json(const bj::value& value, JsonStyle style) {
  std::string out;
  append_json(out, value, style);
  return out;
}

std::string canonical_json(const bj::value& value) {
  std::string out;
  Writer(out, JsonStyle::standard, true).write(value);
  return out;
}

}  // namespace gantry::protocol
