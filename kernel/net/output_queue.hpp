// OutputQueue: what waits to be written to one connection: copied bytes in one arena, and slices
// that are written from where they are. Borrowed by a connection while it has something to write
// and kept by the shard between uses, so an idle connection holds none. No pointer into the arena
// outlives a call, so it may grow and move.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/buffer.hpp"

namespace gantry::net {

class OutputQueue {
 public:
  bool empty() const { return bytes_ == 0; }
  uint64_t bytes() const { return bytes_; }

  void append_copy(Bytes bytes);
  // Takes the slice over; a small one is copied and released at once, which is cheaper to write.
  void append(Slice&& slice);

  // The next bytes to write, at most `out.size()` runs of them; answers how many runs.
  int gather(std::span<iovec> out) const;
  // The first `bytes` were written: their slices are released.
  void consume(uint64_t bytes);
  void clear();
  // Memory it would keep if it were put aside.
  uint64_t capacity() const { return arena_.capacity(); }

 private:
  struct Piece {
    const uint8_t* data;  // null: the next `size` bytes of the arena
    uint64_t size;
    BufferRef owner;
  };

  void compact();

  std::vector<uint8_t> arena_;
  std::vector<Piece> pieces_;
  uint64_t arena_read_ = 0;  // arena bytes already written
  uint64_t first_ = 0;       // pieces already written
  uint64_t bytes_ = 0;
};

}  // namespace gantry::net
