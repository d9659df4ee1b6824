#include "client/membership.hpp"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>

#include "base/clock.hpp"
#include "client/subscription.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"

namespace gantry::client {

namespace asio = boost::asio;
namespace code = protocol::request_code;

using std::chrono::steady_clock;

namespace {

constexpr milliseconds lock_interval{20'000};  // client: ConsumeMessageOrderlyService

}  // namespace

Membership::Membership(Core& core, ConsumerOptions options, Kind kind, Delivery& delivery)
    : core_(core), options_(std::move(options)), kind_(kind), delivery_(delivery),
      local_offsets_(options_.offsets_file), started_ms_(SystemClock().now_ms()),
      next_rebalance_(options_.rebalance_interval), stop_(core.io()), wake_(core.io()), idle_(core.io()) {}

void Membership::subscribe(protocol::SubscriptionData subscription) {
  subscriptions_[subscription.topic] = std::move(subscription);
  if (started_) rebalance_later(milliseconds(0));
}

void Membership::unsubscribe(const std::string& topic) {
  if (subscriptions_.erase(topic) > 0 && started_) rebalance_later(milliseconds(0));
}

void Membership::spawn(awaitable<void> work,
                       std::shared_ptr<asio::cancellation_signal> cancelled_by) {
  ++running_;
  // Keeps both until the coroutine has ended.
  auto ended = [self = shared_from_this(), cancelled_by](const std::exception_ptr&) {
    --self->running_;
    self->idle_.signal();
  };
  if (cancelled_by == nullptr) {
    asio::co_spawn(core_.io(), std::move(work), std::move(ended));
    return;
  }
  const asio::cancellation_slot slot = cancelled_by->slot();
  asio::co_spawn(core_.io(), std::move(work),
                 asio::bind_cancellation_slot(slot, std::move(ended)));
}

awaitable<void> Membership::sleep(milliseconds time) {
  if (!stopping_) co_await stop_.wait(time);
}

awaitable<Outcome<void>> Membership::start() {
  const bool retries = clustering() && kind_.type == protocol::ConsumeType::passively;
  if (retries) {
    const std::string topic = protocol::retry_topic(options_.group);
    subscriptions_[topic] = everything_of(topic, SystemClock().now_ms());
  }
  if (auto loaded = load_offsets(); !loaded) co_return loaded;
  const auto subscriptions = subscriptions_;
  for (const auto& [topic, subscription] : subscriptions) {
    auto route = co_await core_.route(topic);
    if (!route) co_return route.error();
  }
  core_.join(*this);
  started_ = true;
  // A topic that isn't there yet has no brokers; whoever finds it later tells them.
  if (!core_.brokers().empty()) {
    auto taken = co_await core_.beat();
    if (!taken) {
      core_.leave(*this);
      started_ = false;
      co_return taken.error();
    }
  }
  auto balanced = co_await rebalance();
  // What can't be shared out now is tried again: brokers come and go.
  if (!balanced) rebalance_later(options_.pull_retry_delay);
  spawn(rebalance_loop());
  spawn(commit_loop());
  if (kind_.orderly && clustering()) spawn(lock_loop());
  co_return Outcome<void>();
}

awaitable<void> Membership::stop() {
  if (stopping_) co_return;
  stopping_ = true;
  stop_.signal();
  wake_.signal();
  for (const auto& [queue, lease] : leases_) end(lease);
  while (rebalancing_) co_await idle_.wait();
  std::vector<LeasePtr> all;
  for (const auto& [queue, lease] : leases_) all.push_back(lease);
  co_await give_back(std::move(all));
  if (started_) {
    core_.leave(*this);
    co_await unregister();
  }
  while (running_ > 0) co_await idle_.wait();
}

awaitable<void> Membership::unregister() {
  Request request;
  request.code = code::unregister_client;
  request.fields.emplace_back("clientID", core_.client_id());
  request.fields.emplace_back("consumerGroup", options_.group);
  const std::set<std::string> told = core_.connected_brokers();
  for (const std::string& address : told) {
    co_await core_.ask(address, request, core_.options().call_timeout);
  }
}

awaitable<void> Membership::rebalance_loop() {
  while (!stopping_) {
    if (!wanted_again_) co_await wake_.wait(options_.rebalance_interval);
    if (stopping_) co_return;
    if (wanted_again_ && next_rebalance_.count() > 0) co_await wake_.wait(next_rebalance_);
    if (stopping_) co_return;
    wanted_again_ = false;
    next_rebalance_ = options_.rebalance_interval;
    auto balanced = co_await rebalance();
    if (!balanced) rebalance_later(options_.pull_retry_delay);
  }
}

void Membership::rebalance_later(milliseconds time) {
  next_rebalance_ = std::min(next_rebalance_, time);
  wanted_again_ = true;
  wake_.signal();
}

awaitable<void> Membership::commit_loop() {
  while (!stopping_) {
    co_await sleep(options_.commit_interval);
    if (!stopping_) remembered(co_await commit_all());
  }
}

awaitable<void> Membership::lock_loop() {
  while (!stopping_) {
    co_await sleep(lock_interval);
    if (stopping_) co_return;
    std::vector<MessageQueue> queues;
    for (const auto& [queue, lease] : leases_) queues.push_back(queue);
    const std::set<MessageQueue> granted = co_await lock(queues);
    const auto leases = leases_;
    for (const auto& [queue, lease] : leases) {
      if (granted.contains(queue)) {
        delivery_.resumed(lease);
      } else if (!has_lock(*lease)) {
        lease->locked = false;
      }
      lease->changed.signal();
    }
  }
}

bool Membership::has_lock(const Lease& lease) const {
  return !kind_.orderly || !clustering() ||
         (lease.locked && steady_clock::now() < lease.lock_until);
}

Outcome<std::string> Membership::broker_address(const MessageQueue& queue) const {
  std::string address = core_.address_of(queue.broker_name);
  if (address.empty()) {
    return fail(fmt::format("no address is known of broker {}, which has queue {} of topic {}",
                            queue.broker_name, queue.queue_id, queue.topic));
  }
  return text(std::move(address));
}

void Membership::finished(const LeasePtr& lease, uint64_t turn,
                          std::span<const Received> messages) {
  if (lease->turn == turn) {
    for (const Received& message : messages) lease->unfinished.erase(message.queue_offset);
  }
  lease->last_finish_ms = SystemClock().now_ms();
  lease->changed.signal();
}

awaitable<bool> Membership::send_back(LeasePtr lease, int64_t log_offset, std::string message_id,
                                      std::string topic, int32_t tries_max) {
  const auto address = broker_address(lease->queue);
  if (!address) co_return false;
  Request request;
  request.code = code::consumer_send_msg_back;
  request.fields.emplace_back("offset", fmt::format("{}", log_offset));
  request.fields.emplace_back("group", options_.group);
  request.fields.emplace_back("delayLevel", "0");  // the broker's choice, by the number of tries
  request.fields.emplace_back("originMsgId", std::move(message_id));
  request.fields.emplace_back("originTopic", std::move(topic));
  request.fields.emplace_back("unitMode", "false");
  request.fields.emplace_back("maxReconsumeTimes", fmt::format("{}", tries_max));
  auto reply = co_await core_.ask(*address, std::move(request), core_.options().call_timeout);
  co_return reply && reply->code == 0;
}

void Membership::tell(Trouble trouble) const {
  trouble.group = options_.group;
  if (!options_.on_trouble) return print(trouble);
  try {
    options_.on_trouble(trouble);
  } catch (...) {  // the application's own: the consumer goes on
  }
}

void Membership::describe(protocol::HeartbeatData& data) {
  protocol::ConsumerData consumer;
  consumer.group = options_.group;
  consumer.type = kind_.type;
  consumer.model = options_.model;
  consumer.from_where = from_where(options_.from);
  for (const auto& [topic, subscription] : subscriptions_) {
    consumer.subscriptions.push_back(subscription);
  }
  data.consumers.push_back(std::move(consumer));
}

void Membership::route_changed(const std::string& topic) {
  if (subscriptions_.contains(topic) && started_) rebalance_later(milliseconds(0));
}

}  // namespace gantry::client
