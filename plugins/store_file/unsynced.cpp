#include "unsynced.hpp"

#include <algorithm>

namespace gantry::store_file {
namespace {

// More files than this are synced by one call for the whole file system: a sync of each would take
// longer than all of their data.
constexpr size_t synced_each_max = 64;

}  // namespace

void UnsyncedFiles::watch() {
  volume_ = disk_.volume(folder_);
}

// Without a volume the files are synced as they come, so that no more than that are kept open: they
// may be on the device before they are promised.
void UnsyncedFiles::add(const std::shared_ptr<DiskFile>& file) {
  if (whole_ || std::find(files_.begin(), files_.end(), file) != files_.end()) return;
  if (files_.size() == synced_each_max) {
    whole_ = *volume_ != nullptr;
    if (!whole_) sync_files();
    files_.clear();
    if (whole_) return names_in_.clear();
  }
  files_.push_back(file);
}

// Any of the folders may be new.
void UnsyncedFiles::add_names(std::filesystem::path folder) {
  if (whole_) return;
  for (; folder != folder_; folder = folder.parent_path()) names_in_.insert(folder);
  names_in_.insert(folder_);
}

void UnsyncedFiles::sync() {
  if (whole_) {
    (*volume_)->sync();
  } else {
    sync_files();
    for (const auto& folder : names_in_) disk_.sync_folder(folder);
  }
  forget();
}

void UnsyncedFiles::abandon() noexcept {
  forget();
  volume_.reset();
}

void UnsyncedFiles::sync_files() {
  for (const auto& file : files_) file->sync();
}

void UnsyncedFiles::forget() noexcept {
  files_.clear();
  names_in_.clear();
  whole_ = false;
}

}  // namespace gantry::store_file
