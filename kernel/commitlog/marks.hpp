// Marks: log offsets that only rise, and those who wait for them. Owned by CommitLog; any thread
// reads, waits and cancels; each mark is raised by one owner. Lives as long as the log.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <vector>

#include "base/result.hpp"
#include "base/strong.hpp"

namespace gantry::commitlog {

// The order and the numbers are the C ABI's.
enum class Mark : uint32_t {
  appended,    // numbered, perhaps only staged in memory
  written,     // readable
  durable,     // fdatasync returned
  replicated,  // the replication module's; follows WRITTEN when nobody owns it
  stable,      // never truncated below: the lesser of DURABLE and REPLICATED
  visible,     // the least of Options::visible_after
};
constexpr uint32_t mark_count = 6;
constexpr uint32_t mark_bit(Mark mark) {
  return 1u << static_cast<uint32_t>(mark);
}

// Called exactly once, on the thread that raised the mark (or failed, or stopped the log), under no
// lock that append, await or read takes: post from here to where the work belongs. No error,
// store_failed or stopped.
struct Completion {
  void (*function)(void* context, ErrorCode error) = nullptr;
  void* context = nullptr;
};

// Called on the raising thread each time VISIBLE has risen, under no such lock either.
struct VisibleListener {
  void (*function)(void* context) = nullptr;
  void* context = nullptr;
};

class Marks {
 public:
  // visible_after: mark bits; everything stands at `end`. staged: what is appended is written later,
  // otherwise APPENDED is WRITTEN.
  void open(LogOffset end, uint32_t visible_after, bool staged);
  void listen(VisibleListener listener) { listener_ = listener; }  // before the first raise
  LogOffset at(Mark mark) const;

  void raise(Mark mark, LogOffset to);  // appended, written, durable or replicated: its owner only
  // Two steps for the append path: place() under the owner's lock, settle() after it.
  void place(Mark mark, LogOffset to) { slot(mark).store(to.value, std::memory_order_seq_cst); }
  void settle();

  // Before the log starts: REPLICATED then moves by raise() only. False: it did already.
  bool own_replicated();
  bool replicated_owned() const { return replicated_owned_; }
  uint32_t visible_after() const { return visible_after_; }

  // Completes when all marks of the set stand at log_end or above; at once if they do. The token
  // is for cancel(); 0 when the completion was already called.
  Token await(LogOffset log_end, uint32_t marks, Completion completion);
  // True: the completion will not be called. False: it was, or is being, called.
  bool cancel(Token token);
  // Fails all who wait and all who come: the first error stays.
  void fail(ErrorCode error);
  // The log ends at `end` now, in two steps. lower(), under the lock that place() needs: marks above
  // come down. fail_cut(), after it: who waits for more is failed with `cut`, and may wait anew for
  // what comes behind.
  void lower(LogOffset end);
  void fail_cut(LogOffset end);

 private:
  struct Wait {
    LogOffset log_end;
    uint32_t marks = 0;
    uint32_t generation = 1;
    uint32_t cuts = 0;  // that had happened when it was made
    bool live = false;
    Completion completion;
  };
  struct Entry {  // in the heap of the mark it lacks; stale when the generation moved on
    LogOffset log_end;
    uint32_t index;
    uint32_t generation;
  };
  struct Due;

  static constexpr int64_t nobody = std::numeric_limits<int64_t>::max();

  bool anyone_due() const;
  void tell_due(uint32_t mark);
  std::atomic<int64_t>& slot(Mark mark) { return marks_[static_cast<uint32_t>(mark)]; }
  bool queue(uint32_t index);
  void collect(Due& due);
  void free_wait(uint32_t index);
  void drop_stale();
  template <class Which>
  void fail_where(Which which, ErrorCode error);

  std::array<std::atomic<int64_t>, 4> marks_{};
  std::atomic<bool> replicated_owned_{false};
  std::atomic<int64_t> visible_told_{0};
  uint32_t visible_after_ = 0;
  bool staged_ = true;
  VisibleListener listener_;

  // By mark, the least that is waited for in its heap: a raise that stays below needs no lock.
  // Written under mutex_.
  std::array<std::atomic<int64_t>, mark_count> due_{nobody, nobody, nobody,
                                                    nobody, nobody, nobody};
  std::mutex mutex_;  // guards all below; nothing is locked while it is held
  uint32_t waiting_ = 0;
  std::vector<Wait> waits_;
  std::vector<uint32_t> free_;
  std::array<std::vector<Entry>, mark_count> heaps_;
  uint32_t cuts_ = 0;
  size_t stale_ = 0;  // entries in the heaps whose wait is over
  ErrorCode failed_;
};

}  // namespace gantry::commitlog
