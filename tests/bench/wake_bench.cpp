#include "wake_bench.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "clock.hpp"
#include "process_stat.hpp"
#include "puller.hpp"

namespace gantry::bench {
namespace {

constexpr int64_t hold_ms = 110'000;
constexpr int answer_ms_max = 30'000;
constexpr int32_t not_found = 19;

const Outcome<void> fine = boost::system::in_place_value;

Outcome<Puller> connect(const Address& server) {
  auto socket = dial(server);
  if (!socket) return socket.error();
  return Outcome<Puller>(boost::system::in_place_value, Puller(std::move(*socket)));
}

Outcome<void> make_topic(Puller& puller, const std::string& topic, uint32_t queues) {
  const int32_t made = puller.create_topic(topic, static_cast<int32_t>(queues));
  if (auto settled = puller.settle(made); !settled) return settled;
  // The first pull makes the group.
  return puller.settle(puller.pull({topic, 0, 0, 0}), not_found);
}

Outcome<double> cpu_seconds(pid_t process) {
  if (process == 0) return 0.0;
  const auto times = thread_times(process);
  if (!times) return times.error();
  return static_cast<double>(sum_of(*times)) / 1e9;
}

// Many connections, of which few have something: a look costs the same however many there are.
class Ready {
 public:
  Ready() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
  Ready(const Ready&) = delete;
  Ready& operator=(const Ready&) = delete;
  ~Ready() { ::close(epoll_); }

  void add(const Puller& puller, size_t index) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, puller.descriptor(), &event);
  }

  // Calls `each` for those that have something; waits for the first.
  template <class Each>
  Outcome<void> wait(int timeout_ms, Each&& each) {
    const int count =
        ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), timeout_ms);
    if (count == 0 && timeout_ms == answer_ms_max) return fail("no answer within 30 s");
    for (int i = 0; i < count; ++i) {
      if (auto good = each(static_cast<size_t>(events_[static_cast<size_t>(i)].data.u64)); !good) {
        return good;
      }
    }
    return fine;
  }

 private:
  const int epoll_;
  std::array<epoll_event, 256> events_;
};

class WakeRun {
 public:
  explicit WakeRun(const WakeOptions& options) : options_(options) {}

  Outcome<WakeResult> run() {
    const uint32_t held = options_.connections * options_.pulls;
    const uint32_t queues = options_.one_queue ? 1 : held;
    auto producer = connect(options_.server);
    if (!producer) return producer.error();
    peers_.push_back(std::move(*producer));
    if (auto made = make_topic(peers_[0], options_.topic, queues); !made) return made.error();
    if (auto parked = park_all(); !parked) return parked.error();
    offsets_.assign(queues, 0);
    // Spread over all queues, whatever their number.
    for (uint32_t i = 0, queue = 0; i < options_.samples; ++i) {
      queue = (queue + 7919) % queues;
      if (auto sampled = sample(queue, i >= options_.samples / 10); !sampled)
        return sampled.error();
    }
    return std::move(result_);
  }

 private:
  Outcome<void> park_all() {
    for (uint32_t c = 0; c < options_.connections; ++c) {
      auto made = connect(options_.server);
      if (!made) return made.error();
      Puller& puller = peers_.emplace_back(std::move(*made));
      for (uint32_t p = 0; p < options_.pulls; ++p) {
        const uint32_t queue = options_.one_queue ? 0 : c * options_.pulls + p;
        puller.pull({options_.topic, static_cast<int32_t>(queue), 0, hold_ms});
      }
      // Behind them: when it is answered, they are held.
      if (auto settled = puller.settle(puller.max_offset(options_.topic)); !settled) return settled;
    }
    for (size_t i = 0; i < peers_.size(); ++i) ready_.add(peers_[i], i);
    return fine;
  }

  // One append, and everybody it wakes.
  Outcome<void> sample(uint32_t queue, bool counts) {
    const uint32_t expected = options_.one_queue ? options_.connections * options_.pulls : 1;
    uint32_t woken = 0;
    bool sent = false;
    uint64_t first_ns = 0, last_ns = 0, send_ns = 0;
    std::vector<size_t> again;
    const uint64_t begin = now_ns();
    peers_[0].send({options_.topic, static_cast<int32_t>(queue), begin, 1024});
    if (auto written = peers_[0].write(); !written) return written;
    while (!sent || woken < expected) {
      auto good = ready_.wait(answer_ms_max, [&](size_t i) {
        const uint64_t now = now_ns();
        return peers_[i].read([&](const PullAnswer& answer) -> Outcome<void> {
          if (answer.code != 0) return fail(fmt::format("an answer has code {}", answer.code));
          if (i == 0) {
            sent = true;
            send_ns = now - begin;
            return fine;
          }
          if (++woken > expected) return fail("a pull was woken by another queue's message");
          if (first_ns == 0) first_ns = now - begin;
          last_ns = now - begin;
          again.push_back(i);
          return fine;
        });
      });
      if (!good) return good;
    }
    if (counts) {
      result_.send.add(send_ns);
      result_.woken.add(first_ns);
      if (expected > 1) result_.behind.add((last_ns - first_ns) / (expected - 1));
    }
    return hold_again(queue, again);
  }

  Outcome<void> hold_again(uint32_t queue, std::vector<size_t>& again) {
    const int64_t next = ++offsets_[queue];
    for (const size_t i : again) {
      peers_[i].pull({options_.topic, static_cast<int32_t>(queue), next, hold_ms});
    }
    std::sort(again.begin(), again.end());
    again.erase(std::unique(again.begin(), again.end()), again.end());
    for (const size_t i : again) {
      auto settled = peers_[i].settle(peers_[i].max_offset(options_.topic));
      if (!settled) return settled;
    }
    return fine;
  }

