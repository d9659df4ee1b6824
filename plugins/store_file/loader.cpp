#include "loader.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "cpp/barrier.hpp"
#include "queue_walker.hpp"
#include "unit.hpp"

namespace gantry::store_file {
namespace {

// A decimal number and nothing else.
std::optional<int32_t> queue_id(std::string_view text) {
  int32_t value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < 0) return std::nullopt;
  return value;
}

// Calls visit(topic, queue id, starts of its files in order) for every queue folder; other names
// are left alone, as RocketMQ does.
template <class Visit>
void walk(Disk& disk, const QueueShape& shape, Visit&& visit) {
  for (const std::string& topic : disk.list(shape.folder)) {
    for (const std::string& name : disk.list(shape.folder / topic)) {
      const auto id = queue_id(name);
      if (!id || std::to_string(*id) != name) continue;
      const std::vector<int64_t> starts = file_starts(disk, shape.folder / topic / name);
      if (!starts.empty()) visit(topic, *id, starts);
    }
  }
}

std::optional<std::string> miss_files_of(Disk& disk, const QueueShape& shape, const Queue& queue) {
  const int64_t last = queue.stored - 1;  // its file is there whatever was trimmed
  const int64_t first = std::min(queue.units_begin(), last);
  for (int64_t start = shape.start_of(first * shape.unit_bytes); start <= last * shape.unit_bytes;
       start += shape.file_bytes) {
    const auto path = shape.folder_of(queue) / file_name(start);
    const auto size = disk.size(path);
    if (!size) return path.string() + " is missing";
    if (*size != shape.file_bytes) {
      return path.string() + " has " + std::to_string(*size) + " bytes, not " +
             std::to_string(shape.file_bytes);
    }
  }
  return std::nullopt;
}

void forget(Queue& queue) {
  queue.min = queue.max = queue.min_log = queue.stored = queue.written = 0;
  queue.tail.restart(0);
  queue.batch.reset();
}

}  // namespace

void restore(const StoredQueue& line, QueueTable& queues) {
  queues.find_or_make(line.topic, line.id, [&](Queue& queue) {
    forget(queue);
    if (line.max == 0) return;
    queue.min = line.min;
    queue.max = line.max;
    queue.min_log = line.min_log;
    queue.stored = queue.written = line.end;
    if (!line.batch) return queue.tail.restart(line.end);
    queue.batch = std::make_unique<Batch>();
    queue.batch->first = line.first;
    queue.batch->stored_max = queue.batch->written_max = line.max;
    queue.batch->tail.restart(line.end);
  });
}

std::optional<std::string> miss_files(Disk& disk, QueueFiles& files, QueueTable& queues) {
  std::optional<std::string> missing;
  queues.each([&](Queue& queue) {
    if (missing || queue.stored == 0) return;
    missing = miss_files_of(disk, files.shape_of(queue), queue);
  });
  return missing;
}

std::optional<std::string> walk_files(const Position& position, Disk& disk, QueueFiles& files,
                                      QueueTable& queues) {
  const auto walk_kind = [&](const QueueShape& shape, bool batch) {
    walk(disk, shape, [&](const std::string& topic, int32_t id, const auto& starts) {
      queues.find_or_make(topic, id, [&](Queue& queue) {
        if (queue.exists()) {
          throw sdk::Refusal(GANTRY_GONE, files.folder_of(queue).string() + " and " +
                                              shape.folder_of(queue).string() + " are both there");
        }
        if (batch) queue.batch = std::make_unique<Batch>();
        QueueWalker(disk, files, position.log_offset, queue).run(starts);
        if (!queue.exists()) forget(queue);
      });
    });
  };
  std::string reason;
  try {
    walk_kind(files.plain(), false);
    walk_kind(files.batch(), true);
    const Position found = fingerprint(queues);
    if (found.queues == position.queues && found.units == position.units) return std::nullopt;
    reason = "the queue files hold " + std::to_string(found.units) + " units in " +
             std::to_string(found.queues) + " queues, the position tells of " +
             std::to_string(position.units) + " in " + std::to_string(position.queues);
  } catch (const sdk::Refusal& refusal) {
    if (refusal.status() != GANTRY_GONE) throw;
    reason = refusal.what();
  }
  files.close_all();
  queues.clear();
  return reason;
}

void erase_beyond(Disk& disk, QueueFiles& files, QueueTable& queues) {
  for (const QueueShape* shape : {&files.plain(), &files.batch()}) {
    walk(disk, *shape, [&](const std::string& topic, int32_t id, const auto& starts) {
      const Queue* known = queues.find(topic, id, [&](Queue* queue) {
        return queue && queue->exists() && &files.shape_of(*queue) == shape ? queue : nullptr;
      });
      const auto folder = shape->folder / topic / std::to_string(id);
      if (known) {
        files.erase(*known, *shape, known->stored);
      } else {
        for (const int64_t start : starts) disk.remove(folder / file_name(start));
        disk.sync_folder(folder);
      }
    });
  }
}

size_t remove_queue_files(Disk& disk, QueueFiles& files) {
  files.close_all();
  size_t removed = 0;
  for (const QueueShape* shape : {&files.plain(), &files.batch()}) {
    walk(disk, *shape, [&](const std::string& topic, int32_t id, const auto& starts) {
      for (const int64_t start : starts) {
        disk.remove(shape->folder / topic / std::to_string(id) / file_name(start));
        ++removed;
      }
    });
  }
  return removed;
}

Position fingerprint(QueueTable& queues) {
  Position out;
  queues.each([&](const Queue& queue) {
    out.queues += queue.written > 0;
    out.units += queue.written;
  });
  return out;
}

}  // namespace gantry::store_file
