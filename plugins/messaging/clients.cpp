#include "clients.hpp"

#include <set>
#include <span>
#include <utility>

#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/headers.hpp"
#include "protocol/host.hpp"
#include "protocol/names.hpp"
#include "reply.hpp"
#include "request_body.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

}  // namespace

// Groups that are not known yet, and their retry topics.
CatalogChange Clients::missing(const CatalogSnapshot& known,
                               const protocol::HeartbeatData& beat) const {
  CatalogChange change;
  std::set<std::string_view> seen;  // one heartbeat may name a group twice
  for (const protocol::ConsumerData& consumer : beat.consumers) {
    if (!seen.insert(consumer.group).second) continue;
    const Group* group = known.groups.find(consumer.group);
    if (!group && !options_.auto_create_groups) continue;
    if (!group && !protocol::check_group(consumer.group).empty()) continue;
    if (!group) change.groups.push_back(make_group(consumer.group));
    Topic topic = make_retry_topic(group ? *group : make_group(consumer.group));
    if (known.topics.find(topic.name)) continue;
    if (consumer.unit_mode) topic.topic_sys_flag = protocol::topic_flag::unit;
    change.topics.push_back(std::move(topic));
  }
  return change;
}

gantry_status Clients::heartbeat(const gantry_call& call, const gantry_request& request,
                                 gantry_token token, uint32_t why) {
  const std::string_view text = body_of(services_, call, request);
  if (text.empty()) return refuse(services_, token, code::system_error, "a heartbeat has a body");
  const auto read = protocol::read_body<protocol::HeartbeatData>(text);
  if (!read.has_value()) {
    return refuse(services_, token, code::system_error, "heartbeat: " + read.error().text);
  }
  const protocol::HeartbeatData& beat = *read;
  const CatalogSnapshot& known = catalog_.on_shard(call);
  if (CatalogChange change = missing(known, beat); !change.empty()) {
    if (why == GANTRY_TIMED_OUT) {
      return refuse(services_, token, code::system_busy, protocol::remark::overload);
    }
    return catalog_.change(call, token, std::move(change));
  }

  const auto peer = protocol::host_from_bytes({request.peer.data, request.peer.size});
  const Client client{request.session, beat.client_id, request.language, request.version,
                      peer ? peer->text() : std::string()};
  const Heard heard{call.now_ms, steady_ms(call)};
  bool fingerprint_changed = beat.fingerprint == 0;  // what Java says to a client of the old kind
  for (const protocol::ConsumerData& consumer : beat.consumers) {
    const Group* group = known.groups.find(consumer.group);
    if (!group) continue;  // not created on its own, or no legal name: its pulls say 26
    const Joined joined =
        table_.join(client, consumer, beat.fingerprint, beat.without_subscriptions, heard);
    subscriptions_.heard(call, client, consumer, beat.without_subscriptions);
    fingerprint_changed |= joined.fingerprint_changed;
    if (joined.changed && consumer.model != protocol::MessageModel::broadcasting) {
      notify(known, consumer.group);
    }
  }
  for (const std::string& group : beat.producer_groups) {
    if (table_.join_producer(client, group, heard)) continue;
    return refuse(services_, token, code::system_error,
                  "heartbeat: producerDataSet has the group \"" + group + "\", but one connection " +
                      "produces in " + std::to_string(ClientTable::producer_groups_max) +
                      " groups at most");
  }
  return Reply(code::success)
      .field("IS_SUPPORT_HEART_BEAT_V2", "true")
      .field("IS_SUB_CHANGE", fingerprint_changed ? "true" : "false")
      .send(services_, token);
}

gantry_status Clients::unregister(const gantry_call& call, const gantry_request& request,
                                  gantry_token token) {
  const std::span fields(request.fields, request.field_count);
  const protocol::FieldReader in(fields);
  if (const auto group = in.find("producerGroup"); group && !group->empty()) {
    table_.leave_producer(request.session, *group);
  }
  if (const auto group = in.find("consumerGroup"); group && !group->empty()) {
    Left left;
    if (table_.leave(request.session, *group, left)) {
      subscriptions_.left(request.session, left.group);
      if (!left.client.empty()) locks_.release(left.group, left.client);
      if (!left.broadcasting) notify(catalog_.on_shard(call), left.group);
    }
  }
  return Reply(code::success).send(services_, token);
}

gantry_status Clients::list(const gantry_request& request, gantry_token token) {
  const std::span fields(request.fields, request.field_count);
  protocol::FieldReader in(fields);
  const std::string_view group = in.text("consumerGroup");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  protocol::ConsumerIdList list{table_.client_ids(group)};
  if (list.ids.empty()) {
    return refuse(services_, token, code::system_error,
                  "no consumer for this group, " + std::string(group));
  }
  return answer_body(services_, token, protocol::write_body(list));
}

void Clients::session_closed(const gantry_call& call, gantry_session session) {
  for (const Left& left : table_.close(session)) {
    subscriptions_.left(session, left.group);
    if (!left.broadcasting) notify(catalog_.on_shard(call), left.group);
  }
}

void Clients::close_silent(int64_t now_ms) {
  for (const gantry_session session : table_.expired(now_ms - options_.client_expiry_ms)) {
    // session_closed() follows, on the session's shard, and does the rest.
    const gantry_status closed =
        services_.sessions.close(services_.host, session, sdk::str("no heartbeat"));
    if (closed >= 0) continue;
    // No connection of this node: nobody else says it is gone.
    for (const Left& left : table_.close(session)) subscriptions_.left(session, left.group);
  }
}

void Clients::notify(const CatalogSnapshot& known, std::string_view group) {
  const Group* config = known.groups.find(group);
  if (config && !config->notify_ids_changed) return;
  const gantry_property field{sdk::str("consumerGroup"), sdk::str(group)};
  gantry_request notice{};
  notice.struct_size = sizeof notice;
  notice.code = protocol::request_code::notify_consumer_ids_changed;
  notice.flags = GANTRY_REQUEST_ONE_WAY;
  notice.fields = &field;
  notice.field_count = 1;
  for (const gantry_session member : table_.members(group)) {
    static_cast<void>(services_.sessions.notify(services_.host, member, &notice));
  }
}

}  // namespace gantry::messaging
