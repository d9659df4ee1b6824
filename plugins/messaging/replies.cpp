#include "replies.hpp"

#include <utility>
#include <vector>

#include "job.hpp"
#include "protocol/codes.hpp"
#include "protocol/host.hpp"
#include "protocol/ids.hpp"
#include "protocol/properties.hpp"
#include "reply.hpp"
#include "request_body.hpp"
#include "send_check.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;
namespace property = protocol::property;

constexpr uint64_t push_timeout_ms = 10'000;  // as long as RocketMQ's broker waits

}  // namespace

gantry_status Replies::refuse(gantry_token token, int32_t code, std::string_view remark) const {
  return Reply(code, remark)
      .field("MSG_REGION", options_.region)
      .field("TRACE_ON", options_.trace_on ? "true" : "false")
      .send(services_, token);
}

// Also when nobody took the reply: it is kept all the same.
gantry_status Replies::answer(gantry_token token, const Stored& stored, int32_t code,
                              std::string_view remark) const {
  const NumberText queue(stored.queue_id), offset(stored.queue_offset);
  return Reply(code, remark)
      .field("msgId", stored.id)
      .field("queueId", queue.view())
      .field("queueOffset", offset.view())
      .field("MSG_REGION", options_.region)
      .field("TRACE_ON", options_.trace_on ? "true" : "false")
      .send(services_, token);
}

gantry_status Replies::handle(const gantry_call& call, const gantry_request& request,
                              gantry_token token) {
  const auto fields = fields_of(request);
  const auto header = protocol::read_send_header(fields, protocol::send_form_of(request.code));
  if (!header.has_value()) return refuse(token, code::system_error, header.error().text);
  const auto refused = [&](const Refusal& why) { return refuse(token, why.code, why.remark); };
  if (const auto wrong = check_send_name(header->topic)) return refused(*wrong);
  const Topic* topic = catalog_.on_shard(call).topics.find(header->topic);
  if (!topic) return refused(unknown_topic(header->topic));
  if (const auto wrong = check_queue(header->queue_id, *topic, request)) return refused(*wrong);
  const std::string_view body = body_of(services_, call, request);
  if (const auto wrong = check_sizes(body, header->properties.size(), options_)) {
    return refused(*wrong);
  }
  const auto client = protocol::find_property(header->properties, property::reply_to_client);
  if (!client) {
    return refuse(token, code::system_error, "reply message properties[REPLY_TO_CLIENT] is null");
  }
  return push(call, request, *header, body, *client, store(call, request, *header, *topic, body),
              token);
}

// The requester does not depend on it, so a reply that could not be kept is pushed all the same.
Replies::Stored Replies::store(const gantry_call& call, const gantry_request& request,
                               const protocol::SendMessageHeader& header, const Topic& topic,
                               std::string_view body) const {
  Stored stored;
  const auto queues = static_cast<uint64_t>(topic.write_queues);
  stored.queue_id =
      header.queue_id < 0 ? static_cast<int32_t>(call.now_ns % queues) : header.queue_id;
  gantry_message record{};
  record.struct_size = sizeof record;
  record.topic = sdk::str(topic.name);
  record.queue_id = stored.queue_id;
  record.log_offset = -1;
  record.born_ms = header.born_ms;
  record.app_flag = header.flag;
  record.reconsume_times = header.reconsume_times;
  record.body = sdk::bytes(body);
  record.property_text = sdk::str(header.properties);
  record.store_host = sdk::bytes(node_.store_host);
  record.born_host = request.peer.size > 0 ? request.peer : record.store_host;
  gantry_put put{};
  put.struct_size = sizeof put;
  put.count = 1;
  put.stride = sizeof record;
  put.records = &record;
  put.span = 1;
  gantry_put_result result{};
  result.struct_size = sizeof result;
  if (services_.commitlog.append(services_.host, &call, &put, &result) < 0) {
    services_.warn("a reply to " + topic.name + " is not stored: " + call.error->text);
    return stored;
  }
  stored.id = protocol::OffsetId{node_.host, result.log_begin}.text();
  stored.queue_offset = result.first_queue_offset;
  return stored;
}

gantry_status Replies::push(const gantry_call& call, const gantry_request& request,
                            const protocol::SendMessageHeader& header, std::string_view body,
                            std::string_view client, Stored stored, gantry_token token) {
  const gantry_session session = clients_.producer_session(client);
  if (session == 0) {
    return answer(token, stored, code::system_error,
                  "push reply message fail, channel of <" + std::string(client) + "> not found.");
  }
  const auto peer = protocol::host_from_bytes({request.peer.data, request.peer.size});
  const std::string born_host = peer ? peer->text() : node_.address;
  const std::string store_host = node_.host.text();
  std::string properties(header.properties);
  protocol::set_property(properties, property::push_reply_time, std::to_string(call.now_ms));
  const NumberText queues(header.default_topic_queues), queue(header.queue_id);
  const NumberText sys_flag(header.sys_flag), born(header.born_ms), flag(header.flag);
  const NumberText reconsumed(header.reconsume_times), now(call.now_ms);
  const std::pair<std::string_view, std::string_view> texts[] = {
      {"producerGroup", header.producer_group},
      {"topic", header.topic},
      {"defaultTopic", header.default_topic},
      {"defaultTopicQueueNums", queues.view()},
      {"queueId", queue.view()},
      {"sysFlag", sys_flag.view()},
      {"bornTimestamp", born.view()},
      {"flag", flag.view()},
      {"properties", properties},
      {"reconsumeTimes", reconsumed.view()},
      {"unitMode", header.unit_mode ? "true" : "false"},
      {"bornHost", born_host},
      {"storeHost", store_host},
      {"storeTimestamp", now.view()}};
  std::vector<gantry_property> fields;
  for (const auto& [key, value] : texts) fields.push_back({sdk::str(key), sdk::str(value)});
  const gantry_slice slice = body_slice(services_, body);
  if (!slice.buffer) return refuse(token, code::system_busy, protocol::remark::overload);
  gantry_request pushed{};
  pushed.struct_size = sizeof pushed;
  pushed.code = protocol::request_code::push_reply_message_to_client;
  pushed.fields = fields.data();
  pushed.field_count = static_cast<uint32_t>(fields.size());
  pushed.body = &slice;
  pushed.body_count = 1;
  const std::string failed = "push reply message to " + std::string(client) + "fail.";  // Java's
  const gantry_status sent = give(
      [&](gantry_completion then) {
        return services_.sessions.request(services_.host, session, &pushed, push_timeout_ms, then);
      },
      [this, token, failed, stored = std::move(stored)](const gantry_call&, gantry_status status,
                                                        const void* result) {
        if (status == GANTRY_CANCELLED) return;
        const auto* taken = static_cast<const gantry_response*>(result);
        if (status == GANTRY_OK && taken->code == code::success) {
          answer(token, stored, code::success, {});
        } else {
          answer(token, stored, code::system_error, failed);
        }
      });
  if (sent >= 0) return GANTRY_PENDING;
  return refuse(token, code::system_error, failed);
}

}  // namespace gantry::messaging
