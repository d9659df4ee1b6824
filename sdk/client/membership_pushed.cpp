// What brokers ask of a member: to look after its queues, or what operators want to know of it.
#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "client/membership.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/json.hpp"
#include "protocol/message.hpp"

namespace gantry::client {

namespace code = protocol::request_code;
namespace running = protocol::running;

namespace {

Reply refusal(std::string remark) {
  Reply reply;
  reply.code = protocol::response_code::system_error;
  reply.remark = std::move(remark);
  return reply;
}

protocol::ProcessQueueInfo info_of(const Lease& lease) {
  protocol::ProcessQueueInfo info;
  info.commit_offset = lease.done_offset();
  if (!lease.unfinished.empty()) {
    info.cached_min_offset = *lease.unfinished.begin();
    info.cached_max_offset = *lease.unfinished.rbegin();
    info.cached_messages = static_cast<int32_t>(lease.unfinished.size());
  }
  info.cached_mib = static_cast<int32_t>(lease.cached_bytes >> 20);
  info.locked = lease.locked;
  info.last_lock_ms = lease.last_lock_ms;
  info.dropped = lease.ended;
  info.last_pull_ms = lease.last_pull_ms;
  info.last_consume_ms = lease.last_finish_ms;
  return info;
}

}  // namespace

protocol::ConsumeFromWhere from_where(From from) {
  switch (from) {
    case From::first: return protocol::ConsumeFromWhere::first_offset;
    case From::timestamp: return protocol::ConsumeFromWhere::timestamp;
    default: return protocol::ConsumeFromWhere::last_offset;
  }
}

bool Membership::pushed(const Pushed& pushed, const Answer& answer) {
  const bool older = pushed.code == code::reset_consumer_client_offset ||
                     pushed.code == code::get_consumer_status_from_client;
  const protocol::FieldReader in(pushed.fields);
  const auto group = in.find(older ? "group" : "consumerGroup");
  if (!group || *group != options_.group) return false;
  switch (pushed.code) {
    case code::notify_consumer_ids_changed:
      rebalance_later(milliseconds(0));
      return true;
    case code::reset_consumer_client_offset:
      reset(pushed);
      return true;
    case code::get_consumer_status_from_client:
      answer(status());
      return true;
    case code::get_consumer_running_info:
      answer(running_info());
      return true;
    case code::consume_message_directly:
      consume_directly(pushed, answer);
      return true;
    default:
      return false;
  }
}

void Membership::reset(const Pushed& pushed) {
  const auto table = protocol::read_body<protocol::QueueOffsetTable>(pushed.body);
  if (!table) return;  // a body of another client's form moves nothing
  for (const auto& [queue, offset] : table->offsets) {
    const auto found = leases_.find(queue);
    if (found == leases_.end()) continue;
    jump(found->second, offset);
    spawn([](std::shared_ptr<Membership> self, LeasePtr lease) -> awaitable<void> {
      co_await self->commit(lease);
    }(shared_from_this(), found->second));
  }
}

// What 221 asks: where this consumer is in its queues.
Reply Membership::status() const {
  boost::json::object queues;
  for (const auto& [queue, lease] : leases_) queues[queue.json_key()] = lease->done_offset();
  boost::json::object body;
  body["consumerTable"] = boost::json::object();
  body["messageQueueTable"] = std::move(queues);
  Reply reply;
  reply.body = protocol::write_json(body, protocol::JsonStyle::legacy);
  return reply;
}

// What 307 asks: everything. Without rates, which nobody counts here, and without stacks.
Reply Membership::running_info() const {
  protocol::ConsumerRunningInfo info;
  const auto say = [&](std::string_view name, std::string_view value) {
    info.properties.emplace(name, value);
  };
  std::string nameservers;
  for (const std::string& address : core_.nameservers()) nameservers.append(address).append(";");
  say(running::nameservers, nameservers);
  say(running::type, protocol::consume_type_name(kind_.type));
  say(running::client_version, protocol::version_name(protocol::version::announced));
  say(running::started_ms, fmt::format("{}", started_ms_));
  say("consumerGroup", options_.group);
  say("messageModel", protocol::message_model_name(options_.model));
  say("consumeFromWhere", protocol::consume_from_where_name(from_where(options_.from)));
  say("pullBatchSize", fmt::format("{}", options_.pull_batch));
  say("pullThresholdForQueue", fmt::format("{}", options_.cached_messages_max));
  delivery_.describe(info);
  for (const auto& [topic, subscription] : subscriptions_) {
    info.subscriptions.push_back(subscription);
  }
  for (const auto& [queue, lease] : leases_) info.queues.emplace(queue, info_of(*lease));
  Reply reply;
  reply.body = protocol::write_body(info, protocol::JsonStyle::legacy);
  return reply;
}

// What 309 asks: the listener is called with this message, whoever has its queue.
void Membership::consume_directly(const Pushed& pushed, const Answer& answer) {
  const auto records = protocol::decode_records(pushed.body);
  if (!records || records->size() != 1) {
    return answer(refusal(records ? fmt::format("there are {} messages in the body, not one",
                                                records->size())
                                  : "the message cannot be read: " + records.error().text));
  }
  const protocol::MessageView& record = records->front();
  const protocol::FieldReader in(pushed.fields);
  const std::string broker(in.find("brokerName").value_or(""));
  auto message = received_of(record, {broker, core_.address_of(broker), record.queue_id});
  if (!message) return answer(refusal(message.error().text));
  const bool taken = delivery_.consume_directly(
      std::move(*message), [answer](const protocol::ConsumeDirectlyResult& result) {
        Reply reply;
        reply.body = protocol::write_body(result);
        answer(reply);
      });
  if (!taken) {
    answer(refusal(fmt::format("group {} pulls here: no listener takes a message", options_.group)));
  }
}

}  // namespace gantry::client
