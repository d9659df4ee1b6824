#include "inner.hpp"

#include <charconv>
#include <limits>

#include "cpp/values.hpp"
#include "protocol/properties.hpp"

namespace gantry::store_file {
namespace {

constexpr int32_t transaction_mask = 0xc;  // of sys_flag
constexpr int32_t transaction_prepared = 0x4;
constexpr int32_t transaction_rollback = 0xc;
constexpr int32_t inner_batch_flag = 0x80;
constexpr std::string_view light_names = "INNER_MULTI_DISPATCH";
constexpr std::string_view light_numbers = "INNER_MULTI_QUEUE_OFFSET";
constexpr std::string_view light_prefix = "%LMQ%";

std::optional<std::string_view> property(const gantry_message& message, std::string_view name) {
  if ((message.flags & GANTRY_MSG_PARSED) == 0) {
    return protocol::find_property(sdk::view(message.property_text), name);
  }
  std::optional<std::string_view> out;
  for (uint32_t i = 0; i < message.property_count; ++i) {
    if (sdk::view(message.properties[i].key) == name) out = sdk::view(message.properties[i].value);
  }
  return out;
}

std::optional<int64_t> number(std::string_view text) {
  int64_t value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < 0) return std::nullopt;
  return value;
}

// The part before the next comma, taken off `text`.
std::string_view next_part(std::string_view& text) {
  const size_t comma = text.find(',');
  const std::string_view out = text.substr(0, comma);
  text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
  return out;
}

}  // namespace

bool takes_queue_offset(const gantry_message& message) {
  const int32_t kind = message.sys_flag & transaction_mask;
  return kind != transaction_prepared && kind != transaction_rollback;
}

std::optional<InnerBatch> inner_batch(const gantry_message& message) {
  if ((message.sys_flag & inner_batch_flag) == 0) return std::nullopt;
  const auto base = property(message, protocol::property::inner_base);
  const auto count = property(message, protocol::property::inner_num);
  if (!base || !count) return std::nullopt;
  const auto base_number = number(*base);
  const auto count_number = number(*count);
  if (!base_number || !count_number || *base_number != message.queue_offset) return std::nullopt;
  if (*count_number < 1 || *count_number > std::numeric_limits<int16_t>::max()) return std::nullopt;
  return InnerBatch{*base_number, static_cast<int32_t>(*count_number)};
}

// One look for the name in the text spares nearly all records the scan.
std::vector<LightQueue> light_queues(const gantry_message& message) {
  std::vector<LightQueue> out;
  const bool parsed = (message.flags & GANTRY_MSG_PARSED) != 0;
  if (!parsed && sdk::view(message.property_text).find(light_names) == std::string_view::npos) {
    return out;
  }
  auto names = property(message, light_names);
  auto numbers = property(message, light_numbers);
  if (!names || !numbers) return out;
  while (!names->empty() && !numbers->empty()) {
    const std::string_view name = next_part(*names);
    const auto offset = number(next_part(*numbers));
    if (!offset) return {};
    if (name.starts_with(light_prefix)) out.push_back({name, *offset});
  }
  if (!names->empty() || !numbers->empty()) return {};
  return out;
}

}  // namespace gantry::store_file
