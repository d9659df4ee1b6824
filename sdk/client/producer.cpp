#include "client/producer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <random>

#include "base/clock.hpp"
#include "client/core.hpp"
#include "client/draft.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "protocol/send_header.hpp"

namespace gantry::client {

using std::chrono::steady_clock;

namespace {

namespace response = protocol::response_code;

// client: DefaultMQProducer.retryResponseCodes, and GO_AWAY.
constexpr std::array<int32_t, 8> retried_codes = {17, 14, 1, 2, 16, 204, 205, 1500};

bool may_retry(int32_t code) {
  return std::find(retried_codes.begin(), retried_codes.end(), code) != retried_codes.end();
}

std::optional<Stored> status_of(int32_t code) {
  switch (code) {
    case response::success: return Stored::stored;
    case response::flush_disk_timeout: return Stored::flush_disk_timeout;
    case response::flush_slave_timeout: return Stored::flush_slave_timeout;
    case response::slave_not_available: return Stored::slave_not_available;
    default: return std::nullopt;
  }
}

}  // namespace

// Sender: the producer on the cluster's thread, where all its state but `under_way` and `keys` is
// used. Shared with the sends that are under way.
class Producer::Sender final : public Member {
 public:
  Sender(Core& core, ProducerOptions options)
      : core_(core), options_(std::move(options)), idle_(core.io()),
        keys_(protocol::parse_ip("127.0.0.1", 0).value(), static_cast<uint16_t>(getpid()),
              std::random_device()()),
        turn_(std::random_device()()) {}

  void describe(protocol::HeartbeatData& data) override {
    data.producer_groups.push_back(options_.group);
  }
  bool pushed(const Pushed&, const Answer&) override { return false; }
  void route_changed(const std::string&) override {}

  Core& core() { return core_; }
  template <class What>
  Outcome<Draft> draft(const What& what) {
    return draft_of(what, options_, keys_, SystemClock().now_ms());
  }

  // Says whether another send may begin.
  bool enter() {
    if (under_way_.fetch_add(1) < options_.under_way_max) return true;
    under_way_.fetch_sub(1);
    return false;
  }
  Failure full() const {
    return fail(fmt::format("{} sends are not answered yet: more is refused (under_way_max)",
                            options_.under_way_max));
  }

  awaitable<Outcome<Sent>> deliver(Draft draft, Destination to);
  awaitable<Outcome<void>> tell(Draft draft, Destination to);
  awaitable<void> leave();
  static awaitable<void> deliver_then(std::shared_ptr<Sender> self, Draft draft, Destination to,
                                      Completion done);
  static awaitable<Outcome<Sent>> deliver_waited(std::shared_ptr<Sender> self, Draft draft,
                                                 Destination to);
  static awaitable<Outcome<void>> tell_waited(std::shared_ptr<Sender> self, Draft draft,
                                              Destination to);

 private:
  // What became of one try.
  struct Try {
    std::optional<Sent> sent;
    Failure failure = {};
    bool again = false;
  };
  awaitable<Try> attempt(const Draft& draft, Queue queue, milliseconds left);
  Try judge(const Draft& draft, const Queue& queue, const Reply& reply);
  awaitable<Outcome<std::vector<Queue>>> queues_for(std::string topic);
  Outcome<Queue> choose(const std::vector<Queue>& queues, const Destination& to,
                        const std::string& failed_broker);
  void done() {
    if (under_way_.fetch_sub(1) == 1) idle_.signal();
  }

