// Pulling: a coroutine per queue, a long poll under way at any time there is room for its answer.
#include <fmt/format.h>

#include "base/clock.hpp"
#include "client/membership.hpp"
#include "client/subscription.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/pull_header.hpp"

namespace gantry::client {

namespace response = protocol::response_code;

void Membership::start_pulling(const LeasePtr& lease) {
  lease->cancel_pull = std::make_shared<boost::asio::cancellation_signal>();
  spawn(pull(shared_from_this(), lease), lease->cancel_pull);
}

// The coroutine under way may be between two waits, where a cancellation is not heard: it sees by
// the turn that it is over.
void Membership::jump(const LeasePtr& lease, int64_t offset) {
  lease->forget();
  lease->stop_pulling();
  delivery_.dropped(lease);
  lease->next = offset;
  lease->changed.signal();
  if (!lease->ended) start_pulling(lease);
}

Outcome<void> Membership::seek(const MessageQueue& queue, int64_t offset) {
  const auto found = leases_.find(queue);
  if (found == leases_.end()) {
    return fail(fmt::format("queue {} of topic {} on broker {} is not this consumer's",
                            queue.queue_id, queue.topic, queue.broker_name));
  }
  if (offset < 0) return fail(fmt::format("offset {} is before a queue's begin", offset));
  jump(found->second, offset);
  return {};
}

awaitable<void> Membership::pull(std::shared_ptr<Membership> self, LeasePtr lease) {
  const uint64_t turn = lease->turn;
  const auto over = [&] { return lease->ended || self->stopping_ || lease->turn != turn; };
  while (!over()) {
    const bool may = co_await self->may_pull(lease);
    if (over()) co_return;
    if (!may) continue;
    const std::string& broker = lease->queue.broker_name;
    std::string address = self->core_.address_of(broker, lease->broker_id);
    bool from_master = lease->broker_id == 0;
    if (address.empty()) {
      lease->broker_id = 0;
      from_master = true;
      address = self->core_.address_of(broker);
    }
    lease->last_pull_ms = SystemClock().now_ms();
    Request request = self->pull_request(*lease, from_master);
    auto reply = co_await self->core_.ask(
        address, std::move(request), self->options_.hold + self->core_.options().call_timeout);
    if (over()) co_return;
    if (reply) {
      co_await self->answered(lease, std::move(*reply));
    } else {
      lease->broker_id = 0;
      self->core_.doubt_route(lease->queue.topic);
      co_await self->sleep(self->options_.pull_retry_delay);
      if (over()) co_return;
      co_await self->core_.route(lease->queue.topic);
    }
  }
}

// Waits while the application has enough, or the lock is another's.
awaitable<bool> Membership::may_pull(LeasePtr lease) {
  if (lease->cached_messages >= options_.cached_messages_max ||
      lease->cached_bytes >= options_.cached_bytes_max) {
    co_await lease->changed.wait();
    co_return false;
  }
  if (!has_lock(*lease)) {
    co_await lease->changed.wait();
    co_return false;
  }
  co_return true;
}

Request Membership::pull_request(const Lease& lease, bool from_master) const {
  protocol::PullMessageHeader header;
  header.consumer_group = options_.group;
  header.topic = lease.queue.topic;
  header.queue_id = lease.queue.queue_id;
  header.queue_offset = lease.next;
  header.messages_max = options_.pull_batch;
  header.sys_flag = protocol::pull_flag::suspend;
  header.suspend_timeout_ms = options_.hold.count();
  header.broker_name = lease.queue.broker_name;
  // A push consumer's progress goes with its pulls; a replica takes none.
  const bool passive = kind_.type == protocol::ConsumeType::passively;
  if (passive && clustering() && from_master && lease.done_offset() > 0) {
    header.sys_flag |= protocol::pull_flag::commit_offset;
    header.commit_offset = lease.done_offset();
  }
  const auto subscription = subscriptions_.find(lease.queue.topic);
  if (subscription != subscriptions_.end()) {
    header.subscription_version = subscription->second.version;
    if (!passive) {
      header.sys_flag |= protocol::pull_flag::subscription;
      header.subscription = subscription->second.expression;
      header.expression_type = subscription->second.expression_type;
    }
  }
  Request request;
  request.code = protocol::request_code::pull_message;
  request.fields = write_pull_header(header);
  return request;
}

awaitable<void> Membership::answered(LeasePtr lease, Reply reply) {
  const auto answer = protocol::read_pull_answer(reply.fields);
  switch (reply.code) {
    case response::success:
    case response::pull_not_found:
    case response::pull_retry_immediately:
    case response::pull_offset_moved:
      break;
    case response::topic_not_exist:
      core_.doubt_route(lease->queue.topic);
      rebalance_later(options_.pull_retry_delay);
      co_await sleep(options_.pull_retry_delay);
      co_return;
    default:
      // Above all 24 and 25: the broker doesn't know us, or an older subscription.
      co_await core_.beat();
      if (!lease->ended) co_await sleep(options_.pull_retry_delay);
      co_return;
  }
  if (!answer) {
    co_await sleep(options_.pull_retry_delay);
    co_return;
  }
  lease->broker_id = answer->suggested_broker_id;
  if (reply.code == response::success) take_messages(lease, reply);
  lease->next = answer->next_offset;
  if (reply.code == response::pull_offset_moved) {
    // What we have is outside of the queue's bounds: it was removed, or the group was reset.
    lease->unfinished.clear();
    lease->committed = -1;
    auto committed = co_await commit(lease);
    static_cast<void>(committed);  // the next interval's commit tries again
    if (!lease->ended) jump(lease, answer->next_offset);
  }
}

void Membership::take_messages(const LeasePtr& lease, const Reply& reply) {
  const auto records = protocol::decode_records(reply.body);
  if (!records) return;
  const auto subscription = subscriptions_.find(lease->queue.topic);
  const Queue queue{lease->queue.broker_name, core_.address_of(lease->queue.broker_name),
                    lease->queue.queue_id};
  std::vector<Received> messages;
  for (const protocol::MessageView& record : *records) {
    Outcome<Received> message = received_of(record, queue);
    if (!message) continue;  // nobody can read it, now or later
    if (subscription != subscriptions_.end() && !wants(subscription->second, message->tags)) {
      continue;
    }
    lease->unfinished.insert(message->queue_offset);
    ++lease->cached_messages;
    lease->cached_bytes += message->body.size();
    messages.push_back(std::move(*message));
  }
  if (!messages.empty()) delivery_.arrived(lease, std::move(messages));
}

}  // namespace gantry::client
