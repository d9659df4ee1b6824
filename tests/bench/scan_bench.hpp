// A queue read for a subscription that little of it is for, and what others feel of it: sends at a
// steady rate, first alone, then beside the scan. One thread, one server, a topic of its own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "latencies.hpp"
#include "socket.hpp"

namespace gantry::bench {

struct ScanOptions {
  Address server;
  std::string topic = "scan";
  uint32_t messages = 1'000'000;  // of 1 KiB and eight properties; n is their number modulo 100
  std::string type = "SQL92";
  std::string expression = "n = 7";
  uint32_t scans = 1;       // of the whole queue, after one that warms up
  double send_rate = 0;     // per second, to another queue; 0: nobody sends
  double idle_seconds = 2;  // how long sends are timed alone
  pid_t server_process = 0;
};

struct ScanResult {
  uint64_t judged = 0;
  uint64_t matched = 0;
  double seconds = 0;
  double server_cpu_s = 0;
  Latencies alone;   // of sends, from the moment they were due
  Latencies beside;  // the same beside the scan
};

Outcome<ScanResult> scan(const ScanOptions& options);

}  // namespace gantry::bench
