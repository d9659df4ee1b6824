#include "queue_files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "cpp/barrier.hpp"
#include "unit.hpp"

namespace gantry::store_file {
namespace {

// More files than this are synced by one call for the whole file system: a sync of each would take
// longer than all of their data.
constexpr size_t synced_each_max = 64;

constexpr int64_t block_bytes = 3276 * unit_bytes;  // of blank units: just under 64 KiB

// Gives a new file its size and blank units up to where its queue begins.
void fill_new(File& file, int64_t file_bytes, int64_t blank_bytes) {
  file.resize(file_bytes);
  std::vector<uint8_t> blanks(static_cast<size_t>(std::min(blank_bytes, block_bytes)));
  for (size_t i = 0; i < blanks.size(); i += unit_bytes) encode_unit(blank_unit, &blanks[i]);
  for (int64_t at = 0; at < blank_bytes; at += static_cast<int64_t>(blanks.size())) {
    const auto left = static_cast<size_t>(blank_bytes - at);
    file.write(std::span(blanks).first(std::min(blanks.size(), left)), at);
  }
}

}  // namespace

std::string file_name(int64_t start) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%020lld", static_cast<long long>(start));
  return text.data();
}

std::filesystem::path QueueFiles::folder_of(const Queue& queue) const {
  return options_.folder / queue.topic.name / std::to_string(queue.id);
}

std::filesystem::path QueueFiles::path_of(const Queue& queue, int64_t start) const {
  return folder_of(queue) / file_name(start);
}

void QueueFiles::remember(const Key& key, const std::shared_ptr<File>& file) {
  std::shared_ptr<File> oldest;  // closed after the lock is free
  const std::lock_guard lock(open_guard_);
  if (by_key_.contains(key)) return;
  opened_.emplace_front(key, file);
  by_key_[key] = opened_.begin();
  if (opened_.size() <= options_.open_files_max) return;
  by_key_.erase(opened_.back().first);
  oldest = std::move(opened_.back().second);
  opened_.pop_back();
}

void QueueFiles::forget(const Key& key) {
  const std::lock_guard lock(open_guard_);
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) return;
  opened_.erase(known->second);
  by_key_.erase(known);
}

void QueueFiles::close_all() {
  const std::lock_guard lock(open_guard_);
  by_key_.clear();
  opened_.clear();
}

std::shared_ptr<File> QueueFiles::open(const Queue& queue, int64_t start) {
  const Key key{&queue, start};
  {
    const std::lock_guard lock(open_guard_);
    const auto known = by_key_.find(key);
    if (known != by_key_.end()) {
      opened_.splice(opened_.begin(), opened_, known->second);
      return known->second->second;
    }
  }
  auto file = File::open(path_of(queue, start), O_RDWR);
  if (file) remember(key, file);
  return file;
}

std::shared_ptr<File> QueueFiles::make(const Queue& queue, int64_t start, int64_t first_byte) {
  const std::filesystem::path path = path_of(queue, start);
  const std::filesystem::path queue_folder = path.parent_path();
  std::error_code error;
  std::filesystem::create_directories(queue_folder, error);
  if (error) {
    errno = error.value();
    fail("make folder", queue_folder);
  }
  note_new_names(queue_folder);
  auto file = File::open(path, O_RDWR | O_CREAT);
  try {
    fill_new(*file, options_.file_bytes, first_byte - start);
  } catch (...) {
    ::unlink(path.c_str());  // half a file would be taken for a whole one by the next write
    throw;
  }
  remember({&queue, start}, file);
  return file;
}

// Any of the folders may be new: all names up to the store root are synced.
void QueueFiles::note_new_names(std::filesystem::path folder) {
  if (many_unsynced_) return;
  const std::filesystem::path root = options_.folder.parent_path();
  for (; folder != root; folder = folder.parent_path()) new_names_in_.insert(folder);
  new_names_in_.insert(root);
}

void QueueFiles::touched(const std::shared_ptr<File>& file) {
  if (many_unsynced_) return;
  unsynced_.insert(file);
  if (unsynced_.size() <= synced_each_max) return;
  many_unsynced_ = true;
  unsynced_.clear();
}

void QueueFiles::write(const Queue& queue, int64_t from, std::span<const uint8_t> units) {
  int64_t at = from * unit_bytes;
  while (!units.empty()) {
    const int64_t start = at - at % options_.file_bytes;
    auto file = open(queue, start);
    if (!file) file = make(queue, start, at);
    touched(file);
    const auto room = static_cast<size_t>(start + options_.file_bytes - at);
    const auto piece = units.first(std::min(units.size(), room));
    file->write(piece, at - start);
    at += static_cast<int64_t>(piece.size());
    units = units.subspan(piece.size());
  }
}

void QueueFiles::sync() {
  if (many_unsynced_) {
    const auto folder = File::open(options_.folder, O_RDONLY | O_DIRECTORY);
    if (!folder) fail("open", options_.folder);
    folder->sync_file_system();
  } else {
    for (const auto& file : unsynced_) file->sync_data();
    for (const auto& folder : new_names_in_) sync_folder(folder);
  }
  many_unsynced_ = false;
  unsynced_.clear();
  new_names_in_.clear();
}

size_t QueueFiles::read(const Queue& queue, int64_t from, std::span<gantry_index_entry> out) {
  std::array<uint8_t, 512 * unit_bytes> block;
  size_t done = 0;
  while (done < out.size()) {
    const int64_t at = (from + static_cast<int64_t>(done)) * unit_bytes;
    const int64_t start = at - at % options_.file_bytes;
    const auto file = open(queue, start);
    if (!file) break;
    const auto wanted = std::min({(out.size() - done) * unit_bytes, block.size(),
                                  static_cast<size_t>(start + options_.file_bytes - at)});
    const size_t got = file->read(std::span(block).first(wanted), at - start) / unit_bytes;
    for (size_t i = 0; i < got; ++i, ++done) {
      out[done] = decode_unit(&block[i * unit_bytes]);
      if (!is_unit(out[done])) return done;
    }
    if (got * unit_bytes < wanted) break;
  }
  return done;
}

void QueueFiles::erase(const Queue& queue, int64_t from, int64_t end) {
  const int64_t first = from * unit_bytes;
  const int64_t first_start = first - first % options_.file_bytes;
  for (int64_t start = first_start; start < end * unit_bytes; start += options_.file_bytes) {
    if (start < first) {
      if (const auto file = open(queue, start)) {
        file->zero(first - start, options_.file_bytes);
        file->sync_data();
      }
      continue;
    }
    forget({&queue, start});
    const std::filesystem::path path = path_of(queue, start);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("remove", path);
  }
  if (std::filesystem::exists(folder_of(queue))) sync_folder(folder_of(queue));
}

}  // namespace gantry::store_file
