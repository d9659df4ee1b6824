// Clock: where time comes from. The node has one SystemClock; tests hold a ManualClock and move it.
#pragma once

#include <atomic>
#include <cstdint>

namespace gantry {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t now_ms() const = 0;   // wall clock, milliseconds since the epoch
  virtual uint64_t now_ns() const = 0;  // steady clock, nanoseconds since an arbitrary start
};

class SystemClock final : public Clock {
 public:
  int64_t now_ms() const override;
  uint64_t now_ns() const override;
};

// Any thread may read and move it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t now_ms) : now_ns_(now_ms * 1'000'000) {}
  int64_t now_ms() const override { return now_ns_.load() / 1'000'000; }
  uint64_t now_ns() const override { return static_cast<uint64_t>(now_ns_.load()); }
  void advance_ms(int64_t ms) { now_ns_ += ms * 1'000'000; }

 private:
  std::atomic<int64_t> now_ns_;
};

}  // namespace gantry
