// QueueWalker: finds out from one queue's files alone where it began and ended as of a place in the
// log. Used by the loader on the control thread, one object a queue.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "disk.hpp"
#include "queue_files.hpp"
#include "queue_table.hpp"
#include "unit.hpp"

namespace gantry::store_file {

class QueueWalker {
 public:
  QueueWalker(Disk& disk, QueueFiles& files, int64_t log_offset, Queue& queue)
      : disk_(disk), files_(files), log_offset_(log_offset), queue_(queue) {}

  // starts: of its files, in order. The queue is as found, or without units when all of them belong
  // to later records. Refusal(GONE) where the files can't be what was stored.
  void run(const std::vector<int64_t>& starts);

 private:
  [[noreturn]] void lost(int64_t start, const std::string& what) const;
  void check(const std::vector<int64_t>& starts) const;
  BatchUnit unit(int64_t number) const;
  bool covered(int64_t number) const;

  Disk& disk_;
  QueueFiles& files_;
  const int64_t log_offset_;
  Queue& queue_;
};

}  // namespace gantry::store_file
