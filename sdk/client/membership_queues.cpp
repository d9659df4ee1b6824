// Which queues are ours: shares, locks, what is taken and given back.
#include <fmt/format.h>

#include "base/clock.hpp"
#include "client/membership.hpp"
#include "client/subscription.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::client {

namespace code = protocol::request_code;

using std::chrono::steady_clock;

namespace {

constexpr milliseconds lock_life{30'000};      // client: REBALANCE_LOCK_MAX_LIVE_TIME
constexpr milliseconds lock_retry{500};        // another member may still be finishing
constexpr milliseconds handover_wait{1000};    // for listeners that run, before a queue is given up

std::map<std::string, std::vector<MessageQueue>> by_broker(std::vector<MessageQueue> queues) {
  std::map<std::string, std::vector<MessageQueue>> out;
  for (MessageQueue& queue : queues) out[queue.broker_name].push_back(std::move(queue));
  return out;
}

}  // namespace

// One at a time; who comes meanwhile makes it run once more.
awaitable<Outcome<void>> Membership::rebalance() {
  if (assigned_ || stopping_) co_return Outcome<void>();
  if (rebalancing_) {
    rebalance_later(milliseconds(0));
    co_return Outcome<void>();
  }
  rebalancing_ = true;
  const std::unique_ptr<Membership, void (*)(Membership*)> over(this, [](Membership* self) {
    self->rebalancing_ = false;
    self->idle_.signal();
  });
  Outcome<void> result;
  const auto subscriptions = subscriptions_;
  for (const auto& [topic, subscription] : subscriptions) {
    auto balanced = co_await rebalance_topic(topic);
    if (!balanced) result = balanced.error();
    if (stopping_) co_return result;
  }
  std::vector<LeasePtr> unsubscribed;
  for (const auto& [queue, lease] : leases_) {
    if (!subscriptions_.contains(queue.topic)) unsubscribed.push_back(lease);
  }
  co_await give_back(std::move(unsubscribed));
  co_return result;
}

awaitable<Outcome<void>> Membership::rebalance_topic(std::string topic) {
  auto route = co_await core_.route(topic);
  if (!route) co_return route.error();
  std::vector<MessageQueue> all;
  for (const Queue& queue : (*route)->readable) all.push_back({topic, queue.broker, queue.id});
  std::sort(all.begin(), all.end());
  if (all.empty()) {
    co_return co_await settle(topic, std::set<MessageQueue>());
  }
  if (!clustering()) {
    const std::set<MessageQueue> mine(all.begin(), all.end());
    co_return co_await settle(topic, mine);
  }
  auto ids = co_await member_ids(*route);
  if (!ids) {
    auto known = co_await core_.beat();  // the group may be unknown because we are
    co_return known ? ids.error() : known.error();
  }
  const std::string own_id = core_.client_id();
  if (std::find(ids->begin(), ids->end(), own_id) == ids->end()) {
    // The broker doesn't know us (any more): others have our queues by now.
    auto known = co_await core_.beat();
    auto settled = co_await settle(topic, std::set<MessageQueue>());
    if (!settled || !known) co_return known ? settled.error() : known.error();
    co_return fail("the broker does not list this consumer in group " + options_.group);
  }
  const std::vector<MessageQueue> share = options_.allocate(all, *ids, own_id);
  const std::set<MessageQueue> mine(share.begin(), share.end());
  co_return co_await settle(topic, mine);
}

awaitable<Outcome<std::vector<std::string>>> Membership::member_ids(RoutePtr route) {
  Request request;
  request.code = code::get_consumer_list_by_group;
  request.fields.emplace_back("consumerGroup", options_.group);
  Failure last = fail("no broker of the topic has an address");
  std::set<std::string> asked;
  for (const Queue& queue : route->readable) {
    if (!asked.insert(queue.address).second) continue;
    auto reply = co_await core_.ask(queue.address, request, core_.options().call_timeout);
    if (!reply) {
      last = fail("broker " + reply.error().text);
      continue;
    }
    if (reply->code != 0) {
      last = refused("broker " + queue.address, *reply);
      continue;
    }
    auto list = protocol::read_body<protocol::ConsumerIdList>(reply->body);
    if (!list) {
      last = fail(fmt::format("broker {}: {}", queue.address, list.error().text));
      continue;
    }
    std::sort(list->ids.begin(), list->ids.end());
    co_return std::move(list->ids);
  }
  co_return last;
}

// Makes `mine` what we have of the topic.
awaitable<Outcome<void>> Membership::settle(std::string topic, std::set<MessageQueue> mine) {
  std::vector<LeasePtr> lost;
  for (const auto& [queue, lease] : leases_) {
    if (queue.topic == topic && !mine.contains(queue)) lost.push_back(lease);
  }
  co_await give_back(std::move(lost));
  std::vector<MessageQueue> won;
  for (const MessageQueue& queue : mine) {
    if (!leases_.contains(queue)) won.push_back(queue);
  }
  co_return co_await take(std::move(won));
}

awaitable<Outcome<void>> Membership::take(std::vector<MessageQueue> queues) {
  Outcome<void> result;
  std::set<MessageQueue> granted(queues.begin(), queues.end());
  const bool locks = kind_.orderly && clustering();
  if (locks && !queues.empty()) granted = co_await lock(queues);
  for (const MessageQueue& queue : queues) {
    if (stopping_) co_return result;
    if (!granted.contains(queue)) {
      rebalance_later(lock_retry);
      continue;
    }
    auto offset = co_await first_offset(queue);
    if (!offset) {
      result = offset.error();
      continue;
    }
    if (stopping_) co_return result;
    auto lease = std::make_shared<Lease>(core_.io(), queue, SystemClock().now_ms());
    lease->next = *offset;
    lease->locked = locks;
    lease->lock_until = steady_clock::now() + lock_life;
    leases_.emplace(queue, lease);
    start_pulling(lease);
  }
  co_return result;
}

void Membership::end(const LeasePtr& lease) {
  if (lease->ended) return;
  lease->ended = true;
  lease->stop_pulling();
  delivery_.dropped(lease);
  lease->changed.signal();
}

// Listeners that run get a moment to finish, so that the next owner doesn't get the same again. An
// orderly queue stays locked as long as they take: the next message is nobody's before.
awaitable<void> Membership::give_back(std::vector<LeasePtr> leases) {
  if (!stopping_) std::erase_if(leases, [](const LeasePtr& lease) { return lease->leaving; });
  if (leases.empty()) co_return;
  for (const LeasePtr& lease : leases) end(lease);
  const auto deadline = steady_clock::now() + handover_wait;
  for (const LeasePtr& lease : leases) {
    while (lease->running > 0 && (stopping_ || steady_clock::now() < deadline)) {
      co_await lease->changed.wait(handover_wait);
    }
  }
  if (kind_.orderly && clustering()) {
    std::erase_if(leases, [this](const LeasePtr& lease) {
      if (lease->running == 0) return false;
      lease->leaving = true;
      spawn(give_back_when_done(lease));
      return true;
    });
  }
  co_await hand_over(std::move(leases));
}

awaitable<void> Membership::give_back_when_done(LeasePtr lease) {
  while (lease->running > 0) co_await lease->changed.wait();
  std::vector<LeasePtr> leases;
  leases.push_back(std::move(lease));
  co_await hand_over(std::move(leases));
  if (!stopping_) rebalance_later(milliseconds(0));  // it may be ours again
}

awaitable<void> Membership::hand_over(std::vector<LeasePtr> leases) {
  std::vector<MessageQueue> queues;
  for (const LeasePtr& lease : leases) {
    remembered(co_await commit(lease));  // if not: the next owner begins a little earlier
    const auto found = leases_.find(lease->queue);
    if (found != leases_.end() && found->second == lease) leases_.erase(found);
    queues.push_back(lease->queue);
  }
  if (!clustering()) remembered(local_offsets_.store());
  if (kind_.orderly && clustering()) co_await unlock(std::move(queues));
}

awaitable<std::set<MessageQueue>> Membership::lock(std::vector<MessageQueue> queues) {
  std::set<MessageQueue> granted;
  for (auto& [broker, wanted] : by_broker(std::move(queues))) {
    const std::string address = core_.address_of(broker);
    if (address.empty()) continue;
    protocol::LockBatchRequest body;
    body.consumer_group = options_.group;
    body.client_id = core_.client_id();
    body.queues = wanted;
    Request request;
    request.code = code::lock_batch_mq;
    request.body = protocol::write_body(body);
    auto reply = co_await core_.ask(address, std::move(request), core_.options().call_timeout);
    if (!reply || reply->code != 0) continue;
    auto answer = protocol::read_body<protocol::LockBatchAnswer>(reply->body);
    if (!answer) continue;
    for (const MessageQueue& queue : answer->queues) {
      granted.insert(queue);
      const auto found = leases_.find(queue);
      if (found == leases_.end()) continue;
      found->second->locked = true;
      found->second->lock_until = steady_clock::now() + lock_life;
      found->second->last_lock_ms = SystemClock().now_ms();
    }
  }
  co_return granted;
}

awaitable<void> Membership::unlock(std::vector<MessageQueue> queues) {
  for (auto& [broker, held] : by_broker(std::move(queues))) {
    const std::string address = core_.address_of(broker);
    if (address.empty()) continue;
    protocol::LockBatchRequest body;
    body.consumer_group = options_.group;
    body.client_id = core_.client_id();
    body.queues = held;
    Request request;
    request.code = code::unlock_batch_mq;
    request.body = protocol::write_body(body);
    co_await core_.ask(address, std::move(request), core_.options().call_timeout);
  }
}

awaitable<Outcome<void>> Membership::assign(std::vector<MessageQueue> queues) {
  if (auto loaded = load_offsets(); !loaded) co_return loaded;
  assigned_ = true;
  std::set<std::string> topics;
  for (const MessageQueue& queue : queues) topics.insert(queue.topic);
  for (const std::string& topic : topics) {
    auto route = co_await core_.route(topic);
    if (!route) co_return route.error();
    if (!subscriptions_.contains(topic)) {
      subscriptions_[topic] = everything_of(topic, SystemClock().now_ms());
    }
  }
  const std::set<MessageQueue> mine(queues.begin(), queues.end());
  std::vector<LeasePtr> lost;
  for (const auto& [queue, lease] : leases_) {
    if (!mine.contains(queue)) lost.push_back(lease);
  }
  co_await give_back(std::move(lost));
  std::vector<MessageQueue> won;
  for (const MessageQueue& queue : mine) {
    if (!leases_.contains(queue)) won.push_back(queue);
  }
  co_return co_await take(std::move(won));
}

}  // namespace gantry::client