  Core& core_;
  const ProducerOptions options_;
  Event idle_;
  std::atomic<size_t> under_way_{0};
  protocol::UniqueKeys keys_;
  size_t turn_;
  bool joined_ = false;
};

awaitable<Outcome<std::vector<Queue>>> Producer::Sender::queues_for(std::string topic) {
  if (!joined_) {
    joined_ = true;
    core_.join(*this);
  }
  auto route = co_await core_.route(topic);
  if (!route) co_return route.error();
  if (!(*route)->writable.empty()) co_return (*route)->writable;
  std::vector<Queue> queues;
  if ((*route)->data.queues.empty()) {
    // Not there yet: a broker that creates topics offers its template instead.
    auto offered = co_await core_.route(std::string(protocol::topic::auto_create));
    if (!offered) co_return offered.error();
    for (const Queue& queue : (*offered)->writable) {
      if (queue.id < options_.auto_created_queues) queues.push_back(queue);
    }
  }
  if (!queues.empty()) co_return queues;
  core_.doubt_route(topic);
  co_return fail(fmt::format("topic {} has no queue to send to: create it with `gantryctl topic "
                             "create --topic {}`, or give it permission to write",
                             topic, topic));
}

Outcome<Queue> Producer::Sender::choose(const std::vector<Queue>& queues, const Destination& to,
                                        const std::string& failed_broker) {
  if (to.exact) {
    for (const Queue& queue : queues) {
      if (queue.broker == to.exact->broker && queue.id == to.exact->id) return queue;
    }
    return fail(fmt::format("there is no queue {} to send to on broker {}", to.exact->id,
                            to.exact->broker));
  }
  if (to.selector) {
    const size_t index = to.selector(queues);
    if (index < queues.size()) return queues[index];
    return fail(fmt::format("the selector chose queue {} of {}", index, queues.size()));
  }
  for (size_t tried = 0; tried < queues.size(); ++tried) {
    const Queue& queue = queues[turn_++ % queues.size()];
    if (queue.broker != failed_broker) return queue;
  }
  return queues[turn_++ % queues.size()];
}

Producer::Sender::Try Producer::Sender::judge(const Draft& draft, const Queue& queue,
                                              const Reply& reply) {
  Try result;
  const std::optional<Stored> status = status_of(reply.code);
  if (!status) {
    result.failure = refused("broker " + queue.address, reply);
    result.again = may_retry(reply.code);
    if (reply.code == response::topic_not_exist) core_.doubt_route(draft.topic);
    return result;
  }
  const auto answer = protocol::read_send_answer(reply.fields);
  if (!answer) {
    result.failure = fail(fmt::format("broker {}: {}", queue.address, answer.error().text));
    return result;
  }
  Sent sent;
  sent.status = *status;
  sent.message_id = draft.message_ids;
  sent.offset_id = answer->message_id;
  sent.queue = {queue.broker, queue.address, answer->queue_id};
  sent.queue_offset = answer->queue_offset;
  sent.transaction_id = answer->transaction_id;
  sent.recall_handle = answer->recall_handle;
  result.sent = std::move(sent);
  result.again = *status != Stored::stored && options_.retry_when_stored_late;
  return result;
}

awaitable<Producer::Sender::Try> Producer::Sender::attempt(const Draft& draft, Queue queue,
                                                           milliseconds left) {
  Request request = request_of(draft, options_, queue);
  auto reply = co_await core_.ask(queue.address, std::move(request), left);
  if (reply) co_return judge(draft, queue, *reply);
  Try result;
  result.failure = fail("broker " + reply.error().text);
  result.again = true;
  core_.doubt_route(draft.topic);
  co_return result;
}

awaitable<Outcome<Sent>> Producer::Sender::deliver(Draft draft, Destination to) {
  const auto deadline = steady_clock::now() + options_.send_timeout;
  const int tries = to.exact || to.selector ? 1 : 1 + options_.retries;
  std::string failed_broker;
  Failure last = fail("no try was allowed");
  for (int tried = 0; tried < tries; ++tried) {
    auto queues = co_await queues_for(draft.topic);
    if (!queues) co_return tried == 0 ? queues.error() : last;
    auto queue = choose(*queues, to, failed_broker);
    if (!queue) co_return queue.error();
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) break;
    Try result = co_await attempt(draft, *queue, left);
    const bool again = result.again && tried + 1 < tries && !core_.stopping();
    if (result.sent && !again) co_return std::move(*result.sent);
    last = std::move(result.failure);
    if (!again) co_return last;
    failed_broker = queue->broker;
  }
  co_return last;
}

