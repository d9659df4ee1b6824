// Pulling: a coroutine per queue, a long poll under way at any time there is room for its answer.
#include <fmt/format.h>

#include "base/clock.hpp"
#include "client/membership.hpp"
#include "client/subscription.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/property_names.hpp"
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
    co_await hold_back(lease, "the answer to a pull can't be read: " + answer.error().text);
    co_return;
  }
  lease->broker_id = answer->suggested_broker_id;
  if (reply.code == response::success) {
    std::string wrong = take_messages(lease, reply.body, answer->next_offset);
    if (!wrong.empty()) co_return co_await hold_back(lease, std::move(wrong));
  }
  lease->unreadable = 0;
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

// Java's clients drop the rest of an answer they can't read, and say nothing. Here nothing is
// passed over that nobody knows of: not committed, not lost when somebody mends it.
awaitable<void> Membership::hold_back(LeasePtr lease, std::string why) {
  constexpr int doublings_max = 16;
  const int64_t delay = options_.pull_retry_delay.count() << std::min(lease->unreadable,
                                                                      doublings_max);
  const milliseconds wait = std::min(milliseconds(delay), options_.unreadable_delay_max);
  ++lease->unreadable;
  lease->broker_id = 0;  // another replica may have it whole
  tell({.kind = Trouble::Kind::unreadable, .queue = lease->queue, .offset = lease->next,
        .why = std::move(why), .again_in = wait});
  if (!lease->ended) co_await sleep(wait);
}

std::string Membership::take_messages(const LeasePtr& lease, std::string_view records,
                                      int64_t end) {
  if (end <= lease->next) {
    return fmt::format("an answer with messages says to go on at offset {}", end);
  }
  const int64_t begin = lease->next;
  std::vector<Received> messages;
  std::string wrong;
  for (size_t at = 0; at < records.size() && wrong.empty();) {
    const auto record = protocol::decode_record(records.substr(at));
    if (!record) {
      wrong = fmt::format("the answer to a pull can't be read from byte {} of {}: {}", at,
                          records.size(), record.error().text);
      break;
    }
    at += record->record.size();
    wrong = take_message(lease, *record, messages);
    lease->next = std::max(lease->next, record->queue_offset + (wrong.empty() ? 1 : 0));
  }
  if (lease->next > begin) lease->unreadable = 0;
  if (!wrong.empty() && options_.skip_unreadable) {
    tell({.kind = Trouble::Kind::unreadable, .queue = lease->queue, .offset = lease->next,
          .why = fmt::format("{}; skipped up to offset {}", wrong, end)});
    wrong.clear();
  }
  if (!messages.empty()) delivery_.arrived(lease, std::move(messages));
  return wrong;
}

// Brokers choose tags by their hashes: who looks again needs no body for it.
std::string Membership::take_message(const LeasePtr& lease, const protocol::MessageView& record,
                                     std::vector<Received>& messages) {
  const auto subscription = subscriptions_.find(lease->queue.topic);
  const auto tags = record.property(protocol::property::tags).value_or("");
  if (subscription != subscriptions_.end() && !wants(subscription->second, tags)) return {};
  const std::string& broker = lease->queue.broker_name;
  Outcome<Received> message =
      received_of(record, {broker, core_.address_of(broker), lease->queue.queue_id});
  if (!message) {
    std::string wrong = "a message can't be read: " + message.error().text;
    if (!options_.skip_unreadable) return wrong;
    tell({.kind = Trouble::Kind::unreadable, .queue = lease->queue, .offset = record.queue_offset,
          .why = wrong + "; skipped"});
    return {};
  }
  lease->unfinished.insert(message->queue_offset);
  ++lease->cached_messages;
  lease->cached_bytes += message->body.size();
  messages.push_back(std::move(*message));
  return {};
}

}  // namespace gantry::client
