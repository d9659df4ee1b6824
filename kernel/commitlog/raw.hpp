// Raw bytes: what a follower takes from another node's log. Checked whole before any of it is
// stored. No state; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"

namespace gantry::commitlog {

// Bytes that are adjacent in one file. Borrowed.
struct RawRun {
  LogOffset at;
  Bytes bytes;
};

struct RawRecords {
  std::vector<RawRun> runs;
  LogOffset end;          // behind the last record, or the end of a file that a blank record fills
  int64_t newest_ms = 0;  // the greatest store time
};

// Where the log's files end: every segment_bytes behind `begin`.
struct SegmentGrid {
  LogOffset begin;
  uint64_t segment_bytes;

  LogOffset end_of_segment(LogOffset offset) const {
    const auto index = static_cast<uint64_t>(offset - begin) / segment_bytes;
    return begin + static_cast<int64_t>((index + 1) * segment_bytes);
  }
};

// Reads `records`, which begin at log offset `at`. invalid: `reason` names the place.
ErrorCode read_raw(LogOffset at, Bytes records, const SegmentGrid& grid, RawRecords& out,
                   std::string& reason);

}  // namespace gantry::commitlog
