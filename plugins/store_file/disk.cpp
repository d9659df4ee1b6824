#include "disk.hpp"

#include <cstring>

#include "cpp/barrier.hpp"

namespace gantry::store_file {

void fail(const char* what, const std::filesystem::path& path, int error) {
  throw sdk::Refusal(GANTRY_FAULT,
                     std::string(what) + " " + path.string() + ": " + std::strerror(error));
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