  const WakeOptions options_;
  std::vector<Puller> peers_;  // the producer, then the consumers
  Ready ready_;
  std::vector<int64_t> offsets_;  // by queue
  WakeResult result_;
};

// Keeps 64 sends on their way until all are answered.
Outcome<void> fill(Puller& producer, const CatchUpOptions& options) {
  constexpr uint32_t depth = 64;
  uint32_t sent = 0, answered = 0;
  while (answered < options.messages) {
    while (sent < options.messages && sent - answered < depth) {
      producer.send({options.topic, 0, 0, 1024});
      ++sent;
    }
    const auto waited = producer.wait([&](const PullAnswer& answer) -> Outcome<void> {
      ++answered;
      return answer.code == 0 ? fine : fail(fmt::format("a send was answered {}", answer.code));
    });
    if (!waited) return waited;
  }
  return fine;
}

class TailRun {
 public:
  explicit TailRun(const TailOptions& options) : options_(options) {}

  Outcome<TailResult> run() {
    for (uint32_t i = 0; i <= options_.consumers; ++i) {
      auto peer = connect(options_.server);
      if (!peer) return peer.error();
      peers_.push_back(std::move(*peer));
      ready_.add(peers_[i], i);
    }
    if (auto made = make_topic(peers_[0], options_.topic, options_.consumers); !made) {
      return made.error();
    }
    for (uint32_t i = 1; i < peers_.size(); ++i) {
      if (auto asked = pull(i, 0); !asked) return asked.error();
    }
    const auto cpu_before = cpu_seconds(options_.server_process);
    if (!cpu_before) return cpu_before.error();
    begin_ns_ = now_ns();
    const auto all = static_cast<uint64_t>(options_.rate * options_.seconds);
    while (result_.received < all) {
      if (auto sent = send_due(all); !sent) return sent.error();
      auto good = ready_.wait(wait_ms(all), [&](size_t i) { return read(i); });
      if (!good) return good.error();
    }
    result_.seconds = static_cast<double>(now_ns() - begin_ns_) / 1e9;
    const auto cpu_after = cpu_seconds(options_.server_process);
    if (!cpu_after) return cpu_after.error();
    result_.server_cpu_s = *cpu_after - *cpu_before;
    return std::move(result_);
  }

 private:
  uint64_t due_ns(uint64_t message) const {
    return begin_ns_ + static_cast<uint64_t>(static_cast<double>(message) * 1e9 / options_.rate);
  }
  // Busy between messages: a sleep would be later than the server.
  int wait_ms(uint64_t all) const { return result_.sent < all ? 0 : answer_ms_max; }

  Outcome<void> send_due(uint64_t all) {
    for (const uint64_t now = now_ns(); result_.sent < all && due_ns(result_.sent) <= now;) {
      const uint64_t due = due_ns(result_.sent);
      peers_[0].send(
          {options_.topic, static_cast<int32_t>(result_.sent % options_.consumers), due, 1024});
      ++result_.sent;
    }
    return peers_[0].write();
  }

  Outcome<void> pull(size_t consumer, int64_t offset) {
    peers_[consumer].pull({options_.topic, static_cast<int32_t>(consumer - 1), offset, hold_ms});
    return peers_[consumer].write();
  }

  Outcome<void> read(size_t i) {
    const uint64_t now = now_ns();
    return peers_[i].read([&](const PullAnswer& answer) -> Outcome<void> {
      if (answer.code != 0) return fail(fmt::format("an answer has code {}", answer.code));
      if (i == 0) return fine;
      result_.received +=
          each_stamp(answer.body, [&](uint64_t stamp) { result_.latencies.add(now - stamp); });
      return pull(i, answer.next_offset);
    });
  }

  const TailOptions options_;
  std::vector<Puller> peers_;  // the producer, then the consumers
  Ready ready_;
  uint64_t begin_ns_ = 0;
  TailResult result_;
};

}  // namespace

Outcome<WakeResult> wake(const WakeOptions& options) {
  return WakeRun(options).run();
}

Outcome<TailResult> tail(const TailOptions& options) {
  return TailRun(options).run();
}

Outcome<CatchUpResult> catch_up(const CatchUpOptions& options) {
  auto peer = connect(options.server);
  if (!peer) return peer.error();
  if (auto made = make_topic(*peer, options.topic, 1); !made) return made.error();
  if (auto filled = fill(*peer, options); !filled) return filled.error();
  const auto cpu_before = cpu_seconds(options.server_process);
  if (!cpu_before) return cpu_before.error();
  CatchUpResult result;
  const uint64_t begin = now_ns();
  int64_t next = 0;
  while (result.messages < options.messages) {
    peer->pull({options.topic, 0, next, 0});
    bool answered = false;
    while (!answered) {
      const auto waited = peer->wait([&](const PullAnswer& answer) -> Outcome<void> {
        answered = true;
        next = answer.next_offset;
        result.messages += each_stamp(answer.body, [](uint64_t) {});
        return answer.code == 0 ? fine : fail(fmt::format("a pull was answered {}", answer.code));
      });
      if (!waited) return waited.error();
    }
  }
  result.seconds = static_cast<double>(now_ns() - begin) / 1e9;
  const auto cpu_after = cpu_seconds(options.server_process);
  if (!cpu_after) return cpu_after.error();
  result.server_cpu_s = *cpu_after - *cpu_before;
  return result;
}

}  // namespace gantry::bench
