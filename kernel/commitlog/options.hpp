// Options: what a CommitLog is opened with. Copied at open; clock and file system must outlive it.
#pragma once

#include <cstdint>
#include <string>

namespace gantry {
class Clock;
}

namespace gantry::commitlog {

class FileSystem;

enum class Flush {
  async,  // fdatasync every flush_interval_ms; VISIBLE follows WRITTEN
  sync,   // fdatasync as soon as something is appended; VISIBLE follows DURABLE
};

constexpr uint64_t segment_bytes_min = 65536;

struct Options {
  std::string data_dir;  // RocketMQ's store root: commitlog/, lock and gantry/recovery below it
  uint64_t segment_bytes = uint64_t{1} << 30;  // a multiple of 4096, at least 64 KiB
  Flush flush = Flush::async;
  uint32_t flush_interval_ms = 500;
  uint32_t checkpoint_interval_ms = 5000;          // how often gantry/recovery is renewed
  uint64_t warm_ahead_bytes = uint64_t{64} << 20;  // prepared space kept ahead of the tail
  uint64_t message_bytes_max = uint64_t{4} << 20;  // largest body
  uint64_t staged_bytes_max = uint64_t{32} << 20;  // sync flush: appended, not yet written
  uint32_t visible_after = 0;         // mark bits VISIBLE is the least of; 0: what `flush` says
  const Clock* clock = nullptr;       // null: the system's
  FileSystem* file_system = nullptr;  // null: the machine's
};

}  // namespace gantry::commitlog
