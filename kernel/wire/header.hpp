// Header: what a RocketMQ frame says before its body, in either serialization. A value of borrowed
// texts: it owns nothing and is valid as long as the frame and the HeaderScratch it was decoded
// with, or whatever the maker of an answer points it at. Used on any one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/text.hpp"

namespace gantry::wire {

enum class Serialize : uint8_t { json = 0, compact = 1 };

inline constexpr int32_t flag_response = 1;
inline constexpr int32_t flag_oneway = 2;

namespace language {
inline constexpr int32_t java = 0;
inline constexpr int32_t cpp = 1;
inline constexpr int32_t dotnet = 2;
inline constexpr int32_t python = 3;
inline constexpr int32_t delphi = 4;
inline constexpr int32_t erlang = 5;
inline constexpr int32_t ruby = 6;
inline constexpr int32_t other = 7;
inline constexpr int32_t http = 8;
inline constexpr int32_t go = 9;
inline constexpr int32_t php = 10;
inline constexpr int32_t oms = 11;
inline constexpr int32_t rust = 12;
inline constexpr int32_t node_js = 13;
}  // namespace language

// The enum name peers use in JSON ("NODE_JS"); "OTHER" for a number that is none.
std::string_view language_name(int32_t number);
// The number of a name, in any letter case; language::other for a name that is none.
int32_t language_number(std::string_view name);
// `number`, or language::other for a number that is none.
int32_t known_language(int32_t number);

struct Header {
  int32_t code = 0;  // of the request, or of the response
  int32_t language = language::java;
  int32_t version = 0;
  int32_t opaque = 0;
  int32_t flag = 0;
  Text remark;  // none if data is null; "" is a remark, except in compact, which can't say it
  std::span<const Field> fields;  // no key twice
  bool has_fields = false;        // an empty map is not no map: some clients need one to be there
};

// A frame with both bits is a response: that bit wins with every peer.
constexpr bool is_response(const Header& header) {
  return (header.flag & flag_response) != 0;
}
// A request nobody waits for: it must not be answered.
constexpr bool is_oneway(const Header& header) {
  return (header.flag & (flag_response | flag_oneway)) == flag_oneway;
}
constexpr bool has_remark(const Header& header) {
  return header.remark.data != nullptr;
}

// The value of a field; none if there is no such field, which is not the same as "".
constexpr std::optional<Text> find(std::span<const Field> fields, std::string_view key) {
  for (const Field& field : fields) {
    if (field.key.view() == key) return field.value;
  }
  return std::nullopt;
}

}  // namespace gantry::wire
