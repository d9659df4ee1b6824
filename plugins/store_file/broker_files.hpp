// BrokerFiles: `checkpoint` and `abort` below the store root, by which a RocketMQ broker that opens
// the folder later knows how far it may trust the index. Gantry itself doesn't look at them. Owned
// by StoreFile and used under its disk lock, but for start and stop on the control thread.
//
// checkpoint may be older than the truth, never newer, so it needs no sync of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "disk.hpp"

namespace gantry::store_file {

class BrokerFiles {
 public:
  BrokerFiles(Disk& disk, std::filesystem::path root) : disk_(disk), root_(std::move(root)) {}

  // The node runs: an end without clean_stop() leaves `abort`.
  void started();
  // Everything below log_offset is indexed and on the device; stored_ms: its last record's time.
  // full_keys_ms: the last time in a full key index file, 0 for none. After a crash that broker
  // removes younger files and indexes their records anew; slots and header of ours may lag then.
  void renew_checkpoint(int64_t log_offset, int64_t stored_ms, int64_t full_keys_ms);
  // The whole log is indexed and on the device.
  void clean_stop();

 private:
  Disk& disk_;
  const std::filesystem::path root_;
  std::shared_ptr<DiskFile> checkpoint_;
};

}  // namespace gantry::store_file
