// Header fields (extFields) as typed values, in both directions. Borrowed: texts point into the
// request's fields, nothing is copied. Any thread.
//
//   FieldReader in(std::span(request->fields, request->field_count));
//   const auto topic = in.text("topic");
//   const auto queue = in.i32("queueId");
//   if (!in.ok()) return answer(response_code::system_error, in.error().text);
//
// The first thing wrong sticks, and later reads give zeros. A missing or malformed field is
// answered with code 1, as Java does; a boolean is true for "true" in any case, else false.
#pragma once

#include <cstdint>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/result.hpp"

namespace gantry::protocol {

// Fields to send; order is theirs.
using Fields = std::vector<std::pair<std::string, std::string>>;

namespace detail {

// A text of the C ABI has data and size as members, std's have them as functions.
template <class Text>
constexpr std::string_view view_of(const Text& text) {
  if constexpr (requires { text.data(); }) {
    return {text.data(), text.size()};
  } else {
    return {text.data, static_cast<std::size_t>(text.size)};
  }
}

template <class Field>
constexpr std::string_view key_of(const Field& field) {
  if constexpr (requires { field.key; }) {
    return view_of(field.key);
  } else {
    return view_of(field.first);
  }
}

template <class Field>
constexpr std::string_view value_of(const Field& field) {
  if constexpr (requires { field.value; }) {
    return view_of(field.value);
  } else {
    return view_of(field.second);
  }
}

Error missing_field(std::string_view name);
Error malformed_field(std::string_view name, std::string_view value, std::string_view wanted);

}  // namespace detail

// Java's Integer.parseInt and Long.parseLong: decimal, a sign allowed.
std::optional<std::int32_t> parse_i32(std::string_view text);
std::optional<std::int64_t> parse_i64(std::string_view text);
bool parse_bool(std::string_view text);

// Over an array of fields: anything with .key and .value, or .first and .second.
template <class Field>
class FieldReader {
 public:
  explicit FieldReader(std::span<const Field> fields) : fields_(fields) {}

  bool ok() const { return error_.text.empty(); }
  const Error& error() const { return error_; }

  std::optional<std::string_view> find(std::string_view name) const {
    for (const auto& field : fields_) {
      if (detail::key_of(field) == name) return detail::value_of(field);
    }
    return std::nullopt;
  }

  std::string_view text(std::string_view name) {
    auto value = find(name);
    if (!value) note(detail::missing_field(name));
    return value.value_or(std::string_view());
  }
  std::string_view text_or(std::string_view name, std::string_view absent) const {
    return find(name).value_or(absent);
  }

  std::int32_t i32(std::string_view name) {
    return required(name, parse_i32, "a 32-bit whole number").value_or(0);
  }
  std::int64_t i64(std::string_view name) {
    return required(name, parse_i64, "a 64-bit whole number").value_or(0);
  }
  std::int32_t i32_or(std::string_view name, std::int32_t absent) {
    return optional_i32(name).value_or(absent);
  }
  std::int64_t i64_or(std::string_view name, std::int64_t absent) {
    return optional_i64(name).value_or(absent);
  }
  std::optional<std::int32_t> optional_i32(std::string_view name) {
    return optional(name, parse_i32, "a 32-bit whole number");
  }
  std::optional<std::int64_t> optional_i64(std::string_view name) {
    return optional(name, parse_i64, "a 64-bit whole number");
  }

  bool flag(std::string_view name) { return parse_bool(text(name)); }
  bool flag_or(std::string_view name, bool absent) const {
    auto value = find(name);
    return value ? parse_bool(*value) : absent;
  }
  std::optional<bool> optional_flag(std::string_view name) const {
    auto value = find(name);
    return value ? std::optional(parse_bool(*value)) : std::nullopt;
  }

 private:
  void note(Error error) {
    if (ok()) error_ = std::move(error);
  }

  template <class Parse>
  auto parsed(std::string_view name, std::string_view value, Parse parse, std::string_view wanted)
      -> decltype(parse(name)) {
    auto number = parse(value);
    if (!number) note(detail::malformed_field(name, value, wanted));
    return number;
  }

  template <class Parse>
  auto optional(std::string_view name, Parse parse, std::string_view wanted)
      -> decltype(parse(name)) {
    const auto value = find(name);
    if (!value) return std::nullopt;
    return parsed(name, *value, parse, wanted);
  }

  template <class Parse>
  auto required(std::string_view name, Parse parse, std::string_view wanted)
      -> decltype(parse(name)) {
    const auto value = find(name);
    if (value) return parsed(name, *value, parse, wanted);
    note(detail::missing_field(name));
    return std::nullopt;
  }

  std::span<const Field> fields_;
  Error error_;
};

template <class Range>
FieldReader(const Range&) -> FieldReader<std::ranges::range_value_t<Range>>;

}  // namespace gantry::protocol
