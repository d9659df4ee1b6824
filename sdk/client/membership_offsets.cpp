// Where a queue is begun, and what is remembered of how far it was consumed.
#include <fmt/format.h>

#include "client/membership.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"

namespace gantry::client {

namespace code = protocol::request_code;
namespace response = protocol::response_code;

awaitable<Outcome<int64_t>> Membership::offset_of(MessageQueue queue, int32_t request_code,
                                                  Fields fields) {
  const auto address = broker_address(queue);
  if (!address) co_return address.error();
  Request request;
  request.code = request_code;
  request.fields = std::move(fields);
  request.fields.emplace_back("topic", queue.topic);
  request.fields.emplace_back("queueId", fmt::format("{}", queue.queue_id));
  request.fields.emplace_back("bname", queue.broker_name);
  auto reply = co_await core_.ask(*address, std::move(request), core_.options().call_timeout);
  if (!reply) co_return fail("broker " + reply.error().text);
  if (reply->code == response::query_not_found) co_return int64_t{-1};
  if (reply->code != 0) co_return refused("broker " + *address, *reply);
  protocol::FieldReader in(reply->fields);
  const int64_t offset = in.i64("offset");
  if (!in.ok()) co_return fail(fmt::format("broker {}: {}", *address, in.error().text));
  co_return offset;
}

// client: RebalancePushImpl.computePullFromWhereWithException
awaitable<Outcome<int64_t>> Membership::first_offset(MessageQueue queue) {
  Fields fields;
  if (clustering()) {
    fields.emplace_back("consumerGroup", options_.group);
    auto stored = co_await offset_of(queue, code::query_consumer_offset, fields);
    if (!stored || *stored >= 0) co_return stored;
  } else if (const auto found = local_offsets_.find(queue)) {
    co_return *found;
  }
  fields.clear();
  const bool retries = protocol::is_retry_topic(queue.topic);
  if (options_.from == From::first) co_return int64_t{0};
  if (options_.from == From::timestamp && !retries) {
    fields.emplace_back("timestamp", fmt::format("{}", options_.from_ms));
    fields.emplace_back("boundaryType", "LOWER");
    co_return co_await offset_of(queue, code::search_offset_by_timestamp, fields);
  }
  if (options_.from == From::last && retries) co_return int64_t{0};
  co_return co_await offset_of(queue, code::get_max_offset, fields);
}

awaitable<Outcome<void>> Membership::commit(LeasePtr lease) {
  const int64_t offset = lease->done_offset();
  if (lease->committed == offset) co_return Outcome<void>();
  if (!clustering()) {
    local_offsets_.set(lease->queue, offset);  // stored with those of the other queues
    lease->committed = offset;
    co_return Outcome<void>();
  }
  const auto address = broker_address(lease->queue);
  if (!address) co_return address.error();
  Request request;
  request.code = code::update_consumer_offset;
  request.fields.emplace_back("consumerGroup", options_.group);
  request.fields.emplace_back("topic", lease->queue.topic);
  request.fields.emplace_back("queueId", fmt::format("{}", lease->queue.queue_id));
  request.fields.emplace_back("commitOffset", fmt::format("{}", offset));
  request.fields.emplace_back("bname", lease->queue.broker_name);
  auto reply = co_await core_.ask(*address, std::move(request), core_.options().call_timeout);
  if (!reply) co_return fail("broker " + reply.error().text);
  if (reply->code != 0) co_return refused("broker " + *address, *reply);
  lease->committed = offset;
  co_return Outcome<void>();
}

awaitable<Outcome<void>> Membership::commit_all() {
  Outcome<void> result;
  const auto leases = leases_;
  for (const auto& [queue, lease] : leases) {
    if (lease->ended) continue;  // who gives it back commits; the next owner may be further already
    auto committed = co_await commit(lease);
    if (!committed) result = committed.error();
  }
  if (clustering()) co_return result;
  co_return local_offsets_.store();
}

Outcome<void> Membership::load_offsets() {
  if (clustering()) return {};
  const auto loaded = local_offsets_.load();
  if (!loaded) return loaded.error();
  if (!loaded->empty()) {
    tell({.kind = Trouble::Kind::offsets_file, .why = *loaded + "; its backup is used"});
  }
  return {};
}

void Membership::remembered(const Outcome<void>& committed) const {
  if (committed) return;
  tell({.kind = Trouble::Kind::commit, .why = "offsets aren't committed: " + committed.error().text});
}

}  // namespace gantry::client
