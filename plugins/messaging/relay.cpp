#include "relay.hpp"

#include <algorithm>
#include <mutex>

#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/headers.hpp"
#include "protocol/ids.hpp"
#include "reply.hpp"
#include "request_body.hpp"
#include "worker.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

constexpr uint64_t client_timeout_ms = 10'000;  // as long as RocketMQ's broker waits
constexpr uint64_t status_timeout_ms = 5'000;

std::string consumer(std::string_view group, std::string_view client) {
  return "<" + std::string(group) + "> <" + std::string(client) + ">";
}

void set(std::vector<std::pair<std::string, std::string>>& fields, std::string_view key,
         std::string value) {
  for (auto& [name, old] : fields) {
    if (name == key) {
      old = std::move(value);
      return;
    }
  }
  fields.emplace_back(key, std::move(value));
}

}  // namespace

gantry_status Relay::running_info(const gantry_request& request, gantry_token token) {
  const auto properties = fields_of(request);
  protocol::FieldReader in(properties);
  const std::string_view group = in.text("consumerGroup");
  const std::string_view client = in.text("clientId");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  Fields fields;
  for (const gantry_property& one : properties) {
    fields.emplace_back(sdk::view(one.key), sdk::view(one.value));
  }
  return pass_on(request.code, fields, {}, group, client, token);
}

gantry_status Relay::consume_directly(const gantry_request& request, gantry_token token) {
  const auto properties = fields_of(request);
  protocol::FieldReader in(properties);
  const std::string_view group = in.text("consumerGroup");
  const std::string_view client = in.text("clientId");
  const std::string_view id = in.text("msgId");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  const auto place = protocol::parse_offset_id(id);
  if (!place.has_value()) {
    return refuse(services_, token, code::system_error, "msgId: " + place.error().text);
  }
  Fields fields;
  for (const gantry_property& one : properties) {
    fields.emplace_back(sdk::view(one.key), sdk::view(one.value));
  }
  return go_on_in_worker(
      services_, token,
      [this, token, fields = std::move(fields), group = std::string(group),
       client = std::string(client), offset = place->log_offset](const gantry_call&) mutable {
        auto record = records_.read(offset);
        if (!record) {
          return refuse(services_, token, code::system_error,
                        "msgId: there is no message at offset " + std::to_string(offset) +
                            " of this broker's log");
        }
        const auto known = catalog_.latest();
        set(fields, "brokerName", node_.broker);
        if (const Topic* topic = known->topics.find(sdk::view(record->message.topic))) {
          set(fields, "topicSysFlag", std::to_string(topic->topic_sys_flag));
        }
        if (const Group* config = known->groups.find(group)) {
          set(fields, "groupSysFlag", std::to_string(config->group_sys_flag));
        }
        return pass_on(protocol::request_code::consume_message_directly, fields, record->take(),
                       group, client, token);
      });
}

gantry_status Relay::pass_on(int32_t request_code, const Fields& fields, const gantry_slice& body,
                             std::string_view group, std::string_view client, gantry_token token) {
  const auto refused = [&](std::string_view remark) {
    if (body.buffer) services_.buffers.release(services_.host, body.buffer);
    return refuse(services_, token, code::system_error, remark);
  };
  const auto member = clients_.member(group, client);
  const std::string who = consumer(group, client);
  if (!member) return refused("The Consumer " + who + " not online");
  if (member->version < protocol::version::v3_1_8_snapshot) {
    return refused("The Consumer <" + std::string(client) + "> Version <" +
                   protocol::version_name(member->version) +
                   "> too low to finish, please upgrade it to V3_1_8_SNAPSHOT");
  }
  std::vector<gantry_property> properties;
  for (const auto& [key, value] : fields) properties.push_back({sdk::str(key), sdk::str(value)});
  gantry_request request{};
  request.struct_size = sizeof request;
  request.code = request_code;
  request.fields = properties.data();
  request.field_count = static_cast<uint32_t>(properties.size());
  request.body = &body;
  request.body_count = body.buffer ? 1 : 0;
  const gantry_status sent = give(
      [&](gantry_completion then) {
        return services_.sessions.request(services_.host, member->session, &request,
                                          client_timeout_ms, then);
      },
      [this, token, who](const gantry_call&, gantry_status status, const void* result) {
        if (status == GANTRY_CANCELLED) return;
        if (status == GANTRY_OK) return answer(*static_cast<const gantry_response*>(result), token);
        const bool late = status == GANTRY_BUSY;
        refuse(services_, token, late ? code::consume_msg_timeout : code::system_error,
               "consumer " + who + (late ? " Timeout: no answer in " : " hung up: waited up to ") +
                   std::to_string(client_timeout_ms) + " ms");
      });
  if (sent >= 0) return GANTRY_PENDING;
  return refuse(services_, token, code::system_error, "The Consumer " + who + " not online");
}

