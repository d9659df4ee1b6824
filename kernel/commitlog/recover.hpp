// Recovery: where the log ends, found by walking its records at open. Control thread, before
// anything is appended.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"
#include "commitlog/checkpoint.hpp"
#include "commitlog/segment.hpp"

namespace gantry::commitlog {

struct Recovered {
  LogOffset end;          // behind the last whole record
  int64_t stored_ms = 0;  // of the newest record
};

// Accepts a record only if its log offset is its place and magic, lengths and checksum are right.
// What follows the first other bytes is a torn tail, unless the checkpoint says it was durable:
// that is damage, and the failure names the place. What the checkpoint covers isn't read, unless
// something else than a record or empty space lies where it ends.
// Reads only what the checkpoint doesn't cover. Tells its progress once a second.
Outcome<Recovered> find_end(const Segments& segments, const std::optional<Checkpoint>& checkpoint,
                            const Clock& clock);

// Makes `end` the log's end: removes the segments behind, zeroes the rest of the last one and
// syncs, so that no old record can parse again once something is appended.
Outcome<void> cut_tail(Segments& segments, LogOffset end);

}  // namespace gantry::commitlog
