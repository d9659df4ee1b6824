#include "protocol/body_members.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "protocol/headers.hpp"
#include "protocol/json.hpp"

namespace gantry::protocol {
namespace bj = boost::json;

Members::Members(const bj::value& json, std::string_view what)
    : what_(what), object_(json.if_object()) {
  static const bj::object none;
  if (object_) return;
  object_ = &none;
  wrong("", json, "an object");
}

const bj::value* Members::find(std::string_view name) const {
  const auto* json = object_->if_contains(name);
  return json && !json->is_null() ? json : nullptr;
}

void Members::wrong(std::string_view name, const bj::value& json, std::string_view wanted) {
  if (!ok()) return;
  static constexpr std::size_t shown_bytes_max = 100;
  std::string shown = write_json(json);
  if (shown.size() > shown_bytes_max) shown = shown.substr(0, shown_bytes_max) + "...";
  const std::string place = name.empty() ? what_ : what_ + "." + std::string(name);
  error_ = protocol::error(place + " is " + shown + ", not " + std::string(wanted));
}

bool Members::number(std::string_view name, const bj::value& json, std::int64_t& out) {
  if (const auto* whole = json.if_int64()) {
    out = *whole;
    return true;
  }
  if (const auto* real = json.if_double(); real && std::fabs(*real) < 9e18) {
    out = static_cast<std::int64_t>(*real);
    return true;
  }
  if (const auto* digits = json.if_string()) {
    if (const auto parsed = parse_i64(text_of(*digits))) {
      out = *parsed;
      return true;
    }
  }
  wrong(name, json, "a whole number");
  return false;
}

bool Members::text(std::string_view name, const bj::value& json, std::string& out) {
  if (const auto* string = json.if_string()) {
    out = text_of(*string);
    return true;
  }
  if (json.is_number() || json.is_bool()) {  // fastjson takes them as texts
    out = write_json(json);
    return true;
  }
  wrong(name, json, "a text");
  return false;
}

void Members::texts(std::string_view name, const bj::value& json, std::vector<std::string>& out) {
  const auto* items = json.if_array();
  if (!items) return wrong(name, json, "a list");
  for (const auto& item : *items) {
    if (item.is_null()) continue;
    if (!text(name, item, out.emplace_back())) return;
  }
}

const bj::array& Members::array(std::string_view name) {
  static const bj::array none;
  const auto* json = find(name);
  if (!json) return none;
  if (const auto* items = json->if_array()) return *items;
  wrong(name, *json, "a list");
  return none;
}

const bj::object& Members::object(std::string_view name) {
  static const bj::object none;
  const auto* json = find(name);
  if (!json) return none;
  if (const auto* members = json->if_object()) return *members;
  wrong(name, *json, "an object");
  return none;
}

int Members::enum_index(std::string_view name, std::span<const std::string_view> names,
                        int absent) {
  const auto* json = find(name);
  if (!json) return absent;
  std::int64_t ordinal = -1;
  if (const auto* string = json->if_string()) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == text_of(*string)) return static_cast<int>(i);
    }
    ordinal = parse_i64(text_of(*string)).value_or(-1);
  } else if (const auto* whole = json->if_int64()) {
    ordinal = *whole;
  }
  if (ordinal >= 0 && ordinal < static_cast<std::int64_t>(names.size())) {
    return static_cast<int>(ordinal);
  }
  std::string wanted = "one of";
  for (const auto& one : names) wanted += (&one == names.data() ? " " : ", ") + std::string(one);
  wrong(name, *json, wanted);
  return absent;
}

void Members::read(std::string_view name, bool& out) {
  const auto* json = find(name);
  if (!json) return;
  if (const auto* truth = json->if_bool()) {
    out = *truth;
  } else if (const auto* word = json->if_string()) {
    out = parse_bool(text_of(*word));
  } else if (std::int64_t value = 0; number(name, *json, value)) {
    out = value != 0;
  }
}

void Members::read(std::string_view name, std::int64_t& out) {
  if (const auto* json = find(name)) number(name, *json, out);
}

void Members::read_unsigned(std::string_view name, std::int64_t& out) {
  const auto* json = find(name);
  if (const auto* digits = json ? json->if_string() : nullptr) {
    const std::string_view text = text_of(*digits);
    std::uint64_t bits = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error == std::errc() && end == text.data() + text.size()) {
      out = static_cast<std::int64_t>(bits);
      return;
    }
  }
  read(name, out);
}

void Members::read(std::string_view name, std::int32_t& out) {
  const auto* json = find(name);
  std::int64_t value = 0;
  if (!json || !number(name, *json, value)) return;
  using Limits = std::numeric_limits<std::int32_t>;
  if (value < Limits::min() || value > Limits::max()) {
    return wrong(name, *json, "a 32-bit whole number");
  }
  out = static_cast<std::int32_t>(value);
}

void Members::read(std::string_view name, std::string& out) {
  if (const auto* json = find(name)) text(name, *json, out);
}

void Members::read(std::string_view name, std::vector<std::string>& out) {
  if (const auto* json = find(name)) texts(name, *json, out);
}

void Members::read(std::string_view name, std::vector<std::int32_t>& out) {
  for (const auto& item : array(name)) {
    std::int64_t value = 0;
    if (!number(name, item, value)) return;
    out.push_back(static_cast<std::int32_t>(value));  // hashes: only the 32 bits matter
  }
}

void Members::read(std::string_view name, std::map<std::string, std::string>& out) {
  for (const auto& member : object(name)) {
    if (member.value().is_null()) continue;
    if (!text(name, member.value(), out[std::string(text_of(member.key()))])) return;
  }
}

void Members::read(std::string_view name, std::map<std::string, std::vector<std::string>>& out) {
  for (const auto& member : object(name)) {
    if (!member.value().is_null()) {
      texts(name, member.value(), out[std::string(text_of(member.key()))]);
    }
  }
}

void Members::read(std::string_view name, std::map<std::int64_t, std::string>& out) {
  for (const auto& member : object(name)) {
    const auto key = parse_i64(text_of(member.key()));
    if (!key) return wrong(name, bj::value(member.key()), "a whole number as key");
    if (!member.value().is_null() && !text(name, member.value(), out[*key])) return;
  }
}

void Members::read_raw(std::string_view name, std::string& out) {
  if (const auto* json = find(name)) out = write_json(*json);
}

bj::array json_texts(const std::vector<std::string>& texts) {
  bj::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

bj::object json_texts(const std::map<std::string, std::string>& texts) {
  bj::object out;
  for (const auto& [key, text] : texts) out[key] = text;
  return out;
}

bj::object json_texts(const std::map<std::string, std::vector<std::string>>& lists) {
  bj::object out;
  for (const auto& [key, texts] : lists) out[key] = json_texts(texts);
  return out;
}

bj::object json_texts(const std::map<std::int64_t, std::string>& texts) {
  bj::object out;
  for (const auto& [key, text] : texts) out[std::to_string(key)] = text;
  return out;
}

bj::value json_raw(std::string_view text) {
  auto value = read_json(text);
  return value.has_value() ? std::move(*value) : bj::value(nullptr);
}

}  // namespace gantry::protocol
