// KeyPosition: the point of the log the index files cover and which files those are, with the
// header of the newest one; replaced whole after the entries are synced. Files and entries it
// doesn't tell of don't count. Control and worker.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "entry.hpp"
#include "store_file/disk.hpp"

namespace gantry::store_file {

struct KeyPosition {
  int64_t log_offset = 0;  // every record below it is in the files
  KeyFileShape shape;
  int64_t files = 0;
  std::string first = "-";   // name of the oldest file
  std::string newest = "-";  // and of the newest
  KeyHeader header;          // of the newest
  bool closed = false;       // nothing was written behind it
};

// Nothing when there is no such file or its text isn't one written by write_key_position.
std::optional<KeyPosition> read_key_position(Disk& disk, const std::filesystem::path& path);
void write_key_position(Disk& disk, const std::filesystem::path& path, const KeyPosition& position);

// Names of index files are 17 digits: the local time they were made at.
bool is_key_file_name(const std::string& name);
// The name for a file made now, above `newest` whatever the clock says.
std::string next_key_file_name(int64_t now_ms, const std::string& newest);

}  // namespace gantry::store_file
