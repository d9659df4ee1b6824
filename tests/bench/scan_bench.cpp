#include "scan_bench.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "clock.hpp"
#include "process_stat.hpp"
#include "puller.hpp"

namespace gantry::bench {
namespace {

constexpr int32_t busy = 2;
constexpr int32_t not_found = 19;
constexpr int32_t retry_immediately = 20;  // nothing of what was walked over matched

const Outcome<void> fine = boost::system::in_place_value;

std::string properties(uint32_t number) {
  return fmt::format(
      "UNIQ_KEY\1{:032x}\2WAIT\1true\2TAGS\1created\2KEYS\1order-{}\2region\1eu-west-1\2customer\1"
      "{:08}\2price\1{}.5\2n\1{}\2",
      number, number, number * 7919u % 100'000'000u, number % 1000, number % 100);
}

class ScanRun {
 public:
  ScanRun(const ScanOptions& options, Socket sender, Socket reader)
      : options_(options), sender_(std::move(sender)), reader_(std::move(reader)) {}

  Outcome<ScanResult> run() {
    if (auto filled = prepare(); !filled) return filled.error();
    if (auto warm = scan_once(); !warm) return warm.error();
    result_.judged = result_.matched = 0;
    sends_ = &result_.alone;
    if (auto idle = be_idle(); !idle) return idle.error();
    sends_ = &result_.beside;
    const auto before = cpu();
    const uint64_t begin = now_ns();
    for (uint32_t i = 0; i < options_.scans; ++i) {
      if (auto scanned = scan_once(); !scanned) return scanned.error();
    }
    result_.seconds = static_cast<double>(now_ns() - begin) / 1e9;
    const auto after = cpu();
    if (!before || !after) return (before ? after : before).error();
    result_.server_cpu_s = *after - *before;
    return std::move(result_);
  }

 private:
  Outcome<double> cpu() const {
    if (options_.server_process == 0) return 0.0;
    const auto times = thread_times(options_.server_process);
    if (!times) return times.error();
    return static_cast<double>(sum_of(*times)) / 1e9;
  }

  // Keeps 64 sends on their way until all are stored. One that the node is too busy for is sent anew.
  Outcome<void> prepare() {
    constexpr uint32_t depth = 64;
    if (auto made = sender_.settle(sender_.create_topic(options_.topic, 2)); !made) return made;
    if (auto made = reader_.settle(reader_.pull({options_.topic, 0, 0, 0}), not_found); !made) {
      return made;  // the first pull makes the group
    }
    std::vector<uint32_t> waiting(options_.messages);  // numbers, from the back
    std::iota(waiting.rbegin(), waiting.rend(), 0u);
    std::map<int32_t, uint32_t> on_the_way;  // by request
    while (!waiting.empty() || !on_the_way.empty()) {
      while (!waiting.empty() && on_the_way.size() < depth) {
        const std::string text = properties(waiting.back());
        on_the_way[sender_.send({options_.topic, 0, 0, 1024, text})] = waiting.back();
        waiting.pop_back();
      }
      const auto waited = sender_.wait([&](const PullAnswer& answer) -> Outcome<void> {
        const auto request = on_the_way.extract(answer.number);
        if (!request) return fine;
        if (answer.code == busy) waiting.push_back(request.mapped());
        else if (answer.code != 0) return fail(fmt::format("a send was answered {}", answer.code));
        return fine;
      });
      if (!waited) return waited;
    }
    return fine;
  }

  Outcome<void> be_idle() {
    if (options_.send_rate <= 0) return fine;
    const auto end = now_ns() + static_cast<uint64_t>(options_.idle_seconds * 1e9);
    while (now_ns() < end) {
      if (auto turned = turn(); !turned) return turned;
    }
    return fine;
  }

  Outcome<void> scan_once() {
    for (next_ = 0; next_ < options_.messages;) {
      reader_.pull({options_.topic, 0, next_, 0, options_.type, options_.expression});
      if (auto written = reader_.write(); !written) return written;
      for (reading_ = true; reading_;) {
        if (auto turned = turn(); !turned) return turned;
      }
    }
    return fine;
  }

  // Sends what is due, and reads what has come. Busy while somebody sends: a sleep would be later
  // than the server.
  Outcome<void> turn() {
    if (sends_ && options_.send_rate > 0) {
      const uint64_t now = now_ns();
      if (due_ns_ == 0) due_ns_ = now;
      for (; due_ns_ <= now; due_ns_ += static_cast<uint64_t>(1e9 / options_.send_rate)) {
        sender_.send({options_.topic, 1, due_ns_, 1024});
        times_.push_back(due_ns_);
      }
      if (auto written = sender_.write(); !written) return written;
    }
    pollfd ready[] = {{sender_.descriptor(), POLLIN, 0}, {reader_.descriptor(), POLLIN, 0}};
    ::poll(ready, 2, sends_ && options_.send_rate > 0 ? 0 : 1000);
    if (ready[0].revents != 0) {
      if (auto read = sender_.read([&](const PullAnswer& a) { return sent(a); }); !read) return read;
    }
    return ready[1].revents == 0 ? fine
                                 : reader_.read([&](const PullAnswer& a) { return pulled(a); });
  }

  Outcome<void> sent(const PullAnswer& answer) {
    if (answer.code != 0) return fail(fmt::format("a send was answered {}", answer.code));
    sends_->add(now_ns() - times_[answered_++]);
    return fine;
  }

  Outcome<void> pulled(const PullAnswer& answer) {
    if (answer.code != 0 && answer.code != retry_immediately) {
      return fail(fmt::format("a pull was answered {}", answer.code));
    }
    if (answer.next_offset <= next_) return fail("a pull goes on where it began");
    result_.judged += static_cast<uint64_t>(answer.next_offset - next_);
    next_ = answer.next_offset;
    result_.matched += each_stamp(answer.body, [](uint64_t) {});
    reading_ = false;
    return fine;
  }

  const ScanOptions options_;
  Puller sender_;
  Puller reader_;
  Latencies* sends_ = nullptr;  // where sends are timed; null: nobody sends yet
  uint64_t due_ns_ = 0;
  std::vector<uint64_t> times_;  // when each send was due
  size_t answered_ = 0;
  int64_t next_ = 0;
  bool reading_ = false;
  ScanResult result_;
};

}  // namespace

Outcome<ScanResult> scan(const ScanOptions& options) {
  auto sender = dial(options.server);
  if (!sender) return sender.error();
  auto reader = dial(options.server);
  if (!reader) return reader.error();
  return ScanRun(options, std::move(*sender), std::move(*reader)).run();
}

}  // namespace gantry::bench
