// Stage: bytes appended under sync flush and not yet written to their files. Filled under the
// append lock, swapped out and written by the flusher. Keeps its memory from one use to the next.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.hpp"
#include "base/strong.hpp"
#include "commitlog/segment.hpp"

namespace gantry::commitlog {

class Stage {
 public:
  // A run of bytes that are adjacent in one file.
  struct Run {
    SegmentRef segment;
    uint64_t position = 0;
    size_t from = 0;
    size_t size = 0;
  };

  void add(const SegmentRef& segment, uint64_t position, std::span<const Bytes> parts);
  void set_end(LogOffset end) { end_ = end; }
  void clear() {
    bytes_.clear();
    runs_.clear();
  }

  bool empty() const { return runs_.empty(); }
  uint64_t size() const { return bytes_.size(); }
  LogOffset end() const { return end_; }
  std::span<const Run> runs() const { return runs_; }
  Bytes bytes(const Run& run) const { return Bytes(bytes_).subspan(run.from, run.size); }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<Run> runs_;
  LogOffset end_;
};

}  // namespace gantry::commitlog
