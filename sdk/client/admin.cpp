#include "client/admin.hpp"

#include <fmt/format.h>

#include "protocol/codes.hpp"
#include "protocol/names.hpp"

namespace gantry::client {

Outcome<std::vector<std::string>> Admin::create_topic(const TopicOptions& topic) {
  if (const std::string wrong = protocol::check_topic_at_client(topic.name); !wrong.empty()) {
    return fail(fmt::format("topic \"{}\": {}", topic.name, wrong));
  }
  Outcome<protocol::ClusterInfo> info = cluster_.info();
  if (!info) return info.error();
  std::vector<std::string> told;
  for (const auto& [name, broker] : info->brokers) {
    const auto master = broker.addresses.find(0);
    if (master == broker.addresses.end()) continue;
    Outcome<Reply> reply =
        cluster_.broker(master->second)
            .call(protocol::request_code::update_and_create_topic,
                  {{"topic", topic.name},
                   {"defaultTopic", std::string(protocol::topic::auto_create)},
                   {"readQueueNums", fmt::format("{}", topic.read_queues)},
                   {"writeQueueNums", fmt::format("{}", topic.write_queues)},
                   {"perm", fmt::format("{}", topic.perm)},
                   {"topicFilterType", "SINGLE_TAG"},
                   {"topicSysFlag", "0"},
                   {"order", "false"}});
    if (!reply) return reply.error();
    if (reply->code != 0) return refused("broker " + master->second, *reply);
    told.push_back(fmt::format("{} ({})", name, master->second));
  }
  if (told.empty()) {
    return fail("no broker has registered with the nameserver yet: is one running?");
  }
  return told;
}

}  // namespace gantry::client
