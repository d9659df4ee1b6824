#include "key_position.hpp"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <ctime>

namespace gantry::store_file {
namespace {

constexpr size_t name_digits = 17;

std::string text_of(const KeyPosition& position) {
  const KeyHeader& header = position.header;
  std::array<char, 768> out;
  const int size = std::snprintf(
      out.data(), out.size(),
      "gantry.store_file.keys 1\nlog_offset %" PRId64 "\nslots %" PRId32 "\nentries %" PRId32
      "\nfiles %" PRId64 "\nfirst %s\nnewest %s\nbegin_ms %" PRId64 "\nend_ms %" PRId64
      "\nbegin_offset %" PRId64 "\nend_offset %" PRId64 "\nused_slots %" PRId32 "\ncount %" PRId32
      "\nclosed %d\n",
      position.log_offset, position.shape.slots, position.shape.entries, position.files,
      position.first.c_str(), position.newest.c_str(), header.begin_ms, header.end_ms,
      header.begin_offset, header.end_offset, header.used_slots, header.count,
      position.closed ? 1 : 0);
  return {out.data(), static_cast<size_t>(size)};
}

bool is_possible(const KeyPosition& position) {
  const KeyHeader& header = position.header;
  const bool named = is_key_file_name(position.first) && is_key_file_name(position.newest);
  return position.log_offset >= 0 && (position.files > 0 ? named : position.files == 0) &&
         header.count >= 1 && header.count <= position.shape.entries && header.is_possible();
}

}  // namespace

std::optional<KeyPosition> read_key_position(Disk& disk, const std::filesystem::path& path) {
  const auto file = disk.open(path, Open::read);
  if (!file) return std::nullopt;
  const std::string text = file->read_text(768);
  KeyPosition position;
  KeyHeader& header = position.header;
  int closed = 0;
  std::array<char, 32> first{};
  std::array<char, 32> newest{};
  std::sscanf(text.c_str(),
              "gantry.store_file.keys 1\nlog_offset %" SCNd64 "\nslots %" SCNd32
              "\nentries %" SCNd32 "\nfiles %" SCNd64 "\nfirst %31s\nnewest %31s\nbegin_ms %" SCNd64
              "\nend_ms %" SCNd64 "\nbegin_offset %" SCNd64 "\nend_offset %" SCNd64
              "\nused_slots %" SCNd32 "\ncount %" SCNd32 "\nclosed %d\n",
              &position.log_offset, &position.shape.slots, &position.shape.entries, &position.files,
              first.data(), newest.data(), &header.begin_ms, &header.end_ms, &header.begin_offset,
              &header.end_offset, &header.used_slots, &header.count, &closed);
  position.first = first.data();
  position.newest = newest.data();
  position.closed = closed == 1;
  // Written back it must be the same text: that refuses every damage sscanf is lenient about.
  if (text_of(position) != text || !is_possible(position)) return std::nullopt;
  return position;
}

void write_key_position(Disk& disk, const std::filesystem::path& path,
                        const KeyPosition& position) {
  disk.replace(path, text_of(position));
}

bool is_key_file_name(const std::string& name) {
  return name.size() == name_digits &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string next_key_file_name(int64_t now_ms, const std::string& newest) {
  const std::time_t seconds = now_ms / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 64> out{};
  const size_t size = std::strftime(out.data(), out.size(), "%Y%m%d%H%M%S", &local);
  std::snprintf(&out[size], out.size() - size, "%03d", static_cast<int>(now_ms % 1000));
  const std::string name = out.data();
  if (!is_key_file_name(newest) || name > newest) return name;
  std::string after = std::to_string(std::stoll(newest) + 1);
  return std::string(name_digits - after.size(), '0') + after;
}

}  // namespace gantry::store_file
