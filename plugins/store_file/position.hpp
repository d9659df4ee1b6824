// Position: the point of the log the files' units cover, with a fingerprint of those files, stored
// after they are synced. What the files hold beyond it doesn't count and comes again from the log.
// A fingerprint that doesn't fit means files were lost: the index is rebuilt. Control and worker.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace gantry::store_file {

struct Position {
  int64_t log_offset = 0;  // every record below it is in the files
  int64_t queues = 0;      // with at least one unit
  int64_t units = 0;       // sum of the queues' ends
  int64_t file_bytes = 0;  // size of the queue files
  bool closed = false;     // nothing was written behind it

  bool operator==(const Position&) const = default;
};

// Nothing when there is no such file or its text isn't one written by write_position.
std::optional<Position> read_position(const std::filesystem::path& path);
void write_position(const std::filesystem::path& path, const Position& position);

}  // namespace gantry::store_file
