// Connections that do no work: held open, or opened and reset at a rate. What a server must bear
// from others while it serves its clients. One thread.
#pragma once

#include <cstdint>

#include "load_connection.hpp"

namespace gantry::bench {

enum class Held {
  silent,  // sent nothing
  used,    // sent one request and got its answer
  half,    // sent the first half of a request
};

struct HoldOptions {
  Address server;
  RequestOptions request;
  uint32_t connections = 1;
  Held held = Held::silent;
};

// Opens them, says how many on standard output, and holds them until standard input ends.
Outcome<void> hold(const HoldOptions& options);

struct ChurnOptions {
  Address server;
  double rate = 2000;  // connections per second
  double seconds = 10;
};

struct ChurnResult {
  uint64_t opened = 0;
  double seconds = 0;
};

// Opens and resets connections, one after the other, never faster than the rate.
Outcome<ChurnResult> churn(const ChurnOptions& options);

}  // namespace gantry::bench
