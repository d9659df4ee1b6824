// Folder: a folder of its own below the system's temporary one. Owned by a test; ends with it, and
// everything in it.
#pragma once

#include <filesystem>

namespace gantry::integration {

class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace gantry::integration
