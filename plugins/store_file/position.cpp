#include "position.hpp"

#include <fcntl.h>

#include <cinttypes>
#include <cstdio>
#include <string>

#include "file.hpp"

namespace gantry::store_file {
namespace {

std::string text_of(const Position& position) {
  return "gantry.store_file.position 1\nlog_offset " + std::to_string(position.log_offset) +
         "\nqueues " + std::to_string(position.queues) + "\nunits " +
         std::to_string(position.units) + "\nfile_bytes " + std::to_string(position.file_bytes) +
         "\nclosed " + std::to_string(position.closed ? 1 : 0) + "\n";
}

}  // namespace

std::optional<Position> read_position(const std::filesystem::path& path) {
  const auto file = File::open(path, O_RDONLY);
  if (!file) return std::nullopt;
  std::string text(512, '\0');
  text.resize(file->read({reinterpret_cast<uint8_t*>(text.data()), text.size()}, 0));
  Position position;
  int closed = 0;
  std::sscanf(text.c_str(),
              "gantry.store_file.position 1\nlog_offset %" SCNd64 "\nqueues %" SCNd64
              "\nunits %" SCNd64 "\nfile_bytes %" SCNd64 "\nclosed %d\n",
              &position.log_offset, &position.queues, &position.units, &position.file_bytes,
              &closed);
  position.closed = closed == 1;
  // Written back it must be the same text: that refuses every damage sscanf is lenient about.
  if (text_of(position) != text || position.log_offset < 0) return std::nullopt;
  return position;
}

void write_position(const std::filesystem::path& path, const Position& position) {
  replace_file(path, text_of(position));
}

}  // namespace gantry::store_file
