// Script: one script with its arguments, in use by any number of subscriptions, expressions and
// bindings. It has a copy for now, and may get a newer one while it runs; each shard takes that at its
// next call. Owned by its programs, together.
//
// match and compute: any thread; a shard's calls do not overlap, those of workers wait for one another.
// The rest: any thread.
#pragma once

#include <gantry/call.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "breaker.hpp"
#include "copy.hpp"
#include "cpp/host.hpp"

namespace gantry::filter_lua {

struct ScriptFigures {
  uint64_t calls = 0;
  uint64_t matches = 0;
  uint64_t errors = 0;    // overruns not counted
  uint64_t overruns = 0;  // of instructions, time or memory
  uint64_t skipped = 0;   // messages passed over because of a failure or a pause
  uint64_t instructions = 0;
  uint64_t memory_bytes = 0;
};

class Script {
 public:
  // `what`: how log lines and facts call it.
  Script(sdk::Host host, std::string what, const BreakerOptions& breaker,
         std::shared_ptr<Copy> copy, int64_t now_ms);
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  // False: it failed or is paused; fault is a sentence for people.
  struct Fault {
    std::array<char, 244> text;
  };
  bool match(const gantry_call& call, const gantry_message& message, bool& matched, Fault& fault);
  // A text in value is the arena's.
  bool compute(const gantry_call& call, const gantry_message& message,
               std::span<const gantry_value> arguments, gantry_value& value, Fault& fault);
  // A message was passed over because match failed.
  void skipped(const gantry_call& call);

  // [worker] A newer copy, or why there is none.
  void take(std::shared_ptr<Copy> copy, int64_t now_ms);
  void keep_out(std::string fault);
  // [worker] Ends copies that no shard uses any more.
  void clean_up();

  const std::string& what() const { return what_; }
  std::shared_ptr<Copy> published() const;
  ScriptFigures figures() const;
  bool paused() const { return breaker_.paused(); }
  std::string last_error() const;
  int64_t loaded_ms() const { return loaded_ms_.load(std::memory_order_relaxed); }
  uint64_t loads() const { return generation_.load(std::memory_order_relaxed); }

 private:
  using Count = std::atomic<uint64_t>;
  struct alignas(64) Slot {
    std::shared_ptr<Copy> copy;
    uint64_t generation = 0;
    uint64_t past_instructions = 0;  // of copies before
    Count calls{0}, matches{0}, errors{0}, overruns{0}, skipped{0}, instructions{0}, memory_bytes{0};
  };
  static void add(Count& count) {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  uint32_t slot_of(const gantry_call& call) const;
  lua::State& state_of(Slot& slot, uint32_t index);
  template <class Work>
  bool run(const gantry_call& call, Fault& fault, Work&& work);
  void failed(const gantry_call& call, Slot& slot, const lua::State& state,
              lua::State::Outcome outcome, Fault& fault);
  void say_paused(Fault& fault) const;
  void log(const gantry_call& call, std::string_view text);

  const sdk::Host host_;
  const gantry_buffers& buffers_;
  const std::string what_;
  Breaker breaker_;
  const uint32_t shard_count_;
  const std::unique_ptr<Slot[]> slots_;
  std::mutex workers_;  // held for a call of a worker; before mutex_
  std::atomic<uint64_t> generation_{0};
  std::atomic<int64_t> loaded_ms_{0};

  mutable std::mutex mutex_;  // guards what follows; a leaf lock
  std::shared_ptr<Copy> published_;
  std::vector<std::shared_ptr<Copy>> retired_;
  std::string last_error_;
  uint64_t logged_ns_ = 0;
  uint64_t not_logged_ = 0;
};

}  // namespace gantry::filter_lua
