// Start and stop.
#include "store_file.hpp"

#include <algorithm>

#include "keys/key_settings.hpp"
#include "loader.hpp"

namespace gantry::store_file {

StoreFile::StoreFile(const gantry_host* host, Disk& disk)
    : Module(host),
      options_{host_.setting_i64("recent_units"),
               static_cast<uint64_t>(host_.setting_i64("memory_bytes_max"))},
      disk_(disk),
      root_(host_.data_dir()),
      folder_(root_ / "gantry" / host_.name()),
      files_(disk, {.root = root_,
                    .file_bytes = host_.setting_i64("consume_queue_file_bytes"),
                    .batch_file_bytes = host_.setting_i64("batch_queue_file_bytes"),
                    .open_files_max = static_cast<size_t>(host_.setting_i64("open_files_max")),
                    .maps_max = static_cast<size_t>(host_.setting_i64("maps_max"))}),
      bounds_(disk, folder_ / "bounds"),
      broker_files_(disk, root_) {}

// Each part has a place of its own. The host compares the lower one with the log's end, so what of
// the other lies above it goes here.
gantry_status StoreFile::start(gantry_token) {
  open_parts();
  const auto& log = host_.service<gantry_commitlog>(GANTRY_HOST_COMMITLOG);
  const int64_t end = log.mark(host_.raw(), GANTRY_MARK_VISIBLE);
  const int64_t furthest = std::max(stored_.log_offset, keys_ ? keys_->position() : 0);
  if (furthest > end) {
    host_.warn("the stored index reaches up to " + std::to_string(furthest) + ", the log ends at " +
               std::to_string(end) + ": what is above is forgotten");
    truncate(end);
  }
  return GANTRY_OK;
}

// A crash before all is loaded must leave `abort`: loading removes what can't be used.
void StoreFile::open_parts() {
  const std::lock_guard lock(disk_guard_);
  disk_.create_folders(folder_);
  broker_files_.started();
  disk_.create_folders(files_.plain().folder);
  stored_ = {.file_bytes = files_.plain().file_bytes,
             .batch_file_bytes = files_.batch().file_bytes};
  if (const auto reason = load()) rebuild(*reason);
  consumed_ = stored_.log_offset;
  keys_ = make_key_index(host_, disk_);
  if (keys_) keys_->open();
  disk_.sync_folder(folder_.parent_path());  // what is made in a folder that was lost is lost
  disk_.sync_folder(root_);
}

// Returns why the files are of no use; empty when there never were any.
std::optional<std::string> StoreFile::load() {
  const auto fits = [&](const auto& known) {
    return known.file_bytes == stored_.file_bytes &&
           known.batch_file_bytes == stored_.batch_file_bytes;
  };
  const auto other_sizes = [](const auto& known) {
    return "the queue files were made with " + std::to_string(known.file_bytes) + " and " +
           std::to_string(known.batch_file_bytes) +
           " bytes each, consume_queue_file_bytes or batch_queue_file_bytes is now another";
  };
  const auto head = bounds_.load([&](const StoredQueue& line) { restore(line, queues_); });
  std::string why = bounds_.path().string() + " is missing or damaged";
  if (head) {
    if (!fits(*head)) return other_sizes(*head);
    const auto missing = miss_files(disk_, files_, queues_);
    if (!missing) {
      stored_ = *head;
      if (head->cutting) erase_beyond(disk_, files_, queues_);
      stored_.cutting = false;
      return std::nullopt;
    }
    why = *missing;
    queues_.clear();
  }
  const auto position = read_position(disk_, folder_ / "position");
  if (!position) {
    const bool first =
        !head && !disk_.exists(bounds_.path()) && !disk_.exists(folder_ / "position");
    return first ? "" : why;
  }
  if (!fits(*position)) return other_sizes(*position);
  const auto& log = host_.service<gantry_commitlog>(GANTRY_HOST_COMMITLOG);
  if (position->log_offset < log.begin(host_.raw())) {
    return why + ", and the position " + std::to_string(position->log_offset) +
           " lies before the log";
  }
  host_.warn(why + ": the queue files are read from end to begin");
  if (const auto reason = walk_files(*position, disk_, files_, queues_)) return reason;
  erase_beyond(disk_, files_, queues_);
  stored_.log_offset = position->log_offset;
  raise_minimums(log.begin(host_.raw()));
  return std::nullopt;
}

// The promises go first: what the files hold is worth nothing from then on.
void StoreFile::rebuild(const std::string& reason) {
  queues_.clear();
  disk_.remove(bounds_.path());
  disk_.remove(folder_ / "position");
  disk_.sync_folder(folder_);
  const size_t removed = remove_queue_files(disk_, files_);
  if (!reason.empty()) {
    host_.warn(reason + ": the queue index is rebuilt from the log");
  } else if (removed > 0) {
    host_.info(std::to_string(removed) + " queue files are rebuilt from the log: no position");
  }
}

// A RocketMQ broker trusts a folder without `abort`, so it goes only when nothing is missing.
void StoreFile::stop() {
  const std::lock_guard lock(disk_guard_);
  const auto& log = host_.service<gantry_commitlog>(GANTRY_HOST_COMMITLOG);
  const int64_t end = log.mark(host_.raw(), GANTRY_MARK_APPENDED);
  const bool queues_whole = stored_.log_offset == consumed_.load() && stored_.log_offset >= end;
  if (keys_) keys_->close();
  const bool keys_whole = !keys_ || keys_->position() >= end;
  if (queues_whole && keys_whole && cuts_.empty()) broker_files_.clean_stop();
}

int64_t StoreFile::position() {
  return keys_ ? std::min(stored_.log_offset, keys_->position()) : stored_.log_offset;
}

void StoreFile::live(int64_t log_offset) {
  live_ = true;
  host_.info("the queue index stands at " + std::to_string(log_offset));
}

}  // namespace gantry::store_file
