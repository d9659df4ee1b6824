// Marks: what dispatch needs to know of the log to hold an answer back. Implemented over CommitLog
// by the node, by a fake in tests. [any]
#pragma once

#include <cstdint>
#include <string>

#include "runtime/job.hpp"

namespace gantry::dispatch {

// As in abi host/commitlog.h. VISIBLE here means: and the queue index has consumed so far.
enum Mark : uint32_t {
  mark_appended = 0,
  mark_written = 1,
  mark_durable = 2,
  mark_replicated = 3,
  mark_stable = 4,
  mark_visible = 5,
  mark_count = 6,
};

class Marks {
 public:
  virtual ~Marks() = default;
  virtual int64_t reached(uint32_t mark) const = 0;
  // The marks VISIBLE is the least of, as bits.
  virtual uint32_t visible_after() const = 0;
  // Calls `then` once, from any thread, when all of `marks` (VISIBLE isn't among them) have reached
  // log_end, or can't any more.
  virtual void await(int64_t log_end, uint32_t marks, runtime::Job then) const = 0;
  // Empty while the log works; else why it doesn't.
  virtual std::string failure() const = 0;
};

}  // namespace gantry::dispatch
