#include "commitlog/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/endian.hpp"
#include "base/logging.hpp"
#include "commitlog/record.hpp"

namespace gantry::commitlog {
namespace {

constexpr const char* file_name = "recovery";
constexpr uint32_t magic = 0x47525631;  // "GRV1"

// magic u32, clean u32, durable i64, store time i64, CRC of the bytes before it u32
constexpr size_t crc_at = 24;
using Image = std::array<uint8_t, crc_at + 4>;

uint32_t crc_of(const Image& image) {
  return body_crc(Bytes(image).first(crc_at));
}

}  // namespace

Outcome<std::optional<Checkpoint>> Checkpoint::load(FileSystem& file_system,
                                                    const std::string& folder) {
  const std::string path = folder + "/" + file_name;
  auto entries = file_system.list(folder);
  if (!entries) return fail(fmt::format("{}: {}", folder, entries.error().message()));
  const auto entry = std::ranges::find(*entries, file_name, &FolderEntry::name);
  if (entry == entries->end()) return std::optional<Checkpoint>{};

  auto file = file_system.open(path, OpenMode::existing);
  if (!file) return fail(fmt::format("{}: cannot open: {}", path, file.error().message()));
  Image image;
  const bool whole = entry->size >= image.size();
  if (whole) {
    // Not damage: without it the scan wouldn't know what must be there.
    if (ErrorCode error = (*file)->read_at(0, image))
      return fail(
          fmt::format("{}: cannot read {} bytes at 0: {}", path, image.size(), error.message()));
  }
  if (!whole || load_be<uint32_t>(image.data()) != magic ||
      load_be<uint32_t>(image.data() + crc_at) != crc_of(image)) {
    logging::warn("commitlog", "{}: damaged, the whole log is scanned instead", path);
    return std::optional<Checkpoint>{};
  }
  return std::optional(Checkpoint{.durable = LogOffset(load_be<int64_t>(image.data() + 8)),
                                  .stored_ms = load_be<int64_t>(image.data() + 16),
                                  .clean = load_be<uint32_t>(image.data() + 4) == 1});
}

ErrorCode Checkpoint::store(FileSystem& file_system, const std::string& folder) const {
  Image image;
  store_be(image.data(), magic);
  store_be(image.data() + 4, uint32_t{clean});
  store_be(image.data() + 8, durable.value);
  store_be(image.data() + 16, stored_ms);
  store_be(image.data() + crc_at, crc_of(image));

  const std::string path = folder + "/" + file_name;
  const std::string next = path + ".new";
  auto file = file_system.open(next, OpenMode::create);
  if (!file) return file.error();
  if (ErrorCode error = (*file)->write_at(0, image)) return error;
  if (ErrorCode error = (*file)->sync_data()) return error;
  if (ErrorCode error = file_system.rename(next, path)) return error;
  return file_system.sync_folder(folder);
}

}  // namespace gantry::commitlog
