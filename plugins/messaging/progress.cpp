#include "progress.hpp"

#include <algorithm>
#include <utility>

#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/headers.hpp"
#include "reply.hpp"
#include "request_body.hpp"
#include "worker.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

std::set<std::string> split(std::string_view list) {
  std::set<std::string> items;
  while (!list.empty()) {
    const size_t end = std::min(list.find(';'), list.size());
    if (end > 0) items.emplace(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return items;
}

}  // namespace

gantry_status Progress::handle(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  Wanted wanted;
  wanted.group = in.text("consumerGroup");
  wanted.topic = in.text_or("topic", {});
  wanted.topics = split(in.text_or("topicList", {}));
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  return go_on_in_worker(
      services_, token, [this, token, wanted = std::move(wanted)](const gantry_call& call) {
        const auto known = catalog_.latest();
        protocol::ConsumeStats stats;
        for (const std::string& name : topics_of(wanted)) {
          const Topic* topic = known->topics.find(name);
          if (!topic || add(call, wanted.group, *topic, stats)) continue;
          return refuse(services_, token, code::system_error, "the queue index is not running");
        }
        return answer_body(services_, token,
                           protocol::write_body(stats, protocol::JsonStyle::legacy));
      });
}

// While members are connected, what they don't read any more is left out.
std::set<std::string> Progress::topics_of(const Wanted& wanted) const {
  if (!wanted.topics.empty()) return wanted.topics;
  std::set<std::string> topics;
  if (!wanted.topic.empty()) {
    topics.insert(wanted.topic);
  } else {
    for (CommittedOffset& one :
         offsets_.collect([&](const QueueKey& key) { return key.group == wanted.group; })) {
      topics.insert(std::move(one.topic));
    }
  }
  const auto online = clients_.group(wanted.group);
  if (!online || online->subscriptions.empty()) return topics;
  std::erase_if(topics, [&](const std::string& topic) {
    return std::none_of(online->subscriptions.begin(), online->subscriptions.end(),
                        [&](const auto& one) { return one.topic == topic; });
  });
  return topics;
}

bool Progress::add(const gantry_call& call, std::string_view group, const Topic& topic,
                   protocol::ConsumeStats& stats) const {
  for (int32_t queue_id = 0; queue_id < topic.read_queues; ++queue_id) {
    gantry_queue_bounds bounds{};
    if (queues_.bounds(call, topic.name, queue_id, bounds) < 0) return false;
    const int64_t consumed = offsets_.find({group, topic.name, queue_id}).value_or(0);
    const auto last = stored_ms(call, queues_, records_, topic.name, queue_id, consumed - 1);
    stats.queues[{topic.name, node_.broker, queue_id}] = {bounds.max, consumed, consumed,
                                                          last.value_or(0)};
  }
  return true;
}

}  // namespace gantry::messaging
