// UnsyncedFiles: the files of one kind that were written since the last sync, and the folders whose
// names are new. Up to a number they are synced one by one; more are synced by one call for their
// file system, where that is as good. One thread at a time (StoreFile's disk lock). Owned by
// QueueFiles.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "disk.hpp"

namespace gantry::store_file {

class UnsyncedFiles {
 public:
  UnsyncedFiles(Disk& disk, std::filesystem::path folder)
      : disk_(disk), folder_(std::move(folder)) {}

  // Before the first write, and the first after abandon(): lost ones are told of from here on. The
  // folder is there.
  void watch();
  bool watched() const { return volume_.has_value(); }
  // Before the write; so is a new file's name, in `folder` and up to the kind's own.
  void add(const std::shared_ptr<DiskFile>& file);
  void add_names(std::filesystem::path folder);
  // All of it is on the device. After a failure none of it counts: abandon() comes next.
  void sync();
  void abandon() noexcept;

 private:
  void sync_files();
  void forget() noexcept;

  Disk& disk_;
  const std::filesystem::path folder_;
  std::optional<std::shared_ptr<Volume>> volume_;  // nothing: not watched yet
  std::vector<std::shared_ptr<DiskFile>> files_;   // few, in the order they were written
  std::set<std::filesystem::path> names_in_;
  bool whole_ = false;  // the volume is synced instead
};

}  // namespace gantry::store_file
