#include "disk.hpp"

#include <algorithm>
#include <cstring>

#include "cpp/barrier.hpp"

namespace gantry::store_file {

void fail(const char* what, const std::filesystem::path& path, int error) {
  throw sdk::Refusal(GANTRY_FAULT,
                     std::string(what) + " " + path.string() + ": " + std::strerror(error));
}

void fail_at(const char* what, size_t bytes, int64_t at, const std::filesystem::path& path,
             int error) {
  throw sdk::Refusal(GANTRY_FAULT, std::string(what) + " " + std::to_string(bytes) + " bytes at " +
                                       std::to_string(at) + " of " + path.string() + ": " +
                                       std::strerror(error));
}

void DiskFile::read_all(std::span<uint8_t> bytes, int64_t at) const {
  const size_t got = read(bytes, at);
  if (got == bytes.size()) return;
  throw sdk::Refusal(GANTRY_FAULT, "read " + std::to_string(bytes.size()) + " bytes at " +
                                       std::to_string(at) + " of " + path().string() +
                                       ": there are only " + std::to_string(got));
}

std::string DiskFile::read_text(size_t most) const {
  std::string text(std::min(most, static_cast<size_t>(size())), '\0');
  read_all({reinterpret_cast<uint8_t*>(text.data()), text.size()}, 0);
  return text;
}

void Disk::replace(const Path& path, std::span<const uint8_t> bytes) {
  Path draft = path;
  draft += ".new";
  remove(draft);  // what a crash may have left: its pages are not to be trusted
  {
    const auto file = open(draft, Open::create);
    file->write(bytes, 0);
    file->sync();
  }
  rename(draft, path);
  sync_folder(path.parent_path());
}

void Disk::replace(const Path& path, const std::string& text) {
  replace(path, {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

}  // namespace gantry::store_file
