#include "key_text.hpp"

#include <gantry/cap/key_index.h>

#include <cstdlib>
#include <cstring>
#include <limits>

#include "cpp/values.hpp"
#include "protocol/properties.hpp"
#include "protocol/utf8.hpp"

namespace gantry::store_file {
namespace {

constexpr int32_t transaction_rollback = 0xc;  // both bits of the transaction mask
constexpr std::string_view tag_prefix = "T#";

// Java's String.hashCode, continued behind a text whose hash is `hash`.
uint32_t continue_hash(uint32_t hash, std::string_view utf8) {
  constexpr uint32_t power_2 = 31 * 31, power_3 = power_2 * 31, power_4 = power_3 * 31;
  while (!utf8.empty()) {
    // Four at a time: their products don't wait for one another.
    for (uint32_t four; utf8.size() >= sizeof four; utf8.remove_prefix(sizeof four)) {
      std::memcpy(&four, utf8.data(), sizeof four);
      if ((four & 0x80808080) != 0) break;
      const auto* const at = reinterpret_cast<const uint8_t*>(utf8.data());
      hash = hash * power_4 + at[0] * power_3 + at[1] * power_2 + at[2] * 31 + at[3];
    }
    if (utf8.empty()) break;
    const auto first = static_cast<uint8_t>(utf8.front());
    if (first < 0x80) {
      hash = hash * 31 + first;
      utf8.remove_prefix(1);
      continue;
    }
    const protocol::CodePoint point = protocol::decode_utf8(utf8);
    utf8.remove_prefix(point.bytes);
    if (point.value < 0x10000) {
      hash = hash * 31 + point.value;
    } else {  // two UTF-16 code units
      hash = hash * 31 + (0xd800 + ((point.value - 0x10000) >> 10));
      hash = hash * 31 + (0xdc00 + ((point.value - 0x10000) & 0x3ff));
    }
  }
  return hash;
}

// Math.abs of the smallest integer is itself, and then 0 is taken.
int32_t not_negative(uint32_t hash) {
  const auto number = static_cast<int32_t>(hash);
  return number == std::numeric_limits<int32_t>::min() ? 0 : std::abs(number);
}

uint32_t topic_hash(std::string_view topic) {
  return continue_hash(continue_hash(0, topic), "#");
}

struct Keys {
  std::string_view unique;
  std::string_view keys;
  std::string_view tags;
};

Keys find_keys(std::string_view property_text) {
  Keys out;
  for (const auto& [name, value] : protocol::Properties(property_text)) {
    if (name == protocol::property::unique_key) out.unique = value;
    if (name == protocol::property::keys) out.keys = value;
    if (name == protocol::property::tags) out.tags = value;
  }
  return out;
}

}  // namespace

int32_t key_hash(std::string_view topic, uint32_t kind, std::string_view key) {
  uint32_t hash = topic_hash(topic);
  if (kind == GANTRY_KEY_TAG) hash = continue_hash(hash, tag_prefix);
  return not_negative(continue_hash(hash, key));
}

void hash_keys(const gantry_message& message, std::vector<int32_t>& out) {
  out.clear();
  if ((message.sys_flag & transaction_rollback) == transaction_rollback) return;
  Keys found = find_keys(sdk::view(message.property_text));
  if (found.unique.empty() && found.keys.empty() && found.tags.empty()) return;
  const uint32_t topic = topic_hash(sdk::view(message.topic));
  const auto add = [&](uint32_t prefix, std::string_view key) {
    if (!key.empty()) out.push_back(not_negative(continue_hash(prefix, key)));
  };
  add(topic, found.unique);
  while (!found.keys.empty()) {
    const size_t space = found.keys.find(' ');
    add(topic, found.keys.substr(0, space));
    found.keys = space == found.keys.npos ? std::string_view() : found.keys.substr(space + 1);
  }
  add(continue_hash(topic, tag_prefix), found.tags);
}

}  // namespace gantry::store_file
