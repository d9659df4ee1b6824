#include <fmt/format.h>

#include "client/admin.hpp"
#include "protocol/codes.hpp"
#include "protocol/ids.hpp"
#include "protocol/message.hpp"
#include "protocol/pull_header.hpp"

namespace gantry::client {

namespace code = protocol::request_code;
namespace response = protocol::response_code;

namespace {

Outcome<std::vector<Received>> messages_of(const std::string& address, const std::string& broker,
                                           std::string_view body) {
  const auto records = protocol::decode_records(body);
  if (!records) return fail(fmt::format("broker {}: {}", address, records.error().text));
  std::vector<Received> out;
  for (const protocol::MessageView& record : *records) {
    auto message = received_of(record, {broker, address, record.queue_id});
    if (!message) return message.error();
    out.push_back(std::move(*message));
  }
  return out;
}

// Of a pull: no failure, the answer says where to go on.
bool found_nothing(int32_t reply_code) {
  return reply_code == response::pull_not_found || reply_code == response::pull_offset_moved ||
         reply_code == response::pull_retry_immediately;
}

}  // namespace

Outcome<Received> Admin::message_by_offset_id(std::string_view offset_id) {
  const auto id = protocol::parse_offset_id(offset_id);
  if (!id) return fail(fmt::format("\"{}\" is no offset id: {}", offset_id, id.error().text));
  // The id says where: the address the broker stored with the message.
  const std::string address = id->host.text();
  auto reply = ask(address, code::view_message_by_id,
                   {{"offset", fmt::format("{}", id->log_offset)}});
  if (!reply) return reply.error();
  auto messages = messages_of(address, "", reply->body);
  if (!messages) return messages.error();
  if (messages->size() != 1) {
    return fail(fmt::format("broker {} answered with {} messages", address, messages->size()));
  }
  return std::move(messages->front());
}

Outcome<Reply> Admin::pull(const std::string& address, const MessageQueue& queue, int64_t offset,
                           int32_t messages_max) {
  protocol::PullMessageHeader header;
  header.consumer_group = "TOOLS_CONSUMER";  // mqadmin's
  header.topic = queue.topic;
  header.queue_id = queue.queue_id;
  header.queue_offset = offset;
  header.messages_max = messages_max;
  header.sys_flag = protocol::pull_flag::subscription;
  header.subscription = "*";
  header.expression_type = "TAG";
  header.broker_name = queue.broker_name;
  auto reply = cluster_.call(address, code::pull_message, write_pull_header(header));
  if (!reply) return fail("broker " + reply.error().text);
  return reply;
}

Outcome<StoredRecords> Admin::records(std::string_view topic, const Queue& queue, int64_t offset,
                                      int32_t messages_max) {
  const MessageQueue from{std::string(topic), queue.broker, queue.id};
  auto reply = pull(queue.address, from, offset, messages_max);
  if (!reply) return reply.error();
  const auto answer = protocol::read_pull_answer(reply->fields);
  if (reply->code != 0 && !found_nothing(reply->code)) {
    return refused("broker " + queue.address, *reply);
  }
  if (!answer) return fail(fmt::format("broker {}: {}", queue.address, answer.error().text));
  return StoredRecords{reply->code == 0 ? std::move(reply->body) : "", answer->next_offset};
}

Outcome<Received> Admin::message_at(const MessageQueue& queue, int64_t offset) {
  auto address = address_of(queue);
  if (!address) return address.error();
  auto reply = pull(*address, queue, offset, 1);
  if (!reply) return reply.error();
  const auto answer = protocol::read_pull_answer(reply->fields);
  if (reply->code != 0) {
    if (!answer || !found_nothing(reply->code)) return refused("broker " + *address, *reply);
    return fail(fmt::format("queue {} of topic {} has no message at offset {}: it holds {} up to {}",
                            queue.queue_id, queue.topic, offset, answer->min_offset,
                            answer->max_offset));
  }
  auto messages = messages_of(*address, queue.broker_name, reply->body);
  if (!messages) return messages.error();
  if (messages->empty()) return fail(fmt::format("broker {} answered without a message", *address));
  return std::move(messages->front());
}

Outcome<std::vector<Received>> Admin::query(const MessageQuery& query) {
  auto brokers = masters_of(query.topic);
  if (!brokers) return brokers.error();
  const Fields fields = {{"topic", query.topic},
                         {"key", query.key},
                         {"maxNum", fmt::format("{}", query.messages_max)},
                         {"beginTimestamp", fmt::format("{}", query.begin_ms)},
                         {"endTimestamp", fmt::format("{}", query.end_ms)},
                         {"_UNIQUE_KEY_QUERY", query.unique ? "true" : "false"}};
  std::vector<Received> out;
  for (const Master& master : *brokers) {
    auto reply = cluster_.call(master.address, code::query_message, fields);
    if (!reply) return fail("broker " + reply.error().text);
    if (reply->code == response::query_not_found) continue;
    if (reply->code != 0) return refused("broker " + master.address, *reply);
    auto messages = messages_of(master.address, master.broker, reply->body);
    if (!messages) return messages.error();
    std::move(messages->begin(), messages->end(), std::back_inserter(out));
  }
  // The index finds by a hash: another key may have the same.
  std::erase_if(out, [&](const Received& message) {
    if (query.unique) return message.message_id != query.key;
    const std::string keys = ' ' + message.keys + ' ';
    return keys.find(' ' + query.key + ' ') == std::string::npos;
  });
  // Within a millisecond, a broker's log knows which came first.
  std::sort(out.begin(), out.end(), [](const Received& a, const Received& b) {
    return std::tie(a.stored_ms, a.queue.broker, a.log_offset) <
           std::tie(b.stored_ms, b.queue.broker, b.log_offset);
  });
  return out;
}

Outcome<int64_t> Admin::offset(const MessageQueue& queue, int32_t request_code) {
  auto address = address_of(queue);
  if (!address) return address.error();
  auto reply = ask(*address, request_code,
                   {{"topic", queue.topic},
                    {"queueId", fmt::format("{}", queue.queue_id)},
                    {"bname", queue.broker_name}});
  if (!reply) return reply.error();
  protocol::FieldReader in(reply->fields);
  const int64_t offset = in.i64("offset");
  if (!in.ok()) return fail(fmt::format("broker {}: {}", *address, in.error().text));
  return offset;
}

Outcome<int64_t> Admin::min_offset(const MessageQueue& queue) {
  return offset(queue, code::get_min_offset);
}

Outcome<int64_t> Admin::max_offset(const MessageQueue& queue) {
  return offset(queue, code::get_max_offset);
}

}  // namespace gantry::client
