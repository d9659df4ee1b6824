#include "tag_program.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "cpp/values.hpp"
#include "protocol/ids.hpp"
#include "protocol/properties.hpp"

namespace gantry::filter_tag {
namespace {

std::vector<int32_t> codes_of(const std::vector<std::string>& tags) {
  std::vector<int32_t> codes;
  codes.reserve(tags.size());
  for (const std::string& tag : tags) codes.push_back(protocol::string_hash(tag));
  return codes;
}

std::string_view tag_of(const gantry_message& message) {
  if ((message.flags & GANTRY_MSG_PARSED) == 0) {
    return protocol::find_property(sdk::view(message.property_text), protocol::property::tags)
        .value_or(std::string_view());
  }
  std::string_view tag;
  for (uint32_t i = 0; i < message.property_count; ++i) {
    if (sdk::view(message.properties[i].key) != protocol::property::tags) continue;
    tag = sdk::view(message.properties[i].value);
  }
  return tag;
}

}  // namespace

TagProgram::TagProgram(TagExpression expression)
    : expression_(std::move(expression)), codes_(codes_of(expression_.tags)) {}

void TagProgram::match_index(const gantry_call&, std::span<const gantry_index_entry> entries,
                             uint8_t* verdicts) const {
  if (expression_.everything || expression_.tags.empty()) {
    std::memset(verdicts, expression_.everything ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP,
                entries.size());
    return;
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto code = static_cast<int32_t>(entries[i].code);
    const bool is_hash = code == entries[i].code;
    verdicts[i] = !is_hash || codes_.contains(code) ? GANTRY_VERDICT_LOOK : GANTRY_VERDICT_SKIP;
  }
}

void TagProgram::match(const gantry_call&, const gantry_batch& batch, uint8_t* verdicts) const {
  const auto* first = reinterpret_cast<const char*>(batch.first);
  for (uint32_t i = 0; i < batch.count; ++i) {
    const auto& message =
        *reinterpret_cast<const gantry_message*>(first + size_t{i} * batch.stride);
    verdicts[i] = has(tag_of(message)) ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
  }
}

bool TagProgram::has(std::string_view tag) const {
  return expression_.everything ||
         std::binary_search(expression_.tags.begin(), expression_.tags.end(), tag);
}

}  // namespace gantry::filter_tag
