#include "offsets.hpp"

#include <span>
#include <string>

#include "protocol/codes.hpp"
#include "protocol/headers.hpp"
#include "reply.hpp"
#include "worker.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

std::span<const gantry_property> fields_of(const gantry_request& request) {
  return {request.fields, request.field_count};
}

constexpr std::string_view index_missing = "the queue index is not running";

}  // namespace

gantry_status Offsets::answer(gantry_token token, int64_t offset) {
  const NumberText text(offset);
  return Reply(code::success).field("offset", text.view()).send(services_, token);
}

gantry_status Offsets::query(const gantry_call& call, const gantry_request& request,
                             gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const QueueKey key{in.text("consumerGroup"), in.text("topic"), in.i32("queueId")};
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  const auto committed = table_.find(key);
  if (committed && *committed >= 0) return answer(token, *committed);
  if (!in.flag_or("setZeroIfNotFound", true)) {
    return refuse(services_, token, code::query_not_found,
                  "Not found, do not set to zero, maybe this group boot first");
  }
  return answer_new_group(call, key.topic, key.queue_id, token, false);
}

gantry_status Offsets::answer_new_group(const gantry_call& call, std::string_view topic,
                                        int32_t queue_id, gantry_token token, bool may_block) {
  gantry_queue_bounds bounds{};
  bool in_memory = false;
  gantry_status status = queues_.bounds(call, topic, queue_id, bounds);
  if (status == GANTRY_OK && bounds.min <= 0 && bounds.max > 0) {
    status = queues_.head_in_memory(call, topic, queue_id, may_block, in_memory);
  }
  if (status == GANTRY_WOULD_BLOCK && !may_block) {
    const gantry_request* kept = nullptr;
    if (services_.requests.keep(services_.host, token, &kept) < 0) return GANTRY_PENDING;
    return go_on_in_worker(services_, token,
                           [this, topic = std::string(topic), queue_id, token](
                               const gantry_call& worker) {
                             return answer_new_group(worker, topic, queue_id, token, true);
                           });
  }
  if (status < 0) return refuse(services_, token, code::system_error, index_missing);
  if (in_memory) return answer(token, 0);
  return refuse(services_, token, code::query_not_found,
                "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
}

gantry_status Offsets::update(const gantry_call& call, const gantry_request& request,
                              gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view group = in.text("consumerGroup");
  const std::string_view topic = in.text("topic");
  const auto queue_id = in.optional_i32("queueId");
  const auto offset = in.optional_i64("commitOffset");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  const CatalogSnapshot& known = catalog_.on_shard(call);
  if (!known.groups.find(group)) {
    return refuse(services_, token, code::subscription_group_not_exist,
                  "Group " + std::string(group) + " not exist!");
  }
  if (!known.topics.find(topic)) {
    return refuse(services_, token, code::topic_not_exist,
                  "Topic " + std::string(topic) + " not exist!");
  }
  if (!queue_id) {
    return refuse(services_, token, code::invalid_parameter,
                  "QueueId is null, topic is " + std::string(topic));
  }
  if (!offset) {
    return refuse(services_, token, code::invalid_parameter,
                  "Offset is null, topic is " + std::string(topic));
  }
  if (resets_.is_pending({group, topic, *queue_id})) {
    return Reply(code::success, "Offset has been previously reset").send(services_, token);
  }
  // Queues a topic had before it shrank may still be drained; others no topic can have.
  if (*queue_id >= 0 && *queue_id < options_.topic_queues_max) {
    table_.commit({group, topic, *queue_id}, *offset);
  }
  return Reply(code::success).send(services_, token);
}

gantry_status Offsets::max(const gantry_call& call, const gantry_request& request,
                           gantry_token token) {
  return edge(call, request, token, &gantry_queue_bounds::max);
}

gantry_status Offsets::min(const gantry_call& call, const gantry_request& request,
                           gantry_token token) {
  return edge(call, request, token, &gantry_queue_bounds::min);
}

gantry_status Offsets::edge(const gantry_call& call, const gantry_request& request,
                            gantry_token token, int64_t gantry_queue_bounds::*edge) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view topic = in.text("topic");
  const int32_t queue_id = in.i32("queueId");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  gantry_queue_bounds bounds{};
  const gantry_status status = queues_.bounds(call, topic, queue_id, bounds);
  if (status < 0) return refuse(services_, token, code::system_error, index_missing);
  return answer(token, bounds.*edge);
}

}  // namespace gantry::messaging
