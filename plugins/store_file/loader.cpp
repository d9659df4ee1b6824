#include "loader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <span>
#include <vector>

#include "cpp/barrier.hpp"
#include "unit.hpp"

namespace gantry::store_file {
namespace {

namespace fs = std::filesystem;

// A decimal number and nothing else.
template <class Int>
std::optional<Int> number(std::string_view text) {
  Int value{};
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < 0) return std::nullopt;
  return value;
}

// Calls visit(topic, queue id, starts of its files in order) for every queue folder; other names
// are left alone, as RocketMQ does.
template <class Visit>
void walk(const fs::path& root, Visit&& visit) {
  for (const auto& topic : fs::directory_iterator(root)) {
    if (!topic.is_directory()) continue;
    for (const auto& folder : fs::directory_iterator(topic.path())) {
      const std::string name = folder.path().filename();
      const auto id = number<int32_t>(name);
      if (!id || std::to_string(*id) != name || !folder.is_directory()) continue;
      std::vector<int64_t> starts;
      for (const auto& file : fs::directory_iterator(folder.path())) {
        const std::string file_text = file.path().filename();
        const auto start = number<int64_t>(file_text);
        if (start && file_name(*start) == file_text) starts.push_back(*start);
      }
      std::sort(starts.begin(), starts.end());
      visit(topic.path().filename().string(), *id, starts);
    }
  }
}

// Reads one queue's files; throws Refusal(GONE) where they can't be what was stored.
class QueueLoader {
 public:
  QueueLoader(QueueFiles& files, const Position& position, Queue& queue)
      : files_(files), position_(position), queue_(queue) {}

  void run(const std::vector<int64_t>& starts) {
    check(starts);
    const int64_t per_file = files_.file_bytes() / unit_bytes;
    const int64_t first = starts.front() / unit_bytes;
    int64_t end = first;
    for (auto start = starts.rbegin(); start != starts.rend() && end == first; ++start) {
      const int64_t begin = *start / unit_bytes;
      end = first_without(begin, begin + per_file, [&](int64_t q) { return covered(q); });
      if (end == begin) end = first;
    }
    const int64_t min = first_without(first, std::min(end, first + per_file),
                                      [&](int64_t q) { return is_blank(unit(q)); });
    if (min == end) end = first;  // blank units alone: its first unit is beyond the position
    const int64_t files_end = starts.back() / unit_bytes + per_file;
    if (!position_.closed) files_.erase(queue_, end, files_end);
    if (end == first) return;  // the queue begins anew
    queue_.min = min;
    queue_.max = queue_.stored = end;
    queue_.tail.restart(end);
  }

 private:
  [[noreturn]] void lost(int64_t start, const std::string& what) const {
    throw sdk::Refusal(GANTRY_GONE,
                       (files_.folder_of(queue_) / file_name(start)).string() + " " + what);
  }

  void check(const std::vector<int64_t>& starts) const {
    for (size_t i = 0; i < starts.size(); ++i) {
      const int64_t expected = i == 0 ? starts[0] - starts[0] % files_.file_bytes()
                                      : starts[i - 1] + files_.file_bytes();
      if (starts[i] != expected) lost(expected, "is missing");
      const auto size = fs::file_size(files_.folder_of(queue_) / file_name(starts[i]));
      if (static_cast<int64_t>(size) != files_.file_bytes()) {
        lost(starts[i],
             "has " + std::to_string(size) + " bytes, not " + std::to_string(files_.file_bytes()));
      }
    }
  }

  gantry_index_entry unit(int64_t offset) const {
    gantry_index_entry out{};
    return files_.read(queue_, offset, {&out, 1}) == 1 ? out : gantry_index_entry{-1, 0, 0, 0};
  }

  // Was this unit promised by the position? A unit torn by a crash behind it never looks so: it is
  // empty, at or beyond the position, or below its predecessor.
  bool covered(int64_t offset) const {
    const bool first_in_file = offset % (files_.file_bytes() / unit_bytes) == 0;
    std::array<gantry_index_entry, 2> units{};
    const auto wanted = std::span(units).subspan(first_in_file ? 1 : 0);
    const auto from = offset + 1 - static_cast<int64_t>(wanted.size());
    if (files_.read(queue_, from, wanted) != wanted.size()) return false;
    const auto& [before, here] = units;
    if (is_blank(here)) return true;
    return end_of(here) <= position_.log_offset &&
           (first_in_file || before.log_offset <= here.log_offset);
  }

  // The first number in [begin, end) for which holds() is false, when it is true up to there. In
  // doubling steps first: most queues are short, and each look is a read.
  template <class Holds>
  static int64_t first_without(int64_t begin, int64_t end, Holds&& holds) {
    for (int64_t step = 1; begin < end; step *= 2) {
      const int64_t probe = std::min(begin + step, end) - 1;
      if (!holds(probe)) {
        end = probe;
        break;
      }
      begin = probe + 1;
    }
    while (begin < end) {
      const int64_t middle = begin + (end - begin) / 2;
      if (holds(middle)) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    return begin;
  }

  QueueFiles& files_;
  const Position& position_;
  Queue& queue_;
};

}  // namespace

std::optional<std::string> load(const Position& position, QueueFiles& files, QueueTable& table) {
  if (position.file_bytes != files.file_bytes()) {
    return "the queue files were made with " + std::to_string(position.file_bytes) +
           " bytes each, consume_queue_file_bytes is now " + std::to_string(files.file_bytes());
  }
  int64_t queues = 0;
  int64_t units = 0;
  try {
    walk(files.folder(), [&](const std::string& topic, int32_t id, const auto& starts) {
      if (starts.empty()) return;
      table.find_or_make(topic, id, [&](Queue& queue) {
        QueueLoader(files, position, queue).run(starts);
        queues += queue.stored > 0;
        units += queue.stored;
      });
    });
    if (queues == position.queues && units == position.units) return std::nullopt;
  } catch (const sdk::Refusal& refusal) {
    if (refusal.status() != GANTRY_GONE) throw;
    files.close_all();
    table.clear();
    return refusal.what();
  }
  files.close_all();
  table.clear();
  return "the queue files hold " + std::to_string(units) + " units in " + std::to_string(queues) +
         " queues, the position tells of " + std::to_string(position.units) + " in " +
         std::to_string(position.queues);
}

size_t remove_queue_files(QueueFiles& files) {
  files.close_all();
  size_t removed = 0;
  walk(files.folder(), [&](const std::string& topic, int32_t id, const auto& starts) {
    for (const int64_t start : starts) {
      fs::remove(files.folder() / topic / std::to_string(id) / file_name(start));
      ++removed;
    }
  });
  return removed;
}

}  // namespace gantry::store_file