awaitable<Outcome<void>> Producer::Sender::tell(Draft draft, Destination to) {
  auto queues = co_await queues_for(draft.topic);
  if (!queues) co_return queues.error();
  auto queue = choose(*queues, to, std::string());
  if (!queue) co_return queue.error();
  Request request = request_of(draft, options_, *queue);
  auto told = co_await core_.tell(queue->address, std::move(request), options_.send_timeout);
  if (told) co_return Outcome<void>();
  core_.doubt_route(draft.topic);
  co_return fail("broker " + told.error().text);
}

awaitable<void> Producer::Sender::deliver_then(std::shared_ptr<Sender> self, Draft draft,
                                               Destination to, Completion completion) {
  auto sent = co_await self->deliver(std::move(draft), std::move(to));
  completion(std::move(sent));
  self->done();
}

awaitable<Outcome<Sent>> Producer::Sender::deliver_waited(std::shared_ptr<Sender> self, Draft draft,
                                                          Destination to) {
  auto sent = co_await self->deliver(std::move(draft), std::move(to));
  self->done();
  co_return sent;
}

awaitable<Outcome<void>> Producer::Sender::tell_waited(std::shared_ptr<Sender> self, Draft draft,
                                                       Destination to) {
  auto told = co_await self->tell(std::move(draft), std::move(to));
  self->done();
  co_return told;
}

awaitable<void> Producer::Sender::leave() {
  while (under_way_.load() > 0) co_await idle_.wait();
  if (!joined_) co_return;
  core_.leave(*this);
  Request request;
  request.code = protocol::request_code::unregister_client;
  request.fields.emplace_back("clientID", core_.client_id());
  request.fields.emplace_back("producerGroup", options_.group);
  const std::set<std::string> told = core_.connected_brokers();
  for (const std::string& address : told) {
    co_await core_.tell(address, request, milliseconds(1000));
  }
}

Producer::Producer(Cluster& cluster, std::string group)
    : Producer(cluster, [&] {
        ProducerOptions options;
        options.group = std::move(group);
        return options;
      }()) {}

Producer::Producer(Cluster& cluster, ProducerOptions options)
    : sender_(std::make_shared<Sender>(cluster.core(), std::move(options))) {}

Producer::~Producer() { sender_->core().run(sender_->leave()); }

Outcome<Sent> Producer::send(const Message& message, const Destination& to) {
  auto draft = sender_->draft(message);
  if (!draft) return draft.error();
  if (!sender_->enter()) return sender_->full();
  return sender_->core().run(Sender::deliver_waited(sender_, std::move(*draft), to));
}

Outcome<Sent> Producer::send_batch(std::span<const Message> messages, const Destination& to) {
  auto draft = sender_->draft(messages);
  if (!draft) return draft.error();
  if (!sender_->enter()) return sender_->full();
  return sender_->core().run(Sender::deliver_waited(sender_, std::move(*draft), to));
}

void Producer::send_async(const Message& message, Completion done, const Destination& to) {
  auto draft = sender_->draft(message);
  if (!draft || !sender_->enter()) {
    boost::asio::post(sender_->core().io(),
                      [failure = draft ? sender_->full() : draft.error(),
                       done = std::move(done)] { done(failure); });
    return;
  }
  boost::asio::co_spawn(
      sender_->core().io(),
      Sender::deliver_then(sender_, std::move(*draft), to, std::move(done)),
      boost::asio::detached);
}

Outcome<void> Producer::send_oneway(const Message& message, const Destination& to) {
  auto draft = sender_->draft(message);
  if (!draft) return draft.error();
  if (!sender_->enter()) return sender_->full();
  return sender_->core().run(Sender::tell_waited(sender_, std::move(*draft), to));
}

}  // namespace gantry::client
