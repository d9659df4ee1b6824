#include "client/allocation.hpp"

#include <algorithm>
#include <optional>

namespace gantry::client {
namespace {

std::optional<size_t> place_of(std::span<const std::string> members, const std::string& member) {
  const auto found = std::find(members.begin(), members.end(), member);
  if (found == members.end()) return std::nullopt;
  return static_cast<size_t>(found - members.begin());
}

}  // namespace

std::vector<MessageQueue> allocate_average(std::span<const MessageQueue> queues,
                                           std::span<const std::string> members,
                                           const std::string& member) {
  const auto place = place_of(members, member);
  if (!place) return {};
  const size_t share = queues.size() / members.size();
  const size_t more = queues.size() % members.size();  // so many members get one more
  const size_t begin = *place * share + std::min(*place, more);
  const size_t size = share + (*place < more ? 1 : 0);
  const auto mine = queues.subspan(begin, size);
  return {mine.begin(), mine.end()};
}

std::vector<MessageQueue> allocate_by_circle(std::span<const MessageQueue> queues,
                                             std::span<const std::string> members,
                                             const std::string& member) {
  const auto place = place_of(members, member);
  if (!place) return {};
  std::vector<MessageQueue> mine;
  for (size_t i = *place; i < queues.size(); i += members.size()) mine.push_back(queues[i]);
  return mine;
}

}  // namespace gantry::client
