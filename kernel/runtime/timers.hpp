// Timers: the armed timers of one shard, as two heaps (steady and wall) over numbered slots.
// Owned by its Shard. Any thread may arm and cancel (one short lock); only the shard takes what is
// due. Knows no event loop, so it is tested with plain numbers. Ends with its shard, which first
// cancels what is still armed: every completion is called exactly once.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/strong.hpp"
#include "runtime/job.hpp"

namespace gantry::runtime {

// STEADY counts milliseconds of Clock::now_ns, WALL those of Clock::now_ms and follows its steps.
enum class TimeBase : uint8_t { steady, wall };

struct Due {
  int64_t ms = 0;  // absolute
  TimeBase base = TimeBase::steady;
};

enum class TimerEnd : uint8_t { due, cancelled };

struct TimerCompletion {
  void (*done)(void* context, TimerEnd end) = nullptr;
  void* context = nullptr;
};

// Both readings of one clock, taken once per loop turn.
struct Now {
  int64_t wall_ms = 0;
  uint64_t steady_ns = 0;
  int64_t at(TimeBase base) const {
    return base == TimeBase::wall ? wall_ms : static_cast<int64_t>(steady_ns / 1'000'000);
  }
};

constexpr uint32_t timers_max = 1u << 24;  // of one shard

// The shard a token was armed on. Tokens are 8 bits of shard, 24 of slot, 32 of generation.
constexpr uint32_t shard_of(Token token) { return static_cast<uint32_t>(token.value >> 56); }

class Timers {
 public:
  struct Armed {
    Token token;
    bool earliest = false;  // the shard may have to wake sooner than it planned
  };
  // Room for `most` armed at a time; timers_max at most.
  explicit Timers(uint32_t shard, uint32_t most = timers_max) : shard_(shard), most_(most) {}

  Armed arm(Due due, TimerCompletion completion);
  // Ticks at first_ms + n * period_ms on the steady clock; ticks that were missed are skipped.
  Armed every(int64_t first_ms, int64_t period_ms, Job tick);

  // Takes the timer out. None if the token is stale: it fired, was cancelled, or never was.
  struct Cancelled {
    TimerCompletion completion;  // `done` is null for a periodic timer
  };
  std::optional<Cancelled> cancel(Token token);

  // The next timer that is due: its completion, or its tick (a periodic timer is armed again).
  struct Fired {
    TimerCompletion completion;
    Job tick;
  };
  std::optional<Fired> take_due(const Now& now);

  // Any timer, due or not, for the shard's end.
  std::optional<Cancelled> take_any();

  // How long until the next timer, in milliseconds; none if nothing is armed.
  std::optional<int64_t> wait_ms(const Now& now) const;

  uint64_t armed() const;
  uint64_t stale() const;  // cancels that came too late

 private:
  static constexpr uint32_t not_in_heap = 0xffffffff;

  struct Slot {
    int64_t due_ms = 0;
    int64_t period_ms = 0;  // 0: fires once
    TimerCompletion completion;
    Job tick;
    uint32_t generation = 1;
    uint32_t position = not_in_heap;
    TimeBase base = TimeBase::steady;
  };
  using Heap = std::vector<uint32_t>;  // slot numbers, least due first

  Armed insert(Slot slot);
  void remove(uint32_t slot);   // from its heap
  void free_slot(uint32_t slot);
  void sift(Heap& heap, uint32_t position);
  Heap& heap_of(const Slot& slot) { return heaps_[static_cast<int>(slot.base)]; }
  void place(Heap& heap, uint32_t position, uint32_t slot) {
    heap[position] = slot;
    slots_[slot].position = position;
  }
  Token token_of(uint32_t slot) const;

  const uint32_t shard_;
  const uint32_t most_;
  mutable std::mutex mutex_;  // guards everything below; a leaf lock
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_;
  Heap heaps_[2];
  uint64_t stale_ = 0;
};

}  // namespace gantry::runtime
