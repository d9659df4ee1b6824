#include "pull.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"
#include "reply.hpp"
#include "request_body.hpp"
#include "worker.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;
namespace pull_flag = protocol::pull_flag;

// The names of the light queues a record is in besides its own, with commas between them.
std::string_view light_queues(const gantry_message& message) {
  constexpr std::string_view name = protocol::property::multi_dispatch;
  if ((message.flags & GANTRY_MSG_PARSED) == 0) {
    return protocol::find_property(sdk::view(message.property_text), name).value_or("");
  }
  for (uint32_t i = 0; i < message.property_count; ++i) {
    if (sdk::view(message.properties[i].key) == name) return sdk::view(message.properties[i].value);
  }
  return {};
}

}  // namespace

// A walk that goes on after its request's call: with copies of what it needs of it.
struct Pull::Job {
  std::string topic;
  FilterRef filter;
  PullWanted wanted;
  Told told;
  std::unique_ptr<PullOutcome> outcome;
};

gantry_status Pull::handle(const gantry_call& call, const gantry_request& request,
                           gantry_token token, uint32_t why) {
  const auto held =
      why == GANTRY_FIRST ? std::nullopt : wait_.remove(call.shard, request.session, token);
  const auto read = protocol::read_pull_header(fields_of(request));
  if (!read.has_value()) {
    return messaging::refuse(services_, token, code::system_error, read.error().text);
  }
  const protocol::PullMessageHeader& header = *read;
  if (refuses(token, request.code)) return GANTRY_OK;
  const CatalogSnapshot& known = catalog_.on_shard(call);
  const Group* group = known.groups.find(header.consumer_group);
  if (!group) return create_group(call, token, header.consumer_group, why);
  const Topic* topic = known.topics.find(header.topic);
  const PullPlace asked{header, *group, topic, subscriptions_.on_shard(call, group->name)};
  Expression expression;
  if (const auto refused = check_pull(asked, request, options_.expression_bytes_max, expression)) {
    return refuse(token, *refused);
  }
  PullFilter::Outcome judged = filter_.find(call, token, why, asked, expression);
  if (judged.found == PullFilter::Found::refused) return refuse(token, judged.refusal);
  if (judged.found == PullFilter::Found::compiling) return judged.status;
  FilterRef filter = std::move(judged.filter);
  const Told told{topic->topic_sys_flag, group->group_sys_flag, group->broker_id,
                  group->slow_consumer_broker_id};
  const QueueKey place{header.consumer_group, header.topic, header.queue_id};
  if (const auto moved = resets_.take(place)) return answer_moved(call, token, place, *moved, told);
  if (!held && (header.sys_flag & pull_flag::commit_offset) != 0) {
    offsets_.commit(place, header.commit_offset);
  }
  const PullWanted wanted{header.topic,     header.queue_id,     header.queue_offset,
                          held.value_or(0), header.messages_max, header.message_bytes_max,
                          filter.get()};
  PullOutcome outcome(services_);
  reader_.read(call, wanted, PullRead::Thread::shard, outcome);
  if (outcome.status == GANTRY_WOULD_BLOCK || outcome.status == GANTRY_PENDING) {
    const gantry_request* kept = nullptr;
    if (services_.requests.keep(services_.host, token, &kept) < 0) return GANTRY_PENDING;
    return go_on(token, call.shard,
                 {std::string(header.topic), std::move(filter), wanted, told,
                  std::make_unique<PullOutcome>(std::move(outcome))});
  }
  if (outcome.status == GANTRY_OK && outcome.code == code::pull_not_found && !held &&
      may_hold(header)) {
    return hold(call, token, request.session, header, std::move(filter));
  }
  return answer(token, outcome, told);
}

// What the broker as a whole doesn't serve; true: it is answered.
bool Pull::refuses(gantry_token token, int32_t request_code) {
  const bool is_lite = request_code == protocol::request_code::lite_pull_message;
  if (options_.pull_enabled && (!is_lite || options_.lite_pull_enabled)) return false;
  const std::string broker = "the broker[" + node_.host.ip_text() + "] ";
  refuse(token, {code::no_permission,
                 broker + (options_.pull_enabled ? "for lite pull consumer is forbidden"
                                                 : "pulling message is forbidden"),
                 Forbidden::broker});
  return true;
}

