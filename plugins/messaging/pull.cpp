#include "pull.hpp"

#include <algorithm>
#include <memory>
#include <span>

#include "job.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "reply.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;
namespace pull_flag = protocol::pull_flag;

const gantry_message& record(const gantry_batch& batch, uint32_t i) {
  const auto* first = reinterpret_cast<const char*>(batch.first);
  return *reinterpret_cast<const gantry_message*>(first + size_t{i} * batch.stride);
}

}  // namespace

gantry_status Pull::handle(const gantry_call& call, const gantry_request& request,
                           gantry_token token, uint32_t why) {
  const bool was_held = why != GANTRY_FIRST && wait_.remove(call.shard, request.session, token);
  const std::span fields(request.fields, request.field_count);
  const auto read = protocol::read_pull_header(fields);
  if (!read.has_value()) {
    return messaging::refuse(services_, token, code::system_error, read.error().text);
  }
  const protocol::PullMessageHeader& header = *read;
  const CatalogSnapshot& known = catalog_.on_shard(call);
  const Group* group = known.groups.find(header.consumer_group);
  if (!group) return create_group(call, token, header.consumer_group, why);
  const Topic* topic = known.topics.find(header.topic);
  if (const auto refused = check_pull(header, *group, topic, clients_, request)) {
    return refuse(token, *refused);
  }
  const SysFlags flags{topic->topic_sys_flag, group->group_sys_flag};
  const QueueKey place{header.consumer_group, header.topic, header.queue_id};
  if (const auto moved = resets_.take(place))
    return answer_moved(call, token, place, *moved, flags);
  if (!was_held && (header.sys_flag & pull_flag::commit_offset) != 0) {
    offsets_.commit(place, header.commit_offset);
  }
  const PullWanted wanted{header.topic, header.queue_id, header.queue_offset, header.messages_max};
  PullOutcome outcome;
  reader_.read(call, wanted, false, outcome);
  if (outcome.status == GANTRY_WOULD_BLOCK) {
    const gantry_request* kept = nullptr;
    if (services_.requests.keep(services_.host, token, &kept) < 0) return GANTRY_PENDING;
    return go_on_in_worker(token, wanted, flags);
  }
  const bool may_hold = !was_held && (header.sys_flag & pull_flag::suspend) != 0 &&
                        header.suspend_timeout_ms > 0 && wait_.held() < options_.pull_held_max;
  if (outcome.status == GANTRY_OK && outcome.code == code::pull_not_found && may_hold) {
    return hold(call, token, request.session, header);
  }
  return answer(token, outcome, flags);
}

// An operator moved the group: the client goes on from there, and what it thought is not committed.
gantry_status Pull::answer_moved(const gantry_call& call, gantry_token token, const QueueKey& place,
                                 int64_t offset, SysFlags flags) {
  PullOutcome outcome;
  outcome.status = queues_.bounds(call, place.topic, place.queue_id, outcome.bounds);
  outcome.code = code::pull_offset_moved;
  outcome.name = "OFFSET_RESET";
  outcome.next = offset;
  return answer(token, outcome, flags);
}

gantry_status Pull::create_group(const gantry_call& call, gantry_token token, std::string_view name,
                                 uint32_t why) {
  if (!options_.auto_create_groups || !protocol::check_group(name).empty()) {
    return refuse(token, unknown_pull_group(name));
  }
  if (why == GANTRY_TIMED_OUT) {
    return messaging::refuse(services_, token, code::system_busy, protocol::remark::overload);
  }
  CatalogChange change;
  change.groups.push_back(make_group(std::string(name)));
  return catalog_.change(call, token, std::move(change));
}

gantry_status Pull::refuse(gantry_token token, const PullRefusal& refusal) {
  const NumberText type(static_cast<int32_t>(refusal.forbidden));
  Reply reply(refusal.code, refusal.remark);
  if (refusal.forbidden != Forbidden::none) reply.field("forbiddenType", type.view());
  return reply.send(services_, token);
}

// Parked and listed first, looked again after: a record that came in between is not slept through.
gantry_status Pull::hold(const gantry_call& call, gantry_token token, gantry_session session,
                         const protocol::PullMessageHeader& header) {
  const auto longest = static_cast<int64_t>(options_.pull_hold_ms_max);
  const int64_t timeout_ms = std::min(header.suspend_timeout_ms, longest);
  const gantry_status parked =
      services_.requests.park(services_.host, token, static_cast<uint64_t>(timeout_ms));
  if (parked < 0) return parked;
  wait_.add(call.shard, session, token, header.topic, header.queue_id);
  gantry_queue_bounds bounds{};
  const gantry_status status = queues_.bounds(call, header.topic, header.queue_id, bounds);
  if (status < 0 || bounds.max > header.queue_offset) {
    static_cast<void>(services_.requests.wake(services_.host, token));
  }
  return GANTRY_PENDING;
}

gantry_status Pull::go_on_in_worker(gantry_token token, const PullWanted& wanted, SysFlags flags) {
  const gantry_status given =
      give([&](gantry_completion job) { return services_.timer.work(services_.host, job); },
           // The request may be gone by then, so the job has its own copy of what it needs.
           [this, token, flags, wanted, topic = std::string(wanted.topic)](
               const gantry_call& call, gantry_status status, const void*) {
             if (status != GANTRY_OK) return;
             PullWanted own = wanted;
             own.topic = topic;
             const auto outcome = std::make_unique<PullOutcome>();
             reader_.read(call, own, true, *outcome);
             answer(token, *outcome, flags);
           });
  if (given >= 0) return GANTRY_PENDING;
  return messaging::refuse(services_, token, code::system_busy, protocol::remark::overload);
}

gantry_status Pull::answer(gantry_token token, PullOutcome& outcome, SysFlags flags) {
  if (outcome.status < 0) {
    return messaging::refuse(services_, token, code::system_error,
                             outcome.status == GANTRY_REFUSED ? "the queue index is not running"
                                                              : "the queue could not be read");
  }
  const NumberText next(outcome.next), min(outcome.bounds.min), max(outcome.bounds.max);
  const NumberText topic(flags.topic), group(flags.group);
  return Reply(outcome.code, outcome.name)
      .field("suggestWhichBrokerId", "0")
      .field("nextBeginOffset", next.view())
      .field("minOffset", min.view())
      .field("maxOffset", max.view())
      .field("topicSysFlag", topic.view())
      .field("groupSysFlag", group.view())
      .body({outcome.slices.data(), outcome.slice_count})
      .send(services_, token);
}

void Pull::wake(const gantry_batch& batch) {
  if (!wait_.any()) return;
  for (uint32_t i = 0; i < batch.count; ++i) {
    const gantry_message& message = record(batch, i);
    wake(sdk::view(message.topic), message.queue_id);
  }
}

void Pull::wake(std::string_view topic, int32_t queue_id) {
  for (const gantry_token token : wait_.take(topic, queue_id)) {
    static_cast<void>(services_.requests.wake(services_.host, token));
  }
}

void Pull::session_closed(const gantry_call& call, gantry_session session) {
  wait_.drop(call.shard, session);
}

}  // namespace gantry::messaging
