// Membership: one consumer's part in its group: it registers by heartbeats, shares the queues with
// the other members, pulls its own, commits, and leaves. Private to client; the inside of
// PushConsumer and PullConsumer. Everything runs on the cluster's thread. Its coroutines share it,
// and stop() waits for their end.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "client/consumer_options.hpp"
#include "client/core.hpp"
#include "client/lease.hpp"
#include "client/local_offsets.hpp"

namespace gantry::client {

class Membership final : public Member, public std::enable_shared_from_this<Membership> {
 public:
  struct Kind {
    protocol::ConsumeType type = protocol::ConsumeType::passively;
    bool orderly = false;  // a queue is pulled only under its lock
  };
  Membership(Core& core, ConsumerOptions options, Kind kind, Delivery& delivery);

  // Before start(), or while running: the next heartbeat tells.
  void subscribe(protocol::SubscriptionData subscription);
  void unsubscribe(const std::string& topic);
  // Takes exactly these queues; no shares are computed from then on.
  awaitable<Outcome<void>> assign(std::vector<MessageQueue> queues);

  awaitable<Outcome<void>> start();
  // Commits what is finished, gives locks back, unregisters.
  awaitable<void> stop();

  awaitable<Outcome<void>> rebalance();
  // Throws away what was pulled and goes on there.
  Outcome<void> seek(const MessageQueue& queue, int64_t offset);
  awaitable<Outcome<void>> commit_all();
  // Asks the queue's broker for an offset (14, 29, 30, 31); -1 when it has none to give.
  awaitable<Outcome<int64_t>> offset_of(MessageQueue queue, int32_t code, Fields fields);

  // Of a delivery: the messages are dealt with. `turn` is the lease's when they came.
  void finished(const LeasePtr& lease, uint64_t turn, std::span<const Received> messages);
  // Of a delivery: hands a message back to the broker, which sends it again later (36). False if
  // the broker doesn't take it.
  awaitable<bool> send_back(LeasePtr lease, int64_t log_offset, std::string message_id,
                            std::string topic, int32_t tries_max);

  Core& core() { return core_; }
  const ConsumerOptions& options() const { return options_; }
  const std::map<MessageQueue, LeasePtr>& leases() const { return leases_; }
  bool stopping() const { return stopping_; }
  bool clustering() const { return options_.model == MessageModel::clustering; }
  bool has_lock(const Lease& lease) const;

  // Runs a coroutine that stop() waits for.
  void spawn(awaitable<void> work,
             std::shared_ptr<boost::asio::cancellation_signal> cancelled_by = nullptr);
  // Fills in whose it is.
  void tell(Trouble trouble) const;
  // Waits; ends early when the consumer stops.
  awaitable<void> sleep(milliseconds time);

  void describe(protocol::HeartbeatData& data) override;
  bool pushed(const Pushed& pushed, const Answer& answer) override;
  void route_changed(const std::string& topic) override;

 private:
  // membership.cpp
  awaitable<void> rebalance_loop();
  awaitable<void> commit_loop();
  awaitable<void> lock_loop();
  awaitable<void> unregister();
  Outcome<std::string> broker_address(const MessageQueue& queue) const;

  // membership_pushed.cpp
  void reset(const Pushed& pushed);
  Reply status() const;
  Reply running_info() const;
  void consume_directly(const Pushed& pushed, const Answer& answer);

  // membership_queues.cpp
  awaitable<Outcome<void>> rebalance_topic(std::string topic);
  awaitable<Outcome<std::vector<std::string>>> member_ids(RoutePtr route);
  awaitable<Outcome<void>> settle(std::string topic, std::set<MessageQueue> mine);
  awaitable<Outcome<void>> take(std::vector<MessageQueue> queues);
  awaitable<void> give_back(std::vector<LeasePtr> leases);
  awaitable<void> give_back_when_done(LeasePtr lease);
  awaitable<void> hand_over(std::vector<LeasePtr> leases);
  awaitable<std::set<MessageQueue>> lock(std::vector<MessageQueue> queues);
  awaitable<void> unlock(std::vector<MessageQueue> queues);
  void end(const LeasePtr& lease);
  void rebalance_later(milliseconds time);

  // membership_offsets.cpp
  awaitable<Outcome<int64_t>> first_offset(MessageQueue queue);
  awaitable<Outcome<void>> commit(LeasePtr lease);
  Outcome<void> load_offsets();
  void remembered(const Outcome<void>& committed) const;  // tells if not

  // membership_pull.cpp
  void start_pulling(const LeasePtr& lease);
  void jump(const LeasePtr& lease, int64_t offset);
  static awaitable<void> pull(std::shared_ptr<Membership> self, LeasePtr lease);
  awaitable<bool> may_pull(LeasePtr lease);
  Request pull_request(const Lease& lease, bool from_master) const;
  awaitable<void> answered(LeasePtr lease, Reply reply);
  // Takes what can be read, up to what can't; why that is so, or nothing.
  std::string take_messages(const LeasePtr& lease, std::string_view records, int64_t end);
  std::string take_message(const LeasePtr& lease, const protocol::MessageView& record,
                           std::vector<Received>& messages);
  awaitable<void> hold_back(LeasePtr lease, std::string why);

  Core& core_;
  const ConsumerOptions options_;
  const Kind kind_;
  Delivery& delivery_;
  std::map<std::string, protocol::SubscriptionData> subscriptions_;  // by topic
  std::map<MessageQueue, LeasePtr> leases_;
  LocalOffsets local_offsets_;  // broadcasting
  const int64_t started_ms_;
  bool assigned_ = false;
  bool started_ = false;
  bool stopping_ = false;
  bool rebalancing_ = false;
  bool wanted_again_ = false;
  milliseconds next_rebalance_;  // if wanted_again_: so long from then
  Event stop_;
  Event wake_;   // the rebalance loop
  Event idle_;   // a coroutine ended, a rebalance is over
  size_t running_ = 0;
};

}  // namespace gantry::client
