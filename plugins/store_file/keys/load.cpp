// What a start finds, and what the log's end takes away.
#include <algorithm>
#include <utility>

#include "cpp/barrier.hpp"
#include "key_index.hpp"

namespace gantry::store_file {
namespace {

// Durable in the store root, whose own name is.
void make_folder(Disk& disk, const Disk::Path& path) {
  disk.create_folders(path);
  disk.sync_folder(path.parent_path());
  disk.sync_folder(path.parent_path().parent_path());
}

}  // namespace

void KeyIndex::open() {
  const std::lock_guard save_lock(save_guard_);
  make_folder(disk_, options_.folder);
  make_folder(disk_, options_.position_path.parent_path());
  // A killed process may have left a position that isn't durable: what is promised from here on is.
  disk_.sync_folder(options_.position_path.parent_path());
  const auto known = read_key_position(disk_, options_.position_path);
  if (!known) {
    rebuild(disk_.exists(options_.position_path) ? options_.position_path.string() + " is damaged"
                                                 : "");
  } else if (const auto reason = load(*known)) {
    rebuild(*reason);
  }
  consumed_ = stored_.log_offset;
}

// Names of index files, oldest first; others are left alone, as RocketMQ does.
std::vector<std::string> KeyIndex::names() const {
  std::vector<std::string> out;
  for (std::string& name : disk_.list(options_.folder)) {
    if (is_key_file_name(name)) out.push_back(std::move(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The position goes first: what the files hold is worth nothing from then on.
void KeyIndex::rebuild(const std::string& reason) {
  sealed_.clear();
  newest_.reset();
  stored_ = here(0);
  disk_.remove(options_.position_path);
  disk_.sync_folder(options_.position_path.parent_path());
  const std::vector<std::string> found = names();
  for (const std::string& name : found) disk_.remove(options_.folder / name);
  disk_.sync_folder(options_.folder);
  if (!reason.empty()) {
    options_.note(reason + ": the key index is rebuilt from the log");
  } else if (!found.empty()) {
    options_.note(std::to_string(found.size()) +
                  " index files are rebuilt from the log: no position");
  }
}

std::optional<std::string> KeyIndex::load(const KeyPosition& known) {
  if (known.shape.slots != options_.shape.slots || known.shape.entries != options_.shape.entries) {
    return "the index files were made with " + std::to_string(known.shape.slots) + " slots and " +
           std::to_string(known.shape.entries) + " entries, the settings are now others";
  }
  const auto names = drop_unknown(known);
  const auto files = static_cast<size_t>(known.files);
  if (names.size() != files ||
      (files > 0 && (names.front() != known.first || names.back() != known.newest))) {
    return options_.folder.string() + " holds " + std::to_string(names.size()) +
           " of the position's " + std::to_string(known.files) + " files";
  }
  for (size_t i = 0; i + 1 < files; ++i) {
    const std::filesystem::path path = options_.folder / names[i];
    const auto file = disk_.open(path, Open::read);
    const auto header = read_key_header(file.get(), options_.shape);
    const int64_t begin = sealed_.empty() ? 0 : sealed_.back().header.end_offset;
    if (!header || header->count != options_.shape.entries || !header->is_possible() ||
        header->begin_offset < begin) {
      return path.string() + " is damaged";
    }
    sealed_.push_back({names[i], *header});
  }
  stored_ = known;
  if (files == 0) return std::nullopt;
  return load_newest(known);
}

// Files a crash left: newer ones the position doesn't tell of yet, older ones it no longer does.
std::vector<std::string> KeyIndex::drop_unknown(const KeyPosition& known) {
  std::vector<std::string> kept;
  for (const std::string& name : names()) {
    if (known.files > 0 && name >= known.first && name <= known.newest) {
      kept.push_back(name);
    } else {
      disk_.remove(options_.folder / name);
    }
  }
  return kept;
}

// A damaged newest file is given up with all that it began with; the log brings that again.
std::optional<std::string> KeyIndex::load_newest(const KeyPosition& known) {
  try {
    newest_ = KeyFile::open(disk_, options_.folder / known.newest, options_.shape, known.header,
                            known.closed);
  } catch (const sdk::Refusal& refusal) {
    if (refusal.status() != GANTRY_GONE) throw;
    if (sealed_.empty() || known.header.count <= 1) return refusal.what();
    options_.note(std::string(refusal.what()) + ": its part of the key index is rebuilt");
    return cut(known.header.begin_offset);
  }
  newest_->link();
  newest_->release();
  return std::nullopt;
}

void KeyIndex::truncate(int64_t log_offset) {
  const std::lock_guard save_lock(save_guard_);
  if (log_offset >= consumed_.load(std::memory_order_acquire)) return;
  const std::unique_lock lock(files_guard_);
  buffer_.cut(log_offset);
  consumed_.store(log_offset, std::memory_order_release);
  try {
    const auto reason = cut(log_offset);
    if (!reason) return;
    disk_.remove(options_.position_path);
    disk_.sync_folder(options_.position_path.parent_path());
    throw sdk::Refusal(GANTRY_FAULT, *reason + "; the next start rebuilds the key index");
  } catch (const std::exception& error) {
    broken_ = error.what();
    throw;
  }
}

// Leaves the entries of records below log_offset, and a position no higher. The position falls
// first, then files go, then the slots of the one that is the newest now are put right by opening
// it.
std::optional<std::string> KeyIndex::cut(int64_t log_offset) {
  std::vector<Sealed> files = sealed_;
  if (newest_) files.push_back({newest_->name(), newest_->header()});
  KeyPosition fewer = here(std::min(stored_.log_offset, log_offset));  // not closed
  while (!files.empty() && files.back().header.begin_offset >= log_offset) files.pop_back();
  fewer.files = static_cast<int64_t>(files.size());
  newest_.reset();
  sealed_.assign(files.begin(), files.empty() ? files.end() : std::prev(files.end()));
  fewer.first = fewer.newest = "-";
  fewer.header = {};
  if (!files.empty()) {
    fewer.first = files.front().name;
    fewer.newest = files.back().name;
    const auto header = header_below(files.back(), log_offset);
    if (!header) return (options_.folder / fewer.newest).string() + " is damaged";
    fewer.header = *header;
  }
  write_key_position(disk_, options_.position_path, fewer);
  stored_ = fewer;
  drop_unknown(fewer);
  return files.empty() ? std::nullopt : load_newest(fewer);
}

// The header a file has once entries at or behind log_offset are gone. Store times are known to the
// second only: as exact as a query is.
std::optional<KeyHeader> KeyIndex::header_below(const Sealed& sealed, int64_t log_offset) const {
  KeyHeader header = sealed.header;
  if (header.end_offset < log_offset) return header;
  const auto file = disk_.open(options_.folder / sealed.name, Open::read);
  if (!file) return std::nullopt;
  KeyHeader out = header;
  out.count = 1;
  out.used_slots = 0;
  each_entry(*file, options_.shape, 1, header.count, [&](int32_t number, const KeyEntry& entry) {
    if (entry.log_offset >= log_offset || number != out.count) return;
    out.take({entry.log_offset, header.begin_ms + int64_t{entry.seconds} * 1000, entry.hash, 0},
             entry.previous);
  });
  out.begin_ms = header.begin_ms;
  return out.count > 1 ? std::optional(out) : std::nullopt;
}

}  // namespace gantry::store_file
