// Position: a place in the log that the files' units cover, with a fingerprint of those files. It
// is what is left to start from when the table of bounds is lost: then every queue file is looked
// into. Stored with each whole table, so it may be older than the table's changes. Control and
// worker.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "disk.hpp"

namespace gantry::store_file {

struct Position {
  int64_t log_offset = 0;  // every record below it is in the files
  int64_t queues = 0;      // with at least one unit
  int64_t units = 0;       // sum of the numbers the queues' units end at
  int64_t file_bytes = 0;  // sizes of the queue files
  int64_t batch_file_bytes = 0;

  bool operator==(const Position&) const = default;
};

// Nothing when there is no such file or its text isn't one written by write_position.
std::optional<Position> read_position(Disk& disk, const std::filesystem::path& path);
void write_position(Disk& disk, const std::filesystem::path& path, const Position& position);

}  // namespace gantry::store_file
