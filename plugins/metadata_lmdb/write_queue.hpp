// WriteQueue: documents that wait to be committed. Copied in whole, so a caller's memory is free at
// once; bounded in bytes. Owned by MetadataLmdb; any thread.
#pragma once

#include <gantry/cap/metadata_store.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace gantry::metadata_lmdb {

// One call of write(): its documents point into its own bytes.
struct Write {
  std::unique_ptr<uint8_t[]> bytes;
  uint64_t size = 0;  // what it counts for in the queue
  std::vector<gantry_document> documents;
  gantry_completion then{};
  uint32_t shard = GANTRY_NO_SHARD;  // where the completion belongs; none: a worker
};

// Copies documents. Throws INVALID naming the field where one is over a limit.
Write copy_write(std::span<const gantry_document> documents, gantry_completion then,
                 uint32_t shard);

class WriteQueue {
 public:
  explicit WriteQueue(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  // Throws BUSY when the queue is full.
  void push(Write write);
  std::vector<Write> take_all();
  bool empty() const;

 private:
  const uint64_t bytes_max_;
  mutable std::mutex guard_;
  std::vector<Write> writes_;  // guarded by guard_, as is bytes_
  uint64_t bytes_ = 0;
};

}  // namespace gantry::metadata_lmdb
