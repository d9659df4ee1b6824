#include "position.hpp"

#include <cinttypes>
#include <cstdio>
#include <string>

namespace gantry::store_file {
namespace {

std::string text_of(const Position& position) {
  return "gantry.store_file.position 2\nlog_offset " + std::to_string(position.log_offset) +
         "\nqueues " + std::to_string(position.queues) + "\nunits " +
         std::to_string(position.units) + "\nfile_bytes " + std::to_string(position.file_bytes) +
         "\nbatch_file_bytes " + std::to_string(position.batch_file_bytes) + "\n";
}

}  // namespace

std::optional<Position> read_position(Disk& disk, const std::filesystem::path& path) {
  const auto file = disk.open(path, Open::read);
  if (!file) return std::nullopt;
  const std::string text = file->read_text(512);
  Position position;
  std::sscanf(text.c_str(),
              "gantry.store_file.position 2\nlog_offset %" SCNd64 "\nqueues %" SCNd64
              "\nunits %" SCNd64 "\nfile_bytes %" SCNd64 "\nbatch_file_bytes %" SCNd64 "\n",
              &position.log_offset, &position.queues, &position.units, &position.file_bytes,
              &position.batch_file_bytes);
  // Written back it must be the same text: that refuses every damage sscanf is lenient about.
  if (text_of(position) != text || position.log_offset < 0) return std::nullopt;
  return position;
}

void write_position(Disk& disk, const std::filesystem::path& path, const Position& position) {
  disk.replace(path, text_of(position));
}

}  // namespace gantry::store_file
