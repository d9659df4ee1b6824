#include "moving.hpp"

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

constexpr std::string_view index_missing = "the queue index is not running";

// The C++ client, and those that wrap it, read a list; the others a map keyed by queues as objects.
bool reads_lists(int32_t language) {
  return language == protocol::language::cpp || language == protocol::language::python ||
         language == protocol::language::node_js;
}

}  // namespace

gantry_status Moving::reset(const gantry_call& call, const gantry_request& request,
                            gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  Wanted wanted;
  wanted.group = in.text("group");
  wanted.topic = in.text("topic");
  wanted.time_ms = in.i64("timestamp");
  wanted.queue_id = in.i32_or("queueId", -1);
  wanted.offset = in.optional_i64("offset");
  wanted.force = in.flag_or("isForce", false);
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  const CatalogSnapshot& known = parts_.catalog.on_shard(call);
  const Topic* topic = known.topics.find(wanted.topic);
  if (!topic) {
    return refuse(services_, token, code::topic_not_exist,
                  "Topic " + wanted.topic + " does not exist");
  }
  if (!known.groups.find(wanted.group)) {
    return refuse(services_, token, code::subscription_group_not_exist,
                  "Group " + wanted.group + " does not exist");
  }
  if (wanted.queue_id >= topic->read_queues) {
    return refuse(services_, token, code::invalid_parameter,
                  "queueId: " + std::to_string(wanted.queue_id) + " is not below the topic's " +
                      std::to_string(topic->read_queues) + " queues");
  }
  if (wanted.offset == -1) wanted.offset.reset();  // what mqadmin says for none
  wanted.queues = options_.server_side_reset ? topic->read_queues : topic->write_queues;
  return go_on_in_worker(
      services_, token, [this, token, wanted = std::move(wanted)](const gantry_call& worker) {
        return options_.server_side_reset ? reset_here(worker, wanted, token)
                                          : reset_by_members(worker, wanted, token);
      });
}

std::optional<Moving::Refused> Moving::by_time(const gantry_call& call, const Wanted& wanted,
                                               int32_t queue_id, int64_t& out) const {
  gantry_queue_bounds bounds{};
  const gantry_status status =
      wanted.time_ms < 0
          ? parts_.queues.bounds(call, wanted.topic, queue_id, bounds)
          : parts_.queues.at_time(call, wanted.topic, queue_id, false, wanted.time_ms, out);
  if (status < 0) return Refused{code::system_error, std::string(index_missing)};
  if (wanted.time_ms < 0) out = bounds.max;
  return std::nullopt;
}

std::optional<Moving::Refused> Moving::find_offsets(const gantry_call& call, const Wanted& wanted,
                                                    Table& out) const {
  const int32_t first = std::max(wanted.queue_id, 0);
  const int32_t end = wanted.queue_id < 0 ? wanted.queues : wanted.queue_id + 1;
  for (int32_t queue_id = first; queue_id < end; ++queue_id) {
    int64_t& offset = out.offsets[{wanted.topic, node_.broker, queue_id}];
    if (wanted.queue_id < 0 || !wanted.offset) {
      if (auto refused = by_time(call, wanted, queue_id, offset)) return refused;
      continue;
    }
    gantry_queue_bounds bounds{};
    if (parts_.queues.bounds(call, wanted.topic, queue_id, bounds) < 0) {
      return Refused{code::system_error, std::string(index_missing)};
    }
    offset = *wanted.offset;
    if (offset < bounds.min || offset > bounds.max + 1) {
      return Refused{code::system_error,
                     "Target offset " + std::to_string(offset) + " not in consume queue range [" +
                         std::to_string(bounds.min) + "-" + std::to_string(bounds.max) + "]"};
    }
    offset = std::min(offset, bounds.max);  // Java takes one more, which nobody could pull
  }
  if (out.offsets.empty()) return Refused{code::system_error, "No queues to reset."};
  return std::nullopt;
}

// The group's place moves at once; a member hears of it with its next pull, which is now when one
// is held.
gantry_status Moving::reset_here(const gantry_call& call, const Wanted& wanted,
                                 gantry_token token) {
  Table table;
  if (const auto refused = find_offsets(call, wanted, table)) {
    return refuse(services_, token, refused->code, refused->remark);
  }
  for (const auto& [queue, offset] : table.offsets) {
    const QueueKey key{wanted.group, wanted.topic, queue.queue_id};
    parts_.resets.put(key, offset);
    parts_.offsets.commit(key, offset);
    parts_.pull.wake(wanted.topic, queue.queue_id);
  }
  parts_.offset_store.flush();
  return answer_body(services_, token, protocol::write_body(table, protocol::JsonStyle::legacy));
}

