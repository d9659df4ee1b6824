// finish_turn: returns once the shard has ended a loop turn that began after this call: whatever was
// posted to it before has run, and so have the timers that were due.
#pragma once

#include <future>

#include "runtime/shard.hpp"

namespace gantry::testing {

inline void finish_turn(runtime::Shard& shard) {
  struct Turn {
    runtime::Shard& shard;
    std::promise<void> ended;
  } turn{shard, {}};
  const runtime::Job end{[](void* at) { static_cast<Turn*>(at)->ended.set_value(); }, &turn};
  shard.run_and_wait(runtime::Task([&] { shard.post_at_turn_end(end); }));
  turn.ended.get_future().wait();
}

}  // namespace gantry::testing
