#include "cpp/fake/numbers.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr int32_t transaction_bits = 0xc;
constexpr int32_t transaction_commit = 0x8;
constexpr int32_t inner_batch = 0x80;
constexpr std::string_view inner_base = "INNER_BASE";
constexpr std::string_view stream_names = "INNER_MULTI_DISPATCH";
constexpr std::string_view stream_numbers = "INNER_MULTI_QUEUE_OFFSET";
constexpr uint64_t number_bytes_max = 20;  // its digits and what parts it from the next

// The first item of a list, which is cut off; nothing when the list has ended.
std::optional<std::string_view> next_item(std::optional<std::string_view>& list) {
  if (!list) return std::nullopt;
  const std::string_view item = list->substr(0, list->find(','));
  if (item.size() == list->size()) {
    list.reset();
  } else {
    list->remove_prefix(item.size() + 1);
  }
  return item;
}

}  // namespace

bool is_inner_batch(const gantry_message& record) {
  return (record.sys_flag & inner_batch) != 0;
}

int64_t numbers_taken(const gantry_message& record) {
  const int32_t kind = record.sys_flag & transaction_bits;
  if (kind != 0 && kind != transaction_commit) return 0;
  if (!is_inner_batch(record)) return 1;
  const auto count = find_property(view(record.property_text), "INNER_NUM");
  return count ? std::atoll(std::string(*count).c_str()) : 1;
}

int64_t number_behind(const gantry_message& record, std::string_view stream) {
  auto names = find_property(view(record.property_text), stream_names);
  auto numbers = find_property(view(record.property_text), stream_numbers);
  while (const auto name = next_item(names)) {
    const auto number = next_item(numbers);
    if (number && *name == stream) return std::atoll(std::string(*number).c_str()) + 1;
  }
  return 0;
}

uint64_t told_bytes_max(const gantry_message& record, uint32_t stream_count) {
  const bool base = is_inner_batch(record);
  uint64_t bytes = base || stream_count > 0 ? 1 : 0;  // an end that the text may lack
  if (base) bytes += inner_base.size() + 1 + number_bytes_max;
  if (stream_count > 0) bytes += stream_numbers.size() + 1 + stream_count * number_bytes_max;
  return bytes;
}

std::string tell_numbers(const gantry_message& record, int64_t own,
                         std::span<const int64_t> streams) {
  std::string text(view(record.property_text));
  if (is_inner_batch(record)) add_property(text, inner_base, std::to_string(own));
  std::string list;
  for (const int64_t number : streams) list += (list.empty() ? "" : ",") + std::to_string(number);
  if (!streams.empty()) add_property(text, stream_numbers, list);
  return text;
}

}  // namespace gantry::sdk::fake
