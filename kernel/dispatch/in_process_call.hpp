// InProcessCall: who gets the answer of a request that came from inside the node.
#pragma once

#include "dispatch/request.hpp"

namespace gantry::dispatch {

// `response` is null unless status is ok; borrowed until done returns. Called exactly once.
struct CallCompletion {
  void (*done)(void* context, Call& call, Status status, const Response* response) = nullptr;
  void* context = nullptr;
};

struct InProcessCall {
  CallCompletion then;
  uint32_t asked_on;  // shard to complete on, or no_shard: a worker
};

}  // namespace gantry::dispatch
