#include <fmt/format.h>

#include <set>

#include "client/admin.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"

namespace gantry::client {

namespace code = protocol::request_code;
namespace response = protocol::response_code;

Outcome<Reply> Admin::ask(const std::string& address, int32_t request_code, const Fields& fields,
                          std::string_view body) {
  Outcome<Reply> reply = cluster_.call(address, request_code, fields, body);
  if (!reply) return fail("broker " + reply.error().text);
  if (reply->code != 0) return refused("broker " + address, *reply);
  return reply;
}

Outcome<std::vector<Master>> Admin::masters(std::string_view cluster) {
  Outcome<protocol::ClusterInfo> info = cluster_.info();
  if (!info) return info.error();
  std::vector<Master> out;
  for (const auto& [name, broker] : info->brokers) {
    const auto master = broker.addresses.find(0);
    if (master == broker.addresses.end()) continue;
    if (!cluster.empty() && broker.cluster != cluster) continue;
    out.push_back({name, master->second, broker.cluster});
  }
  if (!out.empty()) return out;
  if (!cluster.empty()) {
    return fail(fmt::format("no broker of cluster {} has registered with the nameserver: `gantryctl "
                            "cluster` shows those that have",
                            cluster));
  }
  return fail("no broker has registered with the nameserver yet: is one running?");
}

Outcome<std::vector<Master>> Admin::masters_of(std::string_view topic) {
  if (topic.empty()) return masters();
  auto route = cluster_.route(topic);
  if (!route) return route.error();
  std::vector<Master> out;
  for (const protocol::BrokerData& broker : route->brokers) {
    const auto master = broker.addresses.find(0);
    if (master != broker.addresses.end()) {
      out.push_back({broker.broker_name, master->second, broker.cluster});
    }
  }
  if (!out.empty()) return out;
  return fail(fmt::format("topic {} is not there: `gantryctl topic list` shows those that are, "
                          "`gantryctl topic create --topic {}` makes it",
                          topic, topic));
}

Outcome<std::string> Admin::address_of(const MessageQueue& queue) {
  auto brokers = masters_of(queue.topic);
  if (!brokers) return brokers.error();
  std::string names;
  for (const Master& master : *brokers) {
    if (queue.broker_name.empty() || master.broker == queue.broker_name) {
      return text(master.address);
    }
    names += (names.empty() ? "" : ", ") + master.broker;
  }
  return fail(fmt::format("topic {} is not on broker {}, only on {}", queue.topic,
                          queue.broker_name, names));
}

Outcome<std::vector<Master>> Admin::tell(const std::vector<Master>& masters, int32_t request_code,
                                         const Fields& fields, std::string_view body) {
  for (const Master& master : masters) {
    auto reply = ask(master.address, request_code, fields, body);
    if (!reply) return reply.error();
  }
  return masters;
}

Outcome<std::vector<Master>> Admin::create_topic(const TopicOptions& topic,
                                                 std::string_view cluster) {
  if (const std::string wrong = protocol::check_topic_at_client(topic.name); !wrong.empty()) {
    return fail(fmt::format("topic \"{}\": {}", topic.name, wrong));
  }
  auto brokers = masters(cluster);
  if (!brokers) return brokers.error();
  return tell(*brokers, code::update_and_create_topic,
              {{"topic", topic.name},
               {"defaultTopic", std::string(protocol::topic::auto_create)},
               {"readQueueNums", fmt::format("{}", topic.read_queues)},
               {"writeQueueNums", fmt::format("{}", topic.write_queues)},
               {"perm", fmt::format("{}", topic.perm)},
               {"topicFilterType", "SINGLE_TAG"},
               {"topicSysFlag", "0"},
               {"order", topic.order ? "true" : "false"},
               {"attributes", topic.attributes},
               {"force", "false"}});
}

Outcome<protocol::TopicConfig> Admin::topic_config(const std::string& address,
                                                   std::string_view topic) {
  auto reply = ask(address, code::get_topic_config, {{"topic", std::string(topic)}});
  if (!reply) return reply.error();
  auto config = protocol::read_body<protocol::TopicConfig>(reply->body);
  if (!config) return fail(fmt::format("broker {}: {}", address, config.error().text));
  return std::move(*config);
}

Outcome<std::vector<Master>> Admin::delete_topic(std::string_view topic) {
  auto brokers = masters_of(topic);
  if (!brokers) return brokers.error();
  auto told = tell(*brokers, code::delete_topic_in_broker, {{"topic", std::string(topic)}});
  if (!told) return told;
  // A nameserver that drops a topic with its broker's next registration needs not be told.
  auto gone =
      cluster_.tell_nameservers(code::delete_topic_in_namesrv, {{"topic", std::string(topic)}});
  if (!gone && gone.error().text.find("answered 3 ") == std::string::npos) return gone.error();
  return told;
}

Outcome<std::vector<std::string>> Admin::topics() {
  auto reply = cluster_.ask_nameserver(code::get_all_topic_list_from_nameserver, {});
  if (!reply) return reply.error();
  if (reply->code == response::request_code_not_supported) return topics_of_brokers();
  if (reply->code != 0) return refused("the nameserver", *reply);
  auto list = protocol::read_body<protocol::TopicList>(reply->body);
  if (!list) return fail("the nameserver's topics: " + list.error().text);
  std::sort(list->topics.begin(), list->topics.end());
  return std::move(list->topics);
}

Outcome<std::vector<std::string>> Admin::topics_of_brokers() {
  auto brokers = masters();
  if (!brokers) return brokers.error();
  std::set<std::string> names;
  for (const Master& master : *brokers) {
    auto reply = ask(master.address, code::get_all_topic_config, {});
    if (!reply) return reply.error();
    auto table = protocol::read_body<protocol::TopicConfigTable>(reply->body);
    if (!table) return fail(fmt::format("broker {}: {}", master.address, table.error().text));
    for (const auto& [name, config] : table->topics) names.insert(name);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Outcome<protocol::TopicStatsTable> Admin::topic_stats(std::string_view topic) {
  auto brokers = masters_of(topic);
  if (!brokers) return brokers.error();
  protocol::TopicStatsTable out;
  for (const Master& master : *brokers) {
    auto reply =
        ask(master.address, code::get_topic_stats_info, {{"topic", std::string(topic)}});
    if (!reply) return reply.error();
    auto stats = protocol::read_body<protocol::TopicStatsTable>(reply->body);
    if (!stats) return fail(fmt::format("broker {}: {}", master.address, stats.error().text));
    out.put_tps += stats->put_tps;
    out.queues.merge(stats->queues);
  }
  return out;
}

Outcome<std::vector<std::string>> Admin::groups_of_topic(std::string_view topic) {
  auto brokers = masters_of(topic);
  if (!brokers) return brokers.error();
  std::vector<std::string> out;
  for (const Master& master : *brokers) {
    auto reply =
        ask(master.address, code::query_topic_consume_by_who, {{"topic", std::string(topic)}});
    if (!reply) return reply.error();
    auto groups = protocol::read_body<protocol::GroupList>(reply->body);
    if (!groups) return fail(fmt::format("broker {}: {}", master.address, groups.error().text));
    out.insert(out.end(), groups->groups.begin(), groups->groups.end());
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace gantry::client