// An operator moved the group: the client goes on from there, and what it thought is not committed.
gantry_status Pull::answer_moved(const gantry_call& call, gantry_token token, const QueueKey& place,
                                 int64_t offset, const Told& told) {
  PullOutcome outcome(services_);
  outcome.status = queues_.bounds(call, place.topic, place.queue_id, outcome.bounds);
  outcome.code = code::pull_offset_moved;
  outcome.name = "OFFSET_RESET";
  outcome.next = offset;
  return answer(token, outcome, told);
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

bool Pull::may_hold(const protocol::PullMessageHeader& header) const {
  return (header.sys_flag & pull_flag::suspend) != 0 && header.suspend_timeout_ms > 0 &&
         wait_.held() < options_.pull_held_max;
}

// Parked and listed first, looked again after: a record that came in between is not slept through.
gantry_status Pull::hold(const gantry_call& call, gantry_token token, gantry_session session,
                         const protocol::PullMessageHeader& header, FilterRef filter) {
  const int64_t asked =
      options_.long_polling ? header.suspend_timeout_ms : int64_t{options_.short_polling_ms};
  const int64_t timeout_ms = std::min(asked, static_cast<int64_t>(options_.pull_hold_ms_max));
  const gantry_status parked =
      services_.requests.park(services_.host, token, static_cast<uint64_t>(timeout_ms));
  if (parked < 0) return parked;
  wait_.add(call.shard, session,
            {token, header.topic, header.queue_id, header.queue_offset, std::move(filter)});
  gantry_queue_bounds bounds{};
  const gantry_status status = queues_.bounds(call, header.topic, header.queue_id, bounds);
  if (status < 0 || bounds.max > header.queue_offset) {
    static_cast<void>(services_.requests.wake(services_.host, token));
  }
  return GANTRY_PENDING;
}

// In a later turn of its shard, behind what came meanwhile; or on a worker, to the end.
gantry_status Pull::go_on(gantry_token token, uint32_t shard, Job job) {
  const bool on_worker = job.outcome->status == GANTRY_WOULD_BLOCK;
  auto body = [this, token, shard, on_worker,
               job = std::move(job)](const gantry_call& call) mutable -> gantry_status {
    job.wanted.topic = job.topic;
    job.wanted.filter = job.filter.get();
    const auto thread = on_worker ? PullRead::Thread::worker : PullRead::Thread::shard;
    reader_.read(call, job.wanted, thread, *job.outcome);
    const bool unfinished =
        job.outcome->status == GANTRY_WOULD_BLOCK || job.outcome->status == GANTRY_PENDING;
    if (unfinished && !on_worker) return go_on(token, shard, std::move(job));
    return answer(token, *job.outcome, job.told);
  };
  if (on_worker) return go_on_in_worker(services_, token, std::move(body));
  return go_on_later(services_, token, shard, std::move(body));
}

gantry_status Pull::answer(gantry_token token, PullOutcome& outcome, const Told& told) {
  if (outcome.status < 0) {
    std::string_view why = outcome.failure;
    if (why.empty()) {
      why = outcome.status == GANTRY_REFUSED ? "the queue index is not running"
                                             : "the queue could not be read";
    }
    return messaging::refuse(services_, token, code::system_error, why);
  }
  int64_t broker_id = 0;
  if (options_.slave_read) {
    const bool is_slow = outcome.begun && outcome.log_offset < queues_.memory_begin();
    broker_id = is_slow ? told.slow_broker_id : told.broker_id;
  }
  const NumberText broker(broker_id), next(outcome.next);
  const NumberText min(outcome.bounds.min), max(outcome.bounds.max);
  const NumberText topic(told.topic_sys_flag), group(told.group_sys_flag);
  return Reply(outcome.code, outcome.name)
      .field("suggestWhichBrokerId", broker.view())
      .field("nextBeginOffset", next.view())
      .field("minOffset", min.view())
      .field("maxOffset", max.view())
      .field("topicSysFlag", topic.view())
      .field("groupSysFlag", group.view())
      .body(outcome.records.take())
      .send(services_, token);
}

void Pull::wake(const gantry_call& call, const gantry_batch& batch) {
  if (!wait_.any()) return;
  const bool light = wait_.any_light();
  const auto* first = reinterpret_cast<const char*>(batch.first);
  for (uint32_t i = 0; i < batch.count; ++i) {
    const auto& message = *reinterpret_cast<const gantry_message*>(first + size_t{i} * batch.stride);
    wake(call, message,
         {sdk::view(message.topic), message.queue_id, message.queue_offset,
          (message.sys_flag & protocol::message_flag::inner_batch) == 0});
    if (!light) continue;
    // Its number there is not looked at: who is not woken walks over the record when he looks again.
    for (std::string_view names = light_queues(message); !names.empty();) {
      const size_t comma = std::min(names.find(','), names.size());
      wake(call, message, {names.substr(0, comma), 0, 0, false});
      names.remove_prefix(std::min(comma + 1, names.size()));
    }
  }
}

// Each filter is asked once for the record, whoever waits with it, and under no lock.
void Pull::wake(const gantry_call& call, const gantry_message& message,
                const PullWait::Arrival& arrival) {
  asking_.clear();
  asked_.clear();
  woken_.clear();
  wait_.filters(arrival, asking_);
  const gantry_index_entry entry{message.log_offset, message.tag_code,
                                 static_cast<int32_t>(message.record_size), 0};
  const gantry_batch alone{sizeof alone, sizeof message, 1, 0, &message};
  for (const FilterRef& filter : asking_) {
    // What can't be judged now wakes: the pull finds out, and can say so.
    uint8_t verdict = GANTRY_VERDICT_DELIVER;
    gantry_status status = filter->match_index(call, {&entry, 1}, &verdict);
    if (status >= 0 && verdict == GANTRY_VERDICT_LOOK)
      status = filter->match(call, alone, &verdict);
    asked_.push_back({filter.get(), status < 0 || verdict != GANTRY_VERDICT_SKIP});
  }
  wait_.take(arrival, asked_, woken_);
  asking_.clear();  // nothing keeps a filter but who waits with it
  for (const gantry_token token : woken_) {
    static_cast<void>(services_.requests.wake(services_.host, token));
  }
}

void Pull::wake(std::string_view topic, int32_t queue_id) {
  std::vector<gantry_token> woken;
  wait_.take_all(topic, queue_id, woken);
  for (const gantry_token token : woken) {
    static_cast<void>(services_.requests.wake(services_.host, token));
  }
}

void Pull::session_closed(const gantry_call& call, gantry_session session) {
  wait_.drop(call.shard, session);
}

}  // namespace gantry::messaging
