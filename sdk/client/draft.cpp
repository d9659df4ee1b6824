#include "client/draft.hpp"

#include <fmt/format.h>

#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"
#include "protocol/property_names.hpp"
#include "protocol/send_header.hpp"

namespace gantry::client {
namespace {

namespace property = protocol::property;

Outcome<std::string> properties_of(const Message& message, const std::string& unique_key) {
  std::string out;
  for (const auto& [name, value] : message.properties) {
    if (const std::string wrong = protocol::check_user_property(name, value); !wrong.empty()) {
      return fail(fmt::format("property \"{}\": {}", name, wrong));
    }
    if (!protocol::is_property_text(name) || !protocol::is_property_text(value)) {
      return fail(fmt::format("property \"{}\" holds a character that separates properties", name));
    }
    protocol::append_property(out, name, value);
  }
  const auto append = [&](std::string_view name, std::string_view value) -> bool {
    if (value.empty()) return true;
    if (!protocol::is_property_text(value)) return false;
    protocol::append_property(out, name, value);
    return true;
  };
  if (!append(property::keys, message.keys)) return fail("the keys hold a separating character");
  if (!append(property::tags, message.tags)) return fail("the tag holds a separating character");
  protocol::append_property(out, property::unique_key, unique_key);
  protocol::append_property(out, property::wait, message.wait_stored ? "true" : "false");
  if (message.delay_level > 0) {
    protocol::append_property(out, property::delay, fmt::format("{}", message.delay_level));
  }
  if (out.size() > protocol::property_bytes_max) {
    return fail(fmt::format("the properties have {} bytes, at most {} are possible", out.size(),
                            protocol::property_bytes_max));
  }
  return text(std::move(out));
}

Outcome<void> check(const Message& message) {
  if (const std::string wrong = protocol::check_topic_at_client(message.topic); !wrong.empty()) {
    return fail(fmt::format("topic \"{}\": {}", message.topic, wrong));
  }
  if (protocol::is_forbidden_to_send(message.topic)) {
    return fail(fmt::format("topic {} is the broker's own: clients can't send to it",
                            message.topic));
  }
  if (message.body.empty()) return fail("the body is empty: brokers refuse such a message");
  return {};
}

Outcome<void> check_size(size_t bytes, const ProducerOptions& options) {
  if (bytes <= options.body_bytes_max) return {};
  return fail(fmt::format("the body has {} bytes, at most {} are allowed", bytes,
                          options.body_bytes_max));
}

}  // namespace

Outcome<Draft> draft_of(const Message& message, const ProducerOptions& options,
                        protocol::UniqueKeys& keys, int64_t now_ms) {
  if (auto fine = check(message); !fine) return fine.error();
  if (auto fine = check_size(message.body.size(), options); !fine) return fine.error();
  Draft draft;
  draft.topic = message.topic;
  draft.message_ids = keys.next(now_ms);
  draft.flag = message.flag;
  draft.born_ms = now_ms;
  auto properties = properties_of(message, draft.message_ids);
  if (!properties) return properties.error();
  draft.properties = std::move(*properties);
  if (!options.compression || message.body.size() <= options.compress_above) {
    draft.body = message.body;
    return draft;
  }
  auto body = deflate(*options.compression, message.body, options.compression_level);
  if (!body) return body.error();
  draft.body = std::move(*body);
  draft.sys_flag = compression_flags(*options.compression);
  return draft;
}

Outcome<Draft> draft_of(std::span<const Message> messages, const ProducerOptions& options,
                        protocol::UniqueKeys& keys, int64_t now_ms) {
  if (messages.empty()) return fail("a batch of no messages");
  Draft draft;
  draft.topic = messages.front().topic;
  draft.batch = true;
  draft.born_ms = now_ms;
  bool wait = false;
  for (const Message& message : messages) {
    if (auto fine = check(message); !fine) return fine.error();
    if (message.topic != draft.topic) {
      return fail(fmt::format("a batch of topics {} and {}: it can have one only", draft.topic,
                              message.topic));
    }
    if (message.delay_level > 0) return fail("a batch can't be delayed");
    const std::string key = keys.next(now_ms);
    auto properties = properties_of(message, key);
    if (!properties) return properties.error();
    const protocol::BatchItem item{message.flag, message.body, *properties};
    if (auto added = protocol::append_batch_item(draft.body, item); !added) {
      return fail(added.error().text);
    }
    if (!draft.message_ids.empty()) draft.message_ids += ',';
    draft.message_ids += key;
    wait = wait || message.wait_stored;
  }
  if (protocol::is_retry_topic(draft.topic)) return fail("a batch can't go to a retry topic");
  if (auto fine = check_size(draft.body.size(), options); !fine) return fine.error();
  protocol::append_property(draft.properties, property::unique_key, keys.next(now_ms));
  protocol::append_property(draft.properties, property::wait, wait ? "true" : "false");
  return draft;
}

Request request_of(const Draft& draft, const ProducerOptions& options, const Queue& queue) {
  protocol::SendMessageHeader header;
  header.producer_group = options.group;
  header.topic = draft.topic;
  header.default_topic = protocol::topic::auto_create;
  header.default_topic_queues = options.auto_created_queues;
  header.queue_id = queue.id;
  header.sys_flag = draft.sys_flag;
  header.born_ms = draft.born_ms;
  header.flag = draft.flag;
  header.properties = draft.properties;
  header.batch = draft.batch;
  header.broker_name = queue.broker;
  Request request;
  request.code = draft.batch ? protocol::request_code::send_batch_message
                             : protocol::request_code::send_message_v2;
  request.fields = write_send_header(header, protocol::SendForm::v2);
  request.body = draft.body;
  return request;
}

}  // namespace gantry::client
