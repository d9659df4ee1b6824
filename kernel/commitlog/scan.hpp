// Scan: reads a log's records through its maps, each piece brought into memory before it is looked
// at. What the disk can't give is an error with file and position then; a mere look at the map
// would end the process. Borrows the segments. One thread.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "base/strong.hpp"
#include "commitlog/record.hpp"
#include "commitlog/segment.hpp"

namespace gantry::commitlog {

class Scan {
 public:
  explicit Scan(const Segments& segments) : segments_(segments) {}

  // All bytes of the segment from `at` on, of which `size` (or what there is) may be looked at.
  Outcome<Bytes> bytes(const Segment& segment, LogOffset at, uint64_t size);
  // Decodes and checks the record that begins at `at`. An error code: there is none that belongs
  // there; Errc::gone: no segment holds `at`.
  Outcome<ErrorCode> record(LogOffset at, RecordView& record);

 private:
  const Segments& segments_;
  LogOffset from_{0};  // [from_, to_) is in memory
  LogOffset to_{0};
};

}  // namespace gantry::commitlog
