#include "request.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "base/endian.hpp"
#include "wire/encode.hpp"

namespace gantry::bench {
namespace {

constexpr std::string_view group = "bench_producer";
constexpr std::string_view born = "1732470000123";
constexpr std::string_view number = "00000000";
constexpr std::string_view unique_key = "7F0000010A2C18B4AAC2158E00000000";  // ends in the number
constexpr std::string_view key = "order-eu-00000000";
constexpr int32_t java_version = 513;

static_assert(born.size() == born_ms_digits);
static_assert(unique_key.ends_with(number) && key.ends_with(number));

std::string properties(bool keys, std::string_view name_end, std::string_view value_end) {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    text += fmt::format("{}{}{}{}", name, name_end, value, value_end);
  };
  if (keys) add("KEYS", key);
  add("UNIQ_KEY", unique_key);
  add("WAIT", "true");
  add("TAGS", "created");
  return text;
}

// In the order and spelling of the Java client, which escapes what separates properties.
std::string json_header(const RequestOptions& options) {
  return fmt::format(
      R"({{"code":{},"extFields":{{"a":"{}","b":"{}","c":"TBW102","d":"8","e":"{}","f":"0",)"
      R"("g":"{}","h":"0","i":"{}","j":"0","k":"false","m":"false","n":"broker-a"}},"flag":0,)"
      R"("language":"JAVA","opaque":{},"serializeTypeCurrentRPC":"JSON","version":{}}})",
      options.code, group, options.topic, options.queue_id, born,
      properties(options.keys, R"(\u0001)", R"(\u0002)"), opaque_min, java_version);
}

std::vector<uint8_t> json_head(const RequestOptions& options) {
  const std::string header = json_header(options);
  std::vector<uint8_t> head(wire::prefix_bytes + header.size());
  const auto rest = static_cast<uint32_t>(4 + header.size() + options.body_bytes);
  store_be(head.data(), rest);
  store_be(head.data() + 4, static_cast<uint32_t>(header.size()));
  std::memcpy(head.data() + wire::prefix_bytes, header.data(), header.size());
  return head;
}

std::vector<uint8_t> compact_head(const RequestOptions& options) {
  const std::string queue_id = std::to_string(options.queue_id);
  const std::string text = properties(options.keys, "\1", "\2");
  const std::array<Field, 13> fields = {{
      {Text("a"), Text(group)},
      {Text("b"), Text(options.topic)},
      {Text("c"), Text("TBW102")},
      {Text("d"), Text("8")},
      {Text("e"), Text(queue_id)},
      {Text("f"), Text("0")},
      {Text("g"), Text(born)},
      {Text("h"), Text("0")},
      {Text("i"), Text(text)},
      {Text("j"), Text("0")},
      {Text("k"), Text("false")},
      {Text("m"), Text("false")},
      {Text("n"), Text("broker-a")},
  }};
  wire::Header header;
  header.code = options.code;
  header.version = java_version;
  header.opaque = opaque_min;
  header.fields = fields;
  header.has_fields = true;
  wire::ByteSink out;
  if (const ErrorCode error =
          wire::encode_head(wire::Serialize::compact, header, options.body_bytes, out)) {
    throw std::runtime_error(error.message());
  }
  return {out.bytes().begin(), out.bytes().end()};
}

}  // namespace

RequestShape::RequestShape(const RequestOptions& options)
    : serialize_(options.serialize),
      bytes_(serialize_ == wire::Serialize::json ? json_head(options) : compact_head(options)) {
  find_parts(options.keys);
  for (uint32_t i = 0; i < options.body_bytes; ++i) {
    bytes_.push_back(static_cast<uint8_t>('a' + i % 26));
  }
}

void RequestShape::find_parts(bool keys) {
  const std::string_view head(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
  constexpr uint64_t compact_opaque_at = wire::prefix_bytes + 5;  // code, language, version
  opaque_at_ = serialize_ == wire::Serialize::compact
                   ? compact_opaque_at
                   : head.rfind(fmt::format(R"("opaque":{})", opaque_min)) + 9;
  born_at_ = head.find(born);
  unique_key_at_ = head.find(unique_key) + unique_key.size() - number.size();
  if (keys) key_at_ = head.find(key) + key.size() - number.size();
}

void RequestShape::stamp(uint8_t* frame, int32_t opaque, uint32_t value,
                         std::string_view born_ms) const {
  if (serialize_ == wire::Serialize::compact) {
    store_be(frame + opaque_at_, opaque);
  } else {
    char* const digits = reinterpret_cast<char*>(frame) + opaque_at_;
    std::to_chars(digits, digits + 10, opaque);
  }
  std::memcpy(frame + born_at_, born_ms.data(), born_ms_digits);
  std::array<uint8_t, number.size()> hex;
  for (size_t i = hex.size(); i-- > 0; value >>= 4) {
    hex[i] = static_cast<uint8_t>("0123456789ABCDEF"[value & 15]);
  }
  std::memcpy(frame + unique_key_at_, hex.data(), hex.size());
  if (key_at_ != 0) std::memcpy(frame + key_at_, hex.data(), hex.size());
}

}  // namespace gantry::bench
