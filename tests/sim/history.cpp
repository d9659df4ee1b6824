#include "history.hpp"

#include <cstdio>
#include <memory>

#include "workload.hpp"

namespace gantry::sim {
namespace {

enum class End { power_cut, kill, stop };

class History {
 public:
  explicit History(const HistoryOptions& options)
      : options_(options),
        rng_(options.seed),
        numbers_rng_(~options.seed),
        disk_(rng_.next()),
        ledger_(result_.findings),
        outside_{disk_, ledger_, result_.findings} {
    disk_.make_folders("/data");
    disk_.sync_all();
    disk_.set_lies(options.lies);
    node_options_.flush = rng_.coin() ? commitlog::Flush::sync : commitlog::Flush::async;
    node_options_.segment_bytes *= rng_.below(4) == 0 ? 2 : 1;
    node_options_.warm_ahead_bytes = uint64_t{4096} << rng_.below(6);
    node_options_.faults = options.node_faults;
    node_options_.look_at_device = options.look_at_device;
    faults_per_million_ = rng_.coin() ? 0 : 1000 + rng_.below(30'000);
    testing::Rng reads(options.seed + 1);  // so that the rest is what it was without failing reads
    read_faults_per_million_ = reads.below(3) == 0 ? 0 : 2000 + reads.below(60'000);
    node_options_.store_file = rng_.below(3) != 0;
    spans_ = !node_options_.store_file;
    node_options_.replicated = rng_.below(3) == 0;
    if (node_options_.replicated && rng_.coin())
      node_options_.visible_after = commitlog::mark_bit(commitlog::Mark::written) |
                                    commitlog::mark_bit(commitlog::Mark::replicated);
  }

  HistoryResult run() {
    const uint64_t lives = 3 + rng_.below(5);
    for (uint64_t life = 0; life < lives && result_.findings.none(); life++) live();
    if (result_.findings.none()) last_life();
    result_.faults = disk_.faults();
    result_.read_faults = disk_.read_faults();
    result_.disk_calls = disk_.calls();
    result_.cut_records = ledger_.cut_count();
    return std::move(result_);
  }

 private:
  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    if (options_.verbose) std::puts(fmt::format(format, std::forward<Args>(args)...).c_str());
  }

  // The machine has stopped: the power went, or only the process was killed.
  void machine_returns(bool power_went) {
    say("  {}", power_went ? "power cut" : "killed");
    if (!power_went) return disk_.go_on();
    result_.power_cuts++;
    ledger_.power_went();
    disk_.lose_power();
  }

  // Starts a node; the disk may fail it, and the power may go, a few times. Null after a finding.
  std::unique_ptr<Node> start(bool calm) {
    constexpr int troubled_starts = 4;
    for (int attempt = 0; result_.findings.none(); attempt++) {
      const bool trouble = !calm && attempt < troubled_starts;
      disk_.fail_calls(trouble ? faults_per_million_ : 0);
      disk_.fail_reads(trouble ? read_faults_per_million_ : 0);
      disk_.stop_after(trouble && rng_.below(4) == 0 ? 1 + rng_.below(30) : 0);
      const uint64_t faults = disk_.faults();
      // The wall clock may have been set back while the machine was off.
      node_options_.now_ms += rng_.between(-2000, 5000);
      auto node = std::make_unique<Node>(node_options_, outside_);
      auto started = node->start();
      result_.starts++;
      if (started && !disk_.off()) {
        say("start: the log ends at {}", node->log().mark(commitlog::Mark::visible).value);
        return node;
      }
      say("start failed: {}", started ? "no power" : started.error().text);
      node.reset();
      if (disk_.off())
        machine_returns(rng_.below(4) != 0);
      else if (disk_.faults() == faults)
        result_.findings.note(&Findings::lost, "a start is refused: {}", started.error().text);
    }
    return nullptr;
  }

  // Producers whose sends weren't answered send again: records of the same sizes at the same
  // places, behind which an old one would parse.
  void send_again(Node& node) {
    uint64_t count = rng_.below(3) == 0 ? 1 + rng_.below(4) : 1;
    for (const Written& cut : ledger_.last_cut()) {
      if (count-- == 0 || cut.cause >= 0) return;
      const ErrorCode error = node.append({.queue = cut.queue,
                                           .span = cut.span,
                                           .further = static_cast<uint32_t>(cut.further.size()),
                                           .prepared = !cut.numbered,
                                           .body_bytes = cut.body.size()},
                                          rng_);
      say("send serial {} ({} to {}) again: {}, the log ends at {}", cut.serial, cut.begin, cut.end,
          error.message(), node.log().mark(commitlog::Mark::appended).value);
      if (error || disk_.off()) return;
    }
  }

  void step(Node& node) {
    node.clock().advance_ms(rng_.between(0, 400));
    const uint64_t dice = rng_.below(100);
    if (rng_.below(12) == 0) return replicate(node);
    if (dice < 50) return node.follows() ? receive(node) : append(node);
    if (dice < 62) return say("flush"), node.flush();
    if (dice < 74) return say("prepare"), node.prepare();
    if (dice < 82) return say("drain"), node.drain();
    if (dice < 88) return say("persist"), node.persist();
    if (dice < 96) return say("derive"), node.derive(1 + rng_.below(4));
    if (rng_.below(3) == 0) {
      node.trim();
      return say("trim: the log begins at {}", node.log().begin().value);
    }
    node.clock().advance_ms(6000);  // a checkpoint is due
    say("checkpoint");
    node.prepare();
  }

  void replicate(Node& node) {
    if (rng_.coin()) return say("raise"), node.raise(rng_);
    if (!node.follows()) return say("follow"), node.follow();
    say("lead");
    node.lead();
  }

  void receive(Node& node) {
    if (rng_.below(5) == 0) {
      node.truncate(rng_);
      return say("truncated: the log ends at {}", node.log().mark(commitlog::Mark::appended).value);
    }
    node.append_raw(rng_);
    say("raw: the log ends at {}", node.log().mark(commitlog::Mark::appended).value);
    if (rng_.coin()) node.drain();
  }

  // What the real index alone knows: inner batches in queues of their own, and further queues.
  void add_numbers(Node::Send& send) {
    if (numbers_rng_.below(5) == 0) {
      send.queue = {std::string(batch_topic), static_cast<int32_t>(numbers_rng_.below(2))};
      send.span = 1 + static_cast<uint32_t>(numbers_rng_.below(6));
    }
    if (numbers_rng_.below(4) == 0)
      send.further = 1 + static_cast<uint32_t>(numbers_rng_.below(std::size(further_queues)));
  }

  void append(Node& node) {
    Node::Send send;
    send.queue = draw_queue(rng_);
    if (rng_.below(5) == 0) send.count = 2 + static_cast<uint32_t>(rng_.below(4));
    if (spans_ && rng_.below(4) == 0) send.span = 2 + static_cast<uint32_t>(rng_.below(5));
    if (rng_.below(10) == 0) send.prepared = true, send.span = 1;
    if (node_options_.store_file && !send.prepared) add_numbers(send);
    ErrorCode error = node.append(send, rng_);
    if (error == commitlog::Errc::busy && rng_.coin()) {
      node.prepare();
      if (!disk_.off()) error = node.append(send, rng_);
    }
    say("append {} (span {}) to {}/{}{}: {}, the log ends at {}", send.count, send.span,
        send.queue.first, send.queue.second, send.prepared ? " unnumbered" : "", error.message(),
        node.log().mark(commitlog::Mark::appended).value);
    if (!error) result_.records += send.count;
    if (rng_.below(4) != 0) node.drain();
    if (node_options_.flush == commitlog::Flush::sync && rng_.coin()) node.flush();
  }

  void live() {
    auto node = start(false);
    if (!node) return;
    disk_.fail_calls(faults_per_million_);
    disk_.fail_reads(read_faults_per_million_);
    const auto end = static_cast<End>(rng_.below(3) == 0 ? rng_.below(3) : 0);
    disk_.stop_after(end != End::stop && rng_.coin() ? 1 + rng_.below(150) : 0);
    const bool again = !ledger_.last_cut().empty() && rng_.below(4) != 0;
    if (again) send_again(*node);
    const uint64_t steps = again && rng_.below(4) != 0 ? rng_.below(4) : 5 + rng_.below(60);
    for (uint64_t i = 0; i < steps; i++) {
      step(*node);
      node->note_visible();
      if (disk_.off() || node->failed() || !result_.findings.none()) break;
    }
    if (!disk_.off() && !node->failed() && rng_.below(4) == 0) node->check_consumers();
    if (!disk_.off() && end == End::stop) {
      auto stopped = node->stop();
      say("stop: {}", stopped ? "clean" : stopped.error().text);
    }
    // A log that failed is started again, on the same machine or after it lost power.
    const bool power_goes = end == End::power_cut && !(node->failed() && rng_.coin());
    disk_.stop();
    say("the node ends");
    node.reset();
    machine_returns(power_goes);
  }

  // Nothing fails any more: what was promised gets done, then all is compared.
  void last_life() {
    auto node = start(true);
    if (!node) return;
    constexpr int rounds_max = 1000;
    for (int round = 0; round < rounds_max && !node->idle(); round++) {
      node->prepare();
      node->derive(4);
      node->flush();
      node->raise(rng_);
      node->drain();
    }
    if (!node->idle())
      return result_.findings.note(&Findings::lost, "the node does not come to rest");
    node->persist();
    node->check_consumers();
    node->check_derived();
    if (auto stopped = node->stop(); !stopped)
      result_.findings.note(&Findings::lost, "a clean stop fails: {}", stopped.error().text);
    node.reset();
    machine_returns(rng_.coin());
    start(true);
  }

  const HistoryOptions options_;
  HistoryResult result_;
  testing::Rng rng_;
  testing::Rng numbers_rng_;
  testing::LyingDisk disk_;
  Ledger ledger_;
  const Outside outside_;
  NodeOptions node_options_;
  uint64_t faults_per_million_ = 0;
  uint64_t read_faults_per_million_ = 0;
  bool spans_ = false;
};

}  // namespace

HistoryResult run_history(const HistoryOptions& options) {
  return History(options).run();
}

}  // namespace gantry::sim
