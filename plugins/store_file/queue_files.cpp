#include "queue_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "unit.hpp"

namespace gantry::store_file {
namespace {

constexpr int64_t block_bytes = 3276 * unit_bytes;  // of blank units: just under 64 KiB

// Gives a new file its size and blank units up to where its queue begins.
void fill_new(DiskFile& file, int64_t file_bytes, int64_t blank_bytes) {
  file.resize(file_bytes);
  std::vector<uint8_t> blanks(static_cast<size_t>(std::min(blank_bytes, block_bytes)));
  for (size_t i = 0; i < blanks.size(); i += unit_bytes) encode_unit(blank_unit, &blanks[i]);
  for (int64_t at = 0; at < blank_bytes; at += static_cast<int64_t>(blanks.size())) {
    const auto left = static_cast<size_t>(blank_bytes - at);
    file.write(std::span(blanks).first(std::min(blanks.size(), left)), at);
  }
}

int64_t whole_units(int64_t bytes, int64_t each) {
  return (bytes + each - 1) / each * each;
}

}  // namespace

std::string file_name(int64_t start) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "%020lld", static_cast<long long>(start));
  return text.data();
}

std::vector<int64_t> file_starts(const Disk& disk, const std::filesystem::path& folder) {
  std::vector<int64_t> out;
  for (const std::string& name : disk.list(folder)) {
    int64_t start = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, start);
    const bool number = error == std::errc{} && stop == end && start >= 0;
    if (number && file_name(start) == name) out.push_back(start);
  }
  return out;
}

std::filesystem::path QueueShape::folder_of(const Queue& queue) const {
  return folder / queue.topic.name / std::to_string(queue.id);
}

QueueFiles::QueueFiles(Disk& disk, const Options& options)
    : disk_(disk),
      root_(options.root),
      plain_{root_ / "consumequeue", unit_bytes, whole_units(options.file_bytes, unit_bytes)},
      batch_{root_ / "batchconsumequeue", batch_unit_bytes,
             whole_units(options.batch_file_bytes, batch_unit_bytes)},
      open_(options.open_files_max),
      maps_(options.maps_max),
      unsynced_plain_(disk, plain_.folder),
      unsynced_batch_(disk, batch_.folder) {}

std::filesystem::path QueueFiles::folder_of(const Queue& queue) const {
  return shape_of(queue).folder_of(queue);
}

void QueueFiles::close_all() {
  open_.clear();
  maps_.clear();
}

std::shared_ptr<DiskFile> QueueFiles::open(const Queue& queue, int64_t start) {
  const Key key{&queue, start};
  if (auto known = open_.find(key)) return known;
  auto file = disk_.open(folder_of(queue) / file_name(start), Open::write);
  if (file) open_.keep(key, file);
  return file;
}

// Only who may wait opens a file.
std::shared_ptr<const Mapping> QueueFiles::map(const Queue& queue, int64_t start, Wait wait) {
  const Key key{&queue, start};
  if (auto known = maps_.find(key)) return known;
  if (wait == Wait::no) return nullptr;
  const auto file = disk_.open(folder_of(queue) / file_name(start), Open::read);
  if (!file) return nullptr;
  auto made = file->map();
  maps_.keep(key, made);
  return made;
}

// Every folder that is not there yet is noted, so abandon() can take it back.
void QueueFiles::make_folders(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> missing;
  for (auto at = folder; at != root_ && !disk_.exists(at); at = at.parent_path()) {
    missing.push_back(at);
  }
  if (missing.empty()) return;
  made_.insert(made_.end(), missing.rbegin(), missing.rend());
  disk_.create_folders(folder);
}

std::shared_ptr<DiskFile> QueueFiles::make(const Queue& queue, int64_t start, int64_t first_byte) {
  const QueueShape& shape = shape_of(queue);
  const std::filesystem::path folder = shape.folder_of(queue);
  const std::filesystem::path path = folder / file_name(start);
  make_folders(folder);
  remove(queue, shape, start);  // beyond what was promised; its pages may not be what they seem
  unsynced(shape).add_names(folder);
  made_.push_back(path);
  auto file = disk_.open(path, Open::create);
  fill_new(*file, shape.file_bytes, queue.batch ? 0 : first_byte - start);
  open_.keep({&queue, start}, file);
  return file;
}