std::optional<Moving::Refused> Moving::find_for_members(const gantry_call& call,
                                                        const Wanted& wanted, Table& out) const {
  for (int32_t queue_id = 0; queue_id < wanted.queues; ++queue_id) {
    const auto committed = parts_.offsets.find({wanted.group, wanted.topic, queue_id});
    if (!committed) {
      return Refused{code::system_error, "THe consumer group <" + wanted.group + "> not exist"};
    }
    int64_t& offset = out.offsets[{wanted.topic, node_.broker, queue_id}];
    if (auto refused = by_time(call, wanted, queue_id, offset)) return refused;
    if (!wanted.force) offset = std::min(offset, *committed);
  }
  return std::nullopt;
}

gantry_status Moving::reset_by_members(const gantry_call& call, const Wanted& wanted,
                                       gantry_token token) {
  Table table;
  if (const auto refused = find_for_members(call, wanted, table)) {
    return refuse(services_, token, refused->code, refused->remark);
  }
  const auto group = parts_.clients.group(wanted.group);
  if (!group) {
    return refuse(services_, token, code::consumer_not_online,
                  "Consumer not online, so can not reset offset, Group: " + wanted.group +
                      " Topic: " + wanted.topic + " Timestamp: " + std::to_string(wanted.time_ms));
  }
  for (const Client& member : group->members) {
    if (member.version >= protocol::version::v3_0_7_snapshot) continue;
    return refuse(services_, token, code::system_error,
                  "the client does not support this feature. version=" +
                      protocol::version_name(member.version));
  }
  for (const Client& member : group->members) {
    static_cast<void>(push(wanted, table, member.session, member.language));
  }
  return answer_body(services_, token, protocol::write_body(table, protocol::JsonStyle::legacy));
}

gantry_status Moving::push(const Wanted& wanted, const Table& table, gantry_session member,
                           int32_t language) const {
  const std::string body = reads_lists(language)
                               ? protocol::write_offset_list(table)
                               : protocol::write_body(table, protocol::JsonStyle::legacy);
  const NumberText time(wanted.time_ms);
  const gantry_property fields[] = {
      {sdk::str("group"), sdk::str(wanted.group)},
      {sdk::str("topic"), sdk::str(wanted.topic)},
      {sdk::str("queueId"), sdk::str("-1")},
      {sdk::str("timestamp"), sdk::str(time.view())},
      {sdk::str("isForce"), sdk::str(wanted.force ? "true" : "false")}};
  const gantry_slice slice = body_slice(services_, body);
  if (!slice.buffer) return GANTRY_BUSY;
  gantry_request request{};
  request.struct_size = sizeof request;
  request.code = protocol::request_code::reset_consumer_client_offset;
  request.flags = GANTRY_REQUEST_ONE_WAY;
  request.fields = fields;
  request.field_count = std::size(fields);
  request.body = &slice;
  request.body_count = 1;
  return services_.sessions.notify(services_.host, member, &request);
}

// A topic the source's members don't read any more is left out, unless it is meant offline.
gantry_status Moving::clone(const gantry_call& call, const gantry_request& request,
                            gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view from = in.text("srcGroup");
  const std::string_view to = in.text("destGroup");
  const std::string_view topic = in.text_or("topic", {});
  const bool offline = in.flag_or("offline", false);
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  for (const std::string_view group : {from, to}) {
    if (parts_.catalog.on_shard(call).groups.find(group)) continue;
    return refuse(services_, token, code::subscription_group_not_exist,
                  "Group " + std::string(group) + " does not exist");
  }
  return go_on_in_worker(
      services_, token,
      [this, token, from = std::string(from), to = std::string(to), topic = std::string(topic),
       offline](const gantry_call&) {
        const auto known = parts_.catalog.latest();
        const auto online = offline ? std::nullopt : parts_.clients.group(from);
        const auto is_read = [&](std::string_view name) {
          if (!online || online->subscriptions.empty()) return true;
          return std::any_of(online->subscriptions.begin(), online->subscriptions.end(),
                             [&](const auto& one) { return one.topic == name; });
        };
        for (const CommittedOffset& one : parts_.offsets.collect([&](const QueueKey& key) {
               return key.group == from && (topic.empty() || key.topic == topic);
             })) {
          if (!known->topics.find(one.topic) || !is_read(one.topic)) continue;
          parts_.offsets.commit({to, one.topic, one.queue_id}, one.offset);
        }
        parts_.offset_store.flush();
        return Reply(code::success).send(services_, token);
      });
}

gantry_status Moving::list(gantry_token token) {
  return go_on_in_worker(services_, token, [this, token](const gantry_call& call) {
    protocol::CommittedOffsets body;
    body.data_version.timestamp = call.now_ms;
    for (const CommittedOffset& one :
         parts_.offsets.collect([](const QueueKey&) { return true; })) {
      body.offsets[one.topic + "@" + one.group][one.queue_id] = one.offset;
    }
    return answer_body(services_, token, protocol::write_body(body, protocol::JsonStyle::legacy));
  });
}

}  // namespace gantry::messaging
