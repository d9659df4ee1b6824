#include "client/producer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>
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

Outcome<Queue> selected(const std::vector<Queue>& queues, const Destination::Selector& selector) {
  try {
    const size_t index = selector(queues);
    if (index < queues.size()) return queues[index];
    return fail(fmt::format("the selector chose queue {} of {}", index, queues.size()));
  } catch (const std::exception& thrown) {
    return fail(fmt::format("the selector threw: {}", thrown.what()));
  } catch (...) {
    return fail("the selector threw");
  }
}

// What a completion throws has nobody to go to; whoever waits for the send goes on.
void tell_completion(const Producer::Completion& completion, Outcome<Sent> outcome) {
  try {
    completion(std::move(outcome));
  } catch (...) {
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
  // To be told of a refusal is under way, too.
  void enter_refused() { under_way_.fetch_add(1); }
  Failure full() const {
    return fail(fmt::format("{} sends are not answered yet: more is refused (under_way_max)",
                            options_.under_way_max));
  }

  awaitable<Outcome<Sent>> deliver(Draft draft, Destination to);
  awaitable<Outcome<void>> tell(Draft draft, Destination to);
  awaitable<void> leave();
  static awaitable<void> deliver_then(std::shared_ptr<Sender> self, Draft draft, Destination to,
                                      Completion done);
  static awaitable<void> refuse(std::shared_ptr<Sender> self, Failure failure, Completion done);
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
  awaitable<Outcome<Queue>> queue_by(steady_clock::time_point deadline, std::string topic,
                                     const Destination& to, std::string failed_broker);
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
  if (to.selector) return selected(queues, to.selector);
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
  Try last;
  last.failure = fail(fmt::format("no broker was asked within {} ms", options_.send_timeout.count()));
  for (int tried = 0; tried < tries; ++tried) {
    auto queue = co_await queue_by(deadline, draft.topic, to, failed_broker);
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    if (!queue && tried == 0) co_return queue.error();
    if (!queue || left.count() <= 0) break;
    Try result = co_await attempt(draft, *queue, left);
    // What an earlier try stored stays stored, whatever becomes of later ones.
    if (result.sent || !last.sent) last = std::move(result);
    if (!result.again || core_.stopping()) break;
    failed_broker = queue->broker;
  }
  if (last.sent) co_return std::move(*last.sent);
  co_return last.failure;
}

awaitable<Outcome<Queue>> Producer::Sender::queue_by(steady_clock::time_point deadline,
                                                     std::string topic, const Destination& to,
                                                     std::string failed_broker) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::steady_timer late(core_.io(), deadline);
  auto found = co_await (queues_for(topic) ||
                         late.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable)));
  if (found.index() == 1) {
    co_return fail(fmt::format("no nameserver told the route of topic {} within {} ms", topic,
                               options_.send_timeout.count()));
  }
  auto& queues = std::get<0>(found);
  if (!queues) co_return queues.error();
  co_return choose(*queues, to, failed_broker);
}

awaitable<Outcome<void>> Producer::Sender::tell(Draft draft, Destination to) {
  const auto deadline = steady_clock::now() + options_.send_timeout;
  auto queue = co_await queue_by(deadline, draft.topic, to, std::string());
  if (!queue) co_return queue.error();
  Request request = request_of(draft, options_, *queue);
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  auto told = co_await core_.tell(queue->address, std::move(request), left);
  if (told) co_return Outcome<void>();
  core_.doubt_route(draft.topic);
  co_return fail("broker " + told.error().text);
}

awaitable<void> Producer::Sender::deliver_then(std::shared_ptr<Sender> self, Draft draft,
                                               Destination to, Completion completion) {
  tell_completion(completion, co_await self->deliver(std::move(draft), std::move(to)));
  self->done();
}

awaitable<void> Producer::Sender::refuse(std::shared_ptr<Sender> self, Failure failure,
                                         Completion completion) {
  tell_completion(completion, std::move(failure));
  self->done();
  co_return;
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
  if (core_.produces(options_.group)) co_return;  // of another, which brokers go on to know by it
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
    Failure why = draft ? sender_->full() : draft.error();
    sender_->enter_refused();
    boost::asio::co_spawn(sender_->core().io(),
                          Sender::refuse(sender_, std::move(why), std::move(done)),
                          boost::asio::detached);
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
