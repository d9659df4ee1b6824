#include "store_file.hpp"

#include <algorithm>
#include <bit>

#include "loader.hpp"
#include "unit.hpp"

namespace gantry::store_file {
namespace {

constexpr int32_t transaction_mask = 0xc;
constexpr int32_t transaction_prepared = 0x4;
constexpr int32_t transaction_rollback = 0xc;

// Half messages and rollbacks carry no queue offset of their own.
bool is_indexed(const gantry_message& message) {
  const int32_t kind = message.sys_flag & transaction_mask;
  return kind != transaction_prepared && kind != transaction_rollback;
}

// Topic and queue id become names of folders: what would lead elsewhere is refused here, whatever
// else was checked before.
bool is_folder_name(std::string_view topic) {
  return !topic.empty() && topic.size() <= 255 && topic != "." && topic != ".." &&
         topic.find('/') == topic.npos && topic.find('\0') == topic.npos;
}

std::string queue_name(std::string_view topic, int32_t id) {
  std::string out;
  for (const char c : topic) out += c > ' ' && c < 127 ? c : '?';
  return out + "/" + std::to_string(id);
}

int64_t whole_units(int64_t bytes) {
  return (bytes + unit_bytes - 1) / unit_bytes * unit_bytes;
}

}  // namespace

StoreFile::StoreFile(const gantry_host* host, Disk&)
    : Module(host),
      options_{host_.setting_i64("recent_units"),
               static_cast<uint64_t>(host_.setting_i64("memory_bytes_max"))},
      root_(host_.data_dir()),
      position_path_(root_ / "gantry" / host_.name() / "position"),
      files_({.folder = root_ / "consumequeue",
              .file_bytes = whole_units(host_.setting_i64("consume_queue_file_bytes")),
              .open_files_max = static_cast<size_t>(host_.setting_i64("open_files_max"))}) {}

gantry_status StoreFile::start(gantry_token) {
  std::filesystem::create_directories(position_path_.parent_path());
  const bool was_there = std::filesystem::exists(files_.folder());
  std::filesystem::create_directories(files_.folder());
  const bool has_position = std::filesystem::exists(position_path_);
  const auto known = read_position(position_path_);
  stored_.file_bytes = files_.file_bytes();
  if (!known) {
    rebuild(has_position ? position_path_.string() + " is damaged" : "");
  } else if (!was_there && known->queues > 0) {
    rebuild(files_.folder().string() + " is missing");
  } else if (const auto reason = load(*known, files_, queues_)) {
    rebuild(*reason);
  } else {
    stored_ = *known;
  }
  consumed_ = stored_.log_offset;
  return GANTRY_OK;
}

// The position goes first: what the files hold is worth nothing from then on.
void StoreFile::rebuild(const std::string& reason) {
  if (std::filesystem::remove(position_path_)) sync_folder(position_path_.parent_path());
  const size_t removed = remove_queue_files(files_);
  if (!reason.empty()) {
    host_.warn(reason + ": the queue index is rebuilt from the log");
  } else if (removed > 0) {
    host_.info(std::to_string(removed) + " queue files are rebuilt from the log: no position");
  }
}

void StoreFile::stop() {
  const std::lock_guard lock(disk_guard_);
  if (failed_ || stored_.closed || stored_.log_offset == 0) return;
  stored_.closed = true;
  write_position(position_path_, stored_);
}

int64_t StoreFile::position() {
  return stored_.log_offset;
}

void StoreFile::live(int64_t log_offset) {
  live_ = true;
  host_.info("the queue index stands at " + std::to_string(log_offset));
}

gantry_status StoreFile::consume(const gantry_call& call, const gantry_batch& batch,
                                 uint32_t& consumed) {
  consumed = 0;
  const auto* at = reinterpret_cast<const char*>(batch.first);
  int64_t end = consumed_.load(std::memory_order_relaxed);
  try {
    make_room(call);
    for (; consumed < batch.count; ++consumed, at += batch.stride) {
      const auto& message = *reinterpret_cast<const gantry_message*>(at);
      if (message.log_offset < end) continue;  // a replay of what is indexed
      if (is_indexed(message)) index(message);
      end = message.log_offset + message.record_size;
    }
  } catch (...) {
    consumed_.store(end, std::memory_order_release);
    throw;
  }
  consumed_.store(end, std::memory_order_release);
  return GANTRY_OK;
}

// A replay outruns persist: then consume itself saves what is stable, which it may, since nobody is
// waiting yet. Later it says BUSY until persist has made room.
void StoreFile::make_room(const gantry_call&) {
  if (tail_bytes_.load(std::memory_order_relaxed) < options_.memory_bytes_max) return;
  if (!live_) {
    const auto& log = host_.service<gantry_commitlog>(GANTRY_HOST_COMMITLOG);
    save(log.mark(host_.raw(), GANTRY_MARK_STABLE));
  }
  if (tail_bytes_.load(std::memory_order_relaxed) < options_.memory_bytes_max) return;
  throw sdk::Refusal(GANTRY_BUSY, "memory_bytes_max " + std::to_string(options_.memory_bytes_max) +
                                      " is used up by units that wait for persist");
}

void StoreFile::index(const gantry_message& message) {
  const std::string_view topic = sdk::view(message.topic);
  if (message.queue_id < 0 || !is_folder_name(topic)) {
    note("record " + std::to_string(message.log_offset) + " of " +
         queue_name(topic, message.queue_id) + " has no place in the index");
    return;
  }
  queues_.find_or_make(topic, message.queue_id, [&](Queue& queue) { append(queue, message); });
}

void StoreFile::append(Queue& queue, const gantry_message& message) {
  if (queue.max == 0 && message.queue_offset >= 0) {
    queue.min = queue.max = message.queue_offset;  // blank units go before it when it is written
    queue.tail.restart(message.queue_offset);
  }
  if (message.queue_offset != queue.max) {
    const std::string text = "record " + std::to_string(message.log_offset) + " of " +
                             queue_name(queue.topic.name, queue.id) + " has queue offset " +
                             std::to_string(message.queue_offset) + ", expected " +
                             std::to_string(queue.max);
    if (message.queue_offset < queue.max) return note(text + ": not indexed");
    host_.error(text);
    throw sdk::Refusal(GANTRY_INVALID, text);
  }
  const uint64_t before = queue.tail.bytes();
  queue.tail.append(
      {message.log_offset, message.tag_code, static_cast<int32_t>(message.record_size), 0});
  tail_bytes_.fetch_add(queue.tail.bytes() - before, std::memory_order_relaxed);
  ++queue.max;
  if (queue.listed) return;
  const std::lock_guard lock(unsaved_guard_);
  unsaved_.push_back(&queue);
  queue.listed = true;
}

// A line for the 1st, 2nd, 4th, 8th ... such record: a bad log must not fill the disk with text.
void StoreFile::note(const std::string& text) {
  if (std::has_single_bit(++notes_)) {
    host_.error(text + " (" + std::to_string(notes_) + " so far)");
  }
}

gantry_status StoreFile::bounds(const gantry_call*, gantry_str topic, int32_t queue_id,
                                gantry_queue_bounds& out) {
  return queues_.find(sdk::view(topic), queue_id, [&](const Queue* queue) {
    out = queue ? gantry_queue_bounds{queue->min, queue->max} : gantry_queue_bounds{0, 0};
    return out.max > 0 ? GANTRY_OK : GANTRY_GONE;
  });
}

gantry_status StoreFile::read(const gantry_call*, gantry_str topic, int32_t queue_id,
                              bool may_block, int64_t from, gantry_index_entry* entries,
                              uint32_t capacity, uint32_t& count) {
  count = 0;
  Queue* in_files = nullptr;
  int64_t available = 0;
  const auto from_memory = [&](Queue* queue) -> gantry_status {
    if (!queue || queue->max == 0 || from < queue->min) return GANTRY_GONE;
    if (from >= queue->tail.begin()) {
      count = queue->tail.copy(from, entries, capacity);
      return GANTRY_OK;
    }
    in_files = queue;
    available = std::min<int64_t>(queue->tail.begin() - from, capacity);
    return GANTRY_WOULD_BLOCK;
  };
  const gantry_status status = queues_.find(sdk::view(topic), queue_id, from_memory);
  if (status != GANTRY_WOULD_BLOCK || !may_block) return status;
  const size_t got = files_.read(*in_files, from, {entries, static_cast<size_t>(available)});
  const std::lock_guard lock(in_files->topic.guard);
  if (from < in_files->min) return GANTRY_GONE;
  // The queue may have been truncated meanwhile: what it no longer has doesn't count.
  count = static_cast<uint32_t>(
      std::clamp<int64_t>(in_files->max - from, 0, static_cast<int64_t>(got)));
  if (count > 0 || from >= in_files->max) return GANTRY_OK;
  throw sdk::Refusal(GANTRY_FAULT, "no unit " + std::to_string(from) + " in " +
                                       files_.folder_of(*in_files).string() +
                                       ", which should have " + std::to_string(in_files->min) +
                                       " to " + std::to_string(in_files->max));
}

}  // namespace gantry::store_file
