// What consumers wait for, measured from outside: a held pull's wake-up, catching up with a queue,
// and how long a message takes from its producer to its consumer. One thread, one server; each run
// has a topic of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "latencies.hpp"
#include "socket.hpp"

namespace gantry::bench {

struct WakeOptions {
  Address server;
  std::string topic = "wake";
  uint32_t connections = 10;
  uint32_t pulls = 1000;   // held by each connection, each on a queue of its own
  bool one_queue = false;  // all on one queue instead: an append wakes everybody
  uint32_t samples = 2000;
};

struct WakeResult {
  Latencies send;    // from the append's request to its answer
  Latencies woken;   // to the answer of the pull it woke; with one queue, of the first
  Latencies behind;  // one queue: from the first answer to the last, per further waiter
};

struct CatchUpOptions {
  Address server;
  std::string topic = "catch_up";
  uint32_t messages = 200'000;
  pid_t server_process = 0;
};

struct CatchUpResult {
  uint64_t messages = 0;
  double seconds = 0;
  double server_cpu_s = 0;
};

struct TailOptions {
  Address server;
  std::string topic = "tail";
  double rate = 10'000;  // messages per second, due at fixed times
  double seconds = 5;
  uint32_t consumers = 4;  // each has one queue of its own, and one pull
  pid_t server_process = 0;
};

struct TailResult {
  Latencies latencies;  // from the moment a message was due to its arrival
  uint64_t sent = 0;
  uint64_t received = 0;
  double seconds = 0;
  double server_cpu_s = 0;
};

Outcome<WakeResult> wake(const WakeOptions& options);
Outcome<CatchUpResult> catch_up(const CatchUpOptions& options);
Outcome<TailResult> tail(const TailOptions& options);

}  // namespace gantry::bench
