#include "broker_files.hpp"

#include <unistd.h>

#include <array>
#include <string>

#include "unit.hpp"

namespace gantry::store_file {
namespace {

// RocketMQ's StoreCheckpoint: big-endian i64 from the file's begin on.
constexpr int64_t checkpoint_bytes = 4096;
constexpr size_t commitlog_ms_at = 0;
constexpr size_t queues_ms_at = 8;
constexpr size_t keys_ms_at = 16;
constexpr size_t confirmed_at = 32;  // 24, what a master flushed, is replication's
constexpr size_t queues_offset_at = 40;
constexpr size_t fields_bytes = 48;

}  // namespace

void BrokerFiles::started() {
  disk_.replace(root_ / "abort", std::to_string(::getpid()));
}

void BrokerFiles::renew_checkpoint(int64_t log_offset, int64_t stored_ms, int64_t full_keys_ms) {
  if (!checkpoint_) checkpoint_ = disk_.open(root_ / "checkpoint", Open::create);
  const auto file = std::move(checkpoint_);  // kept when all went well
  if (file->size() != checkpoint_bytes) file->resize(checkpoint_bytes);
  std::array<uint8_t, fields_bytes> fields{};
  file->read_all(fields, 0);
  const auto put = [&](size_t at, int64_t value) {
    store_big<uint64_t>(&fields[at], static_cast<uint64_t>(value));
  };
  for (const size_t at : {commitlog_ms_at, queues_ms_at}) put(at, stored_ms);
  put(keys_ms_at, full_keys_ms);
  for (const size_t at : {confirmed_at, queues_offset_at}) put(at, log_offset);
  file->write(fields, 0);
  checkpoint_ = file;
}

void BrokerFiles::clean_stop() {
  if (disk_.remove(root_ / "abort")) disk_.sync_folder(root_);
}

}  // namespace gantry::store_file
