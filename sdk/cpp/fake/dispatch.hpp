// Dispatch: hands visible records to the log consumers in stage order, and completes what waits for
// marks. Owned by Core.
#pragma once

#include <gantry/cap/log_consumer.h>
#include <gantry/host/commitlog.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cpp/fake/loop.hpp"

namespace gantry::sdk::fake {

struct Core;
struct InstanceState;

class Dispatch {
 public:
  explicit Dispatch(Core& core) : core_(core) {}

  // All consumers, replayed from their positions to the log's end, told live. Throws
  // std::runtime_error when one cannot.
  void start();
  void stop();
  void changed();  // the log's marks or its health
  // Every consumer, the answers that wait, then the log: ends at offset.
  void truncate(int64_t offset);
  // What the consumers have not persisted stays; they are told where the log begins.
  void trim(int64_t below);
  int64_t persist(const InstanceState& instance);
  int64_t consumed(const InstanceState& instance) const;
  // What the queue index (the consumers that run behind nobody) has consumed.
  int64_t indexed() const;
  void set_batch_records(uint32_t records) { batch_records_ = records; }

  // Completes `promise` once all of `marks` have reached log_end, with FAULT when the log fails.
  void await(uint64_t promise, uint32_t marks, int64_t log_end);

 private:
  struct Consumer {
    InstanceState* instance;
    const gantry_log_consumer* table;
    const char* const* after;
    int64_t consumed = 0;
    int attempts = 0;
    bool paused = false;  // until its back-off ends, or for good once it failed
    bool first_stage = false;
  };
  struct Await {
    uint64_t promise;
    uint32_t marks;
    int64_t log_end;
  };

  void collect();
  bool runs_after(const Consumer& one, const Consumer& other) const;
  void drain();
  void feed(Consumer& consumer, int64_t to);
  void stalled(Consumer& consumer, gantry_status status, const std::string& text);
  void settle_awaits();
  void tell_trimmed(Consumer& consumer);
  Consumer* find(const InstanceState& instance);

  Core& core_;
  std::vector<Consumer> consumers_;  // in stage order
  std::vector<Await> awaits_;
  uint32_t batch_records_ = 32;
  bool running_ = false;
  bool queued_ = false;
};

}  // namespace gantry::sdk::fake