void QueueFiles::remove(const Queue& queue, const QueueShape& shape, int64_t start) {
  open_.forget({&queue, start});
  maps_.forget({&queue, start});
  disk_.remove(shape.folder_of(queue) / file_name(start));
}

// A kind's folder may lie on a file system of its own.
void QueueFiles::watch(const QueueShape& shape) {
  if (unsynced(shape).watched()) return;
  make_folders(shape.folder);
  unsynced(shape).watch();
}

void QueueFiles::write(const Queue& queue, int64_t from, std::span<const uint8_t> units,
                       bool first) {
  const QueueShape& shape = shape_of(queue);
  watch(shape);
  for (int64_t at = from * shape.unit_bytes; !units.empty(); first = false) {
    const int64_t start = shape.start_of(at);
    const auto file = first || at == start ? make(queue, start, at) : open(queue, start);
    if (!file) fail("open", folder_of(queue) / file_name(start), ENOENT);
    unsynced(shape).add(file);
    const auto room = static_cast<size_t>(start + shape.file_bytes - at);
    const auto piece = units.first(std::min(units.size(), room));
    file->write(piece, at - start);
    at += static_cast<int64_t>(piece.size());
    units = units.subspan(piece.size());
  }
}

void QueueFiles::sync() {
  unsynced_plain_.sync();
  unsynced_batch_.sync();
  if (!made_.empty()) disk_.sync_folder(root_);
  made_.clear();
}

// What was made is removed, so it is made, named and synced anew; what was written into files that
// count is written again from there on, through new descriptors.
void QueueFiles::abandon() noexcept {
  open_.clear();
  for (auto path = made_.rbegin(); path != made_.rend(); ++path) {
    try {
      disk_.remove(*path);
    } catch (const std::exception&) {
      // What can't be removed now is replaced by the write that comes to it again.
    }
  }
  made_.clear();
  unsynced_plain_.abandon();
  unsynced_batch_.abandon();
}

size_t QueueFiles::read(const Queue& queue, int64_t from, std::span<uint8_t> out, Wait wait) {
  const QueueShape& shape = shape_of(queue);
  const size_t each = static_cast<size_t>(shape.unit_bytes);
  const int64_t begin = from * shape.unit_bytes;
  size_t done = 0;  // bytes
  while (done + each <= out.size()) {
    const int64_t at = begin + static_cast<int64_t>(done);
    const int64_t start = shape.start_of(at);
    const auto mapping = map(queue, start, wait);
    if (!mapping) break;
    const int64_t end = std::min(mapping->size(), shape.file_bytes) - (at - start);
    auto bytes = std::min(static_cast<int64_t>((out.size() - done) / each * each),
                          std::max<int64_t>(end, 0) / shape.unit_bytes * shape.unit_bytes);
    if (bytes > 0 && wait == Wait::yes) mapping->load(at - start, bytes);
    if (bytes > 0 && wait == Wait::no && !mapping->resident(at - start, bytes)) {
      bytes = mapping->resident(at - start, shape.unit_bytes) ? shape.unit_bytes : 0;
    }
    if (bytes <= 0) break;
    std::memcpy(out.data() + done, mapping->data() + (at - start), static_cast<size_t>(bytes));
    done += static_cast<size_t>(bytes);
  }
  return done / each;
}

void QueueFiles::erase(const Queue& queue, const QueueShape& shape, int64_t from) {
  const std::filesystem::path folder = shape.folder_of(queue);
  const int64_t first = from * shape.unit_bytes;
  for (const int64_t start : file_starts(disk_, folder)) {
    if (start >= first) {
      remove(queue, shape, start);
    } else if (start + shape.file_bytes > first) {
      const auto file = disk_.open(folder / file_name(start), Open::write);
      if (!file) fail("open", folder / file_name(start), ENOENT);
      file->zero(first - start, shape.file_bytes);
      file->sync();
    }
  }
  if (disk_.exists(folder)) disk_.sync_folder(folder);
}

void QueueFiles::remove_below(const Queue& queue, int64_t unit, int64_t last) {
  const QueueShape& shape = shape_of(queue);
  const int64_t keep = shape.start_of(std::min(unit, last) * shape.unit_bytes);
  for (const int64_t start : file_starts(disk_, shape.folder_of(queue))) {
    if (start < keep) remove(queue, shape, start);
  }
}

}  // namespace gantry::store_file
