#include "client/pull_consumer.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"
#include "client/expression_check.hpp"
#include "client/membership.hpp"
#include "client/polled_delivery.hpp"
#include "client/subscription.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"

namespace gantry::client {

struct PullConsumer::Inner {
  Inner(Core& c, ConsumerOptions options)
      : core(c),
        membership(std::make_shared<Membership>(
            c, std::move(options), Membership::Kind{protocol::ConsumeType::actively, false},
            delivery)) {}

  Core& core;
  PolledDelivery delivery;
  const std::shared_ptr<Membership> membership;
  bool started = false;
  bool assigned = false;
  std::vector<PolledDelivery::Taken> handed_out;  // since the last commit

  Outcome<void> start() {
    if (started) return {};
    const std::string& group = membership->options().group;
    const std::string wrong = protocol::check_group_at_client(group);
    if (!wrong.empty()) return fail(fmt::format("group \"{}\": {}", group, wrong));
    auto up = core.run(membership->start());
    started = up.has_value();
    return up;
  }
  // On the cluster's thread: there is room for more.
  static awaitable<void> make_room(LeasePtr lease, uint64_t turn, size_t messages, size_t bytes) {
    if (lease->turn == turn) {
      lease->cached_messages -= messages;
      lease->cached_bytes -= bytes;
    }
    lease->changed.signal();
    co_return;
  }
  static awaitable<Outcome<void>> seek(std::shared_ptr<Membership> membership, MessageQueue queue,
                                       int64_t offset) {
    co_return membership->seek(queue, offset);
  }
  static awaitable<Outcome<void>> done(std::shared_ptr<Membership> membership,
                                       std::vector<PolledDelivery::Taken> taken) {
    for (const PolledDelivery::Taken& part : taken) {
      membership->finished(part.lease, part.turn, part.messages);
    }
    co_return co_await membership->commit_all();
  }
  static awaitable<Outcome<int64_t>> ask(std::shared_ptr<Membership> membership, MessageQueue queue,
                                         int32_t code, Fields fields) {
    auto route = co_await membership->core().route(queue.topic);
    if (!route) co_return route.error();
    co_return co_await membership->offset_of(queue, code, std::move(fields));
  }
};

PullConsumer::PullConsumer(Cluster& cluster, ConsumerOptions options)
    : inner_(std::make_unique<Inner>(cluster.core(), std::move(options))) {}

PullConsumer::~PullConsumer() { inner_->core.run(inner_->membership->stop()); }

Outcome<void> PullConsumer::subscribe(std::string_view topic, std::string_view expression,
                                      std::string_view type) {
  if (inner_->assigned) return fail("queues were assigned: a consumer does one or the other");
  auto data = subscription_of(topic, expression, type, SystemClock().now_ms());
  if (!data) return data.error();
  auto there = queues(topic);
  if (!there) return there.error();
  Inner& in = *inner_;
  auto taken = in.core.run(check_expression(in.core, in.membership->options().group, *data));
  if (!taken) return taken;
  auto added = [](std::shared_ptr<Membership> membership,
                  protocol::SubscriptionData subscription) -> awaitable<void> {
    membership->subscribe(std::move(subscription));
    co_return;
  };
  inner_->core.run(added(inner_->membership, std::move(*data)));
  return inner_->start();
}

Outcome<void> PullConsumer::assign(std::vector<MessageQueue> queues) {
  if (inner_->started && !inner_->assigned) {
    return fail("topics were subscribed: a consumer does one or the other");
  }
  inner_->assigned = true;
  auto taken = inner_->core.run(inner_->membership->assign(std::move(queues)));
  if (!taken) return taken;
  return inner_->start();
}

Outcome<std::vector<MessageQueue>> PullConsumer::queues(std::string_view topic) {
  auto route = inner_->core.run(inner_->core.fresh_route(std::string(topic)));
  if (!route) return route.error();
  std::vector<MessageQueue> out;
  for (const Queue& queue : (*route)->readable) {
    out.push_back({std::string(topic), queue.broker, queue.id});
  }
  if (!out.empty()) return out;
  return fail(fmt::format("topic {} has no queue to read from: create it with `gantryctl topic "
                          "create --topic {}`, or send to it first",
                          topic, topic));
}

Outcome<std::vector<Received>> PullConsumer::poll(milliseconds wait, size_t messages_max) {
  if (!inner_->started) return fail("subscribe to a topic first, or assign queues");
  std::vector<Received> out;
  PolledDelivery::Taken taken = inner_->delivery.take(wait, messages_max);
  while (taken.lease) {
    size_t bytes = 0;
    for (const Received& message : taken.messages) bytes += message.body.size();
    inner_->core.run(Inner::make_room(taken.lease, taken.turn, taken.messages.size(), bytes));
    out.insert(out.end(), taken.messages.begin(), taken.messages.end());
    inner_->handed_out.push_back(std::move(taken));
    if (out.size() >= messages_max) break;
    taken = inner_->delivery.take_more(messages_max - out.size());
  }
  return out;
}

Outcome<void> PullConsumer::seek(const MessageQueue& queue, int64_t offset) {
  return inner_->core.run(Inner::seek(inner_->membership, queue, offset));
}

Outcome<void> PullConsumer::seek_to_begin(const MessageQueue& queue) {
  auto offset = inner_->core.run(Inner::ask(inner_->membership, queue,
                                            protocol::request_code::get_min_offset, Fields()));
  if (!offset) return offset.error();
  return seek(queue, *offset);
}

Outcome<void> PullConsumer::seek_to_end(const MessageQueue& queue) {
  auto offset = inner_->core.run(Inner::ask(inner_->membership, queue,
                                            protocol::request_code::get_max_offset, Fields()));
  if (!offset) return offset.error();
  return seek(queue, *offset);
}

Outcome<void> PullConsumer::seek_to_time(const MessageQueue& queue, int64_t stored_ms) {
  Fields fields = {{"timestamp", fmt::format("{}", stored_ms)}, {"boundaryType", "LOWER"}};
  auto offset = inner_->core.run(
      Inner::ask(inner_->membership, queue, protocol::request_code::search_offset_by_timestamp,
                 std::move(fields)));
  if (!offset) return offset.error();
  return seek(queue, *offset);
}

Outcome<void> PullConsumer::commit() {
  return inner_->core.run(Inner::done(inner_->membership, std::move(inner_->handed_out)));
}

Outcome<int64_t> PullConsumer::committed(const MessageQueue& queue) {
  Fields fields = {{"consumerGroup", inner_->membership->options().group},
                   {"setZeroIfNotFound", "false"}};
  return inner_->core.run(Inner::ask(inner_->membership, queue,
                                     protocol::request_code::query_consumer_offset,
                                     std::move(fields)));
}

std::vector<MessageQueue> PullConsumer::assignment() {
  return inner_->core.run(
      [](std::shared_ptr<Membership> membership) -> awaitable<std::vector<MessageQueue>> {
        std::vector<MessageQueue> out;
        for (const auto& [queue, lease] : membership->leases()) {
          if (!lease->ended) out.push_back(queue);
        }
        co_return out;
      }(inner_->membership));
}

}  // namespace gantry::client
