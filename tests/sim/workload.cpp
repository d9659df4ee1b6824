#include "workload.hpp"

#include <algorithm>
#include <cstring>

namespace gantry::sim {

std::string property(std::string_view name, int64_t value) {
  return fmt::format("{}\x01{}\x02", name, value);
}

std::string property_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find('\x02'));
    if (one.starts_with(name) && one.size() > name.size() && one[name.size()] == '\x01')
      return std::string(one.substr(name.size() + 1));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
  }
  return {};
}

bool is_further(const QueueName& queue) {
  return std::ranges::find(further_queues, queue.first) != std::end(further_queues);
}

QueueName draw_queue(testing::Rng& rng) {
  static const std::string topics[] = {"T", std::string(delay_topic), "orders",
                                       std::string(140, 'l')};
  const uint64_t topic = rng.below(16);
  const auto queue = static_cast<int32_t>(rng.below(3));
  if (topic == 0) return {topics[3], queue};
  return {topics[topic % 3], queue};
}

std::string draw_body(testing::Rng& rng, uint64_t serial, uint64_t overhead, uint64_t room) {
  constexpr uint64_t sizes[] = {40, 600, 600, 4000, 4000, 9000, 30000};
  uint64_t size = sizeof serial + rng.below(sizes[rng.below(std::size(sizes))]);
  if (rng.below(8) == 0 && room > overhead + 64) {
    const uint64_t spare = rng.below(20);  // a blank record takes 8
    size = std::max<uint64_t>(room - overhead - std::min(room - overhead, spare), sizeof serial);
  }
  std::string body(size, static_cast<char>('a' + serial % 26));
  std::memcpy(body.data(), &serial, sizeof serial);
  return body;
}

}  // namespace gantry::sim
