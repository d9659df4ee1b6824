#include <fmt/format.h>

#include "client/admin.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"

namespace gantry::client {

namespace code = protocol::request_code;

using Groups = std::map<std::string, protocol::SubscriptionGroupConfig>;

Outcome<Groups> Admin::groups() {
  auto brokers = masters();
  if (!brokers) return brokers.error();
  Groups out;
  for (const Master& master : *brokers) {
    auto reply = ask(master.address, code::get_all_subscriptiongroup_config, {});
    if (!reply) return reply.error();
    auto table = protocol::read_body<protocol::SubscriptionGroupTable>(reply->body);
    if (!table) return fail(fmt::format("broker {}: {}", master.address, table.error().text));
    out.merge(table->groups);
  }
  return out;
}

Outcome<std::vector<Master>> Admin::create_group(const protocol::SubscriptionGroupConfig& group) {
  if (const std::string wrong = protocol::check_group(group.name); !wrong.empty()) {
    return fail(fmt::format("group \"{}\": {}", group.name, wrong));
  }
  auto brokers = masters();
  if (!brokers) return brokers.error();
  return tell(*brokers, code::update_and_create_subscriptiongroup, {},
              protocol::write_body(group));
}

Outcome<std::vector<Master>> Admin::delete_group(std::string_view group, bool with_offsets) {
  auto brokers = masters();
  if (!brokers) return brokers.error();
  return tell(*brokers, code::delete_subscriptiongroup,
              {{"groupName", std::string(group)}, {"cleanOffset", with_offsets ? "true" : "false"}});
}

Outcome<protocol::ConsumeStats> Admin::consume_stats(std::string_view group,
                                                     std::string_view topic) {
  auto brokers = masters_of(topic);
  if (!brokers) return brokers.error();
  protocol::ConsumeStats out;
  for (const Master& master : *brokers) {
    Fields fields = {{"consumerGroup", std::string(group)}};
    if (!topic.empty()) fields.emplace_back("topic", topic);
    auto reply = ask(master.address, code::get_consume_stats, fields);
    if (!reply) return reply.error();
    auto stats = protocol::read_body<protocol::ConsumeStats>(reply->body);
    if (!stats) return fail(fmt::format("broker {}: {}", master.address, stats.error().text));
    out.consume_tps += stats->consume_tps;
    out.queues.merge(stats->queues);
  }
  return out;
}

Outcome<protocol::QueueOffsetTable> Admin::reset_offsets(std::string_view group,
                                                         std::string_view topic, int64_t time_ms) {
  auto brokers = masters_of(topic);
  if (!brokers) return brokers.error();
  protocol::QueueOffsetTable out;
  for (const Master& master : *brokers) {
    auto reply = ask(master.address, code::invoke_broker_to_reset_offset,
                     {{"topic", std::string(topic)},
                      {"group", std::string(group)},
                      {"timestamp", fmt::format("{}", time_ms)},
                      {"isForce", "true"},
                      {"queueId", "-1"},
                      {"offset", "-1"}});
    if (!reply) return reply.error();
    auto table = protocol::read_body<protocol::QueueOffsetTable>(reply->body);
    if (!table) return fail(fmt::format("broker {}: {}", master.address, table.error().text));
    out.offsets.merge(table->offsets);
  }
  return out;
}

Outcome<protocol::QueueOffsetTable> Admin::reset_offset(std::string_view group,
                                                        const MessageQueue& queue,
                                                        int64_t offset) {
  auto address = address_of(queue);
  if (!address) return address.error();
  auto reply = ask(*address, code::invoke_broker_to_reset_offset,
                   {{"topic", queue.topic},
                    {"group", std::string(group)},
                    {"timestamp", "-1"},
                    {"isForce", "true"},
                    {"queueId", fmt::format("{}", queue.queue_id)},
                    {"offset", fmt::format("{}", offset)}});
  if (!reply) return reply.error();
  auto table = protocol::read_body<protocol::QueueOffsetTable>(reply->body);
  if (!table) return fail(fmt::format("broker {}: {}", *address, table.error().text));
  return std::move(*table);
}

Outcome<std::vector<Master>> Admin::clone_offsets(std::string_view from_group,
                                                  std::string_view to_group,
                                                  std::string_view topic) {
  auto brokers = masters_of(topic);
  if (!brokers) return brokers.error();
  Fields fields = {{"srcGroup", std::string(from_group)},
                   {"destGroup", std::string(to_group)},
                   {"offline", "false"}};
  if (!topic.empty()) fields.emplace_back("topic", topic);
  return tell(*brokers, code::clone_group_offset, fields);
}

Outcome<void> Admin::set_offset(std::string_view group, const MessageQueue& queue,
                                int64_t offset) {
  auto address = address_of(queue);
  if (!address) return address.error();
  auto reply = ask(*address, code::update_consumer_offset,
                   {{"consumerGroup", std::string(group)},
                    {"topic", queue.topic},
                    {"queueId", fmt::format("{}", queue.queue_id)},
                    {"commitOffset", fmt::format("{}", offset)},
                    {"bname", queue.broker_name}});
  if (!reply) return reply.error();
  return {};
}

}  // namespace gantry::client
