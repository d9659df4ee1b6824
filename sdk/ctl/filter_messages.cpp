#include "filter_messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace gantry::ctl {
namespace {

constexpr uint64_t bytes_max = 512 << 20;  // of all that is read; what is beyond stays unread
constexpr int64_t pull_messages_max = 32;  // brokers cut longer pulls

// Queue offsets [begin, end) of one queue.
struct Range {
  client::Queue queue;
  int64_t begin = 0;
  int64_t end = 0;

  int64_t size() const { return end - begin; }
};

// What there is for the group, or for all.
Outcome<std::vector<Range>> ranges_of(client::Cluster& cluster, const MessagesWanted& wanted) {
  client::Admin admin(cluster);
  const auto stats = admin.topic_stats(wanted.topic);
  if (!stats) return stats.error();
  const auto route = cluster.route(wanted.topic);
  if (!route) return route.error();
  protocol::ConsumeStats consumed;
  if (!wanted.group.empty()) {
    auto told = admin.consume_stats(wanted.group);  // asked for a topic, brokers make zeros up
    if (!told) return told.error();
    consumed = std::move(*told);
    const auto is_of_topic = [&](const auto& queue) { return queue.first.topic == wanted.topic; };
    if (std::ranges::none_of(consumed.queues, is_of_topic)) {
      return fail(
          fmt::format("group {} has never consumed of topic {}: without --group the newest "
                      "messages are taken",
                      wanted.group, wanted.topic));
    }
  }
  std::vector<Range> out;
  for (const client::Queue& queue : client::readable_queues(*route)) {
    const client::MessageQueue key{wanted.topic, queue.broker, queue.id};
    const auto bounds = stats->queues.find(key);
    if (bounds == stats->queues.end()) continue;  // nothing was ever sent there
    Range range{queue, bounds->second.min_offset, bounds->second.max_offset};
    if (const auto at = consumed.queues.find(key); at != consumed.queues.end()) {
      range.begin = std::clamp(at->second.consumed, range.begin, range.end);
    }
    out.push_back(range);
  }
  return out;
}

// As many of each queue as come to the count together: short queues leave their share to longer
// ones.
void share_out(std::vector<Range>& ranges, const MessagesWanted& wanted) {
  const bool from_first = !wanted.group.empty() && !wanted.from_last;
  std::vector<Range*> by_size;
  for (Range& range : ranges) by_size.push_back(&range);
  std::ranges::stable_sort(by_size, {}, [](const Range* range) { return range->size(); });
  int64_t left = wanted.count;
  for (size_t i = 0; i < by_size.size(); ++i) {
    Range& range = *by_size[i];
    const int64_t take = std::min(range.size(), left / static_cast<int64_t>(by_size.size() - i));
    left -= take;
    if (from_first) {
      range.end = range.begin + take;
    } else {
      range.begin = range.end - take;
    }
  }
}

Outcome<void> read_range(client::Admin& admin, const std::string& topic, const Range& range,
                         StoredMessages& out) {
  const auto index = static_cast<uint32_t>(out.queues.size());
  out.queues.push_back(range.queue);
  for (int64_t at = range.begin; at < range.end && out.records.bytes() < bytes_max;) {
    const auto most = static_cast<int32_t>(std::min(pull_messages_max, range.end - at));
    auto pulled = admin.records(topic, range.queue, at, most);
    if (!pulled) return pulled.error();
    try {
      out.records.add(std::move(pulled->bytes));
    } catch (const std::exception& wrong) {
      return fail(fmt::format("broker {}: {}", range.queue.address, wrong.what()));
    }
    out.queue_of.resize(out.records.size(), index);
    if (pulled->next_offset <= at) break;
    at = pulled->next_offset;
  }
  return {};
}

}  // namespace

Outcome<StoredMessages> read_messages(client::Cluster& cluster, const MessagesWanted& wanted) {
  auto ranges = ranges_of(cluster, wanted);
  if (!ranges) return ranges.error();
  share_out(*ranges, wanted);
  client::Admin admin(cluster);
  StoredMessages out;
  for (const Range& range : *ranges) {
    if (auto read = read_range(admin, wanted.topic, range, out); !read) return read.error();
  }
  return out;
}

}  // namespace gantry::ctl
