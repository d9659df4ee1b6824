// LoadRun: connections that send requests for a while, and what it took. Closed loop: each
// connection keeps `depth` requests on their way. Open loop (a rate): requests are due at fixed
// times whatever the server does, and latency counts from then, so a stall is seen by everybody it
// would have hurt. One thread; used once.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "latencies.hpp"
#include "load_connection.hpp"
#include "process_stat.hpp"

namespace gantry::bench {

struct LoadOptions {
  Address server;
  RequestOptions request;
  uint32_t connections = 1;
  uint32_t depth = 1;
  uint32_t queues = 4;  // connections take them in turn
  double rate = 0;      // requests per second of all connections; 0: closed loop
  double warmup_s = 1;
  double seconds = 5;
  uint64_t messages_max = 0;  // ends the measured window early; 0: no such limit
  pid_t server_process = 0;   // whose CPU time is told; 0: nobody's
  bool busy_allowed = false;  // "try again later" is counted instead of ending the run
};

struct LoadResult {
  double seconds = 0;     // of the measured window
  uint64_t answered = 0;  // in it, with success
  uint64_t busy = 0;      // in it, told to try again
  Latencies latencies;    // of what was due in it
  double load_cpu = 0;    // share of a CPU that the load itself took
  ThreadTimes server;     // CPU nanoseconds in it
};

class LoadRun {
 public:
  explicit LoadRun(const LoadOptions& options);
  ~LoadRun();
  LoadRun(const LoadRun&) = delete;
  LoadRun& operator=(const LoadRun&) = delete;

  Outcome<LoadResult> run();

 private:
  enum class Phase { warming, measuring, draining, done };

  Outcome<void> connect();
  Outcome<void> advance(uint64_t now);
  Outcome<void> begin_window(uint64_t now);
  Outcome<void> end_window(uint64_t now);
  Outcome<void> turn();
  Outcome<void> on_readable(uint32_t index);
  void note(const LoadConnection::Answered& answered, uint64_t now);
  Outcome<void> start_due(uint64_t now);
  Outcome<void> fill(uint32_t index, uint64_t now);
  Outcome<void> write(uint32_t index);

  bool open_loop() const { return options_.rate > 0; }
  uint64_t due_ns(uint64_t request) const;
  uint64_t due_of(uint32_t index) const;
  uint64_t wait_ns(uint64_t now) const;
  std::string_view born_ms();

  const LoadOptions options_;
  std::vector<RequestShape> shapes_;  // one per queue
  std::vector<LoadConnection> connections_;
  std::vector<bool> waits_writable_;
  std::vector<uint64_t> started_;  // open loop: by each connection
  uint64_t due_count_ = 0;         // open loop: requests that were due so far
  uint64_t in_flight_ = 0;

  int epoll_ = -1;
  Phase phase_ = Phase::warming;
  uint64_t begin_ns_ = 0;
  uint64_t phase_ends_ns_ = 0;
  uint64_t window_begin_ns_ = 0;
  uint64_t window_end_ns_ = UINT64_MAX;
  uint64_t load_cpu_ns_ = 0;

  AnswerReader answers_;
  std::vector<uint8_t> buffer_;
  std::vector<LoadConnection::Answered> answered_;
  uint64_t born_at_ms_ = 0;
  std::string born_text_;
  LoadResult result_;
};

}  // namespace gantry::bench