// The client's answer as it is; its bytes are shared, or copied where nobody counts them.
void Relay::answer(const gantry_response& response, gantry_token token) {
  std::vector<gantry_slice> body(response.body, response.body + response.body_count);
  for (gantry_slice& slice : body) {
    if (slice.buffer) {
      services_.buffers.retain(services_.host, slice.buffer);
    } else {
      slice = body_slice(services_, {reinterpret_cast<const char*>(slice.data), slice.size});
    }
  }
  gantry_response ours = response;
  ours.body = body.data();
  static_cast<void>(services_.requests.respond(services_.host, token, &ours));
}

// What members say, until all have said it or were too slow.
struct Relay::Collected {
  std::mutex lock;
  size_t missing = 0;
  protocol::ConsumerStatus status;
  gantry_token token = 0;
};

gantry_status Relay::status(const gantry_request& request, gantry_token token) {
  const auto properties = fields_of(request);
  protocol::FieldReader in(properties);
  const std::string_view topic = in.text("topic");
  const std::string_view name = in.text("group");
  const std::string_view only = in.text_or("clientAddr", {});  // an id, whatever it is called
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  auto group = clients_.group(name);
  if (!group) {
    return refuse(services_, token, code::system_error,
                  "No Any Consumer online in the consumer group: [" + std::string(name) + "]");
  }
  for (const Client& member : group->members) {
    if (member.version >= protocol::version::v3_0_7_snapshot) continue;
    return refuse(services_, token, code::system_error,
                  "the client does not support this feature. version=" +
                      protocol::version_name(member.version));
  }
  if (!only.empty()) {
    std::erase_if(group->members, [&](const Client& member) { return member.id != only; });
  }
  if (group->members.empty()) {
    return answer_body(services_, token, protocol::write_body(protocol::ConsumerStatus{}));
  }
  const auto collected = std::make_shared<Collected>();
  collected->missing = group->members.size();
  collected->token = token;
  const gantry_property fields[] = {{sdk::str("topic"), sdk::str(topic)},
                                    {sdk::str("group"), sdk::str(name)}};
  gantry_request question{};
  question.struct_size = sizeof question;
  question.code = protocol::request_code::get_consumer_status_from_client;
  question.fields = fields;
  question.field_count = std::size(fields);
  for (const Client& member : group->members) ask(collected, member, question);
  return GANTRY_PENDING;
}

void Relay::ask(const std::shared_ptr<Collected>& collected, const Client& member,
                const gantry_request& request) {
  const auto heard = [this, collected, id = member.id](const gantry_response* response) {
    std::string text;
    for (uint32_t i = 0; response && i < response->body_count; ++i) {
      text.append(reinterpret_cast<const char*>(response->body[i].data), response->body[i].size);
    }
    const auto said = protocol::read_body<protocol::ConsumerStatus>(text);
    std::string all;
    {
      const std::lock_guard guard(collected->lock);
      if (response && response->code == code::success && said.has_value()) {
        collected->status.clients[id] = said->queues;
      }
      if (--collected->missing > 0) return;
      all = protocol::write_body(collected->status, protocol::JsonStyle::legacy);
    }
    answer_body(services_, collected->token, all);
  };
  const gantry_status sent = give(
      [&](gantry_completion then) {
        return services_.sessions.request(services_.host, member.session, &request,
                                          status_timeout_ms, then);
      },
      [heard](const gantry_call&, gantry_status status, const void* result) {
        heard(status == GANTRY_OK ? static_cast<const gantry_response*>(result) : nullptr);
      });
  if (sent < 0) heard(nullptr);
}

}  // namespace gantry::messaging
