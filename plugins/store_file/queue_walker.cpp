#include "queue_walker.hpp"

#include <algorithm>
#include <array>

#include "cpp/barrier.hpp"

namespace gantry::store_file {
namespace {

// The first number in [begin, end) for which holds() is false, when it is true up to there. In
// doubling steps first: most queues are short, and each look is a read.
template <class Holds>
int64_t first_without(int64_t begin, int64_t end, Holds&& holds) {
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

}  // namespace

void QueueWalker::run(const std::vector<int64_t>& starts) {
  check(starts);
  const QueueShape& shape = files_.shape_of(queue_);
  const int64_t first = starts.front() / shape.unit_bytes;
  int64_t end = first;
  for (auto start = starts.rbegin(); start != starts.rend() && end == first; ++start) {
    const int64_t begin = *start / shape.unit_bytes;
    end = first_without(begin, begin + shape.file_units(), [&](int64_t n) { return covered(n); });
    if (end == begin) end = first;
  }
  const int64_t min =
      first_without(first, std::min(end, first + shape.file_units()),
                    [&](int64_t n) { return !queue_.batch && is_blank(unit(n).entry); });
  if (min == end) return;  // blank units alone: its first unit is beyond
  const BatchUnit oldest = unit(min);
  const BatchUnit newest = unit(end - 1);
  if (!is_unit(oldest) || oldest.base > newest.base) {
    lost(starts.front(), "has no unit where its queue begins");
  }
  queue_.min = oldest.base;
  queue_.max = newest.end();
  queue_.min_log = oldest.entry.log_offset;
  queue_.stored = queue_.written = end;
  if (!queue_.batch) return queue_.tail.restart(end);
  queue_.batch->first = min;
  queue_.batch->stored_max = queue_.batch->written_max = queue_.max;
  queue_.batch->tail.restart(end);
}

void QueueWalker::lost(int64_t start, const std::string& what) const {
  throw sdk::Refusal(GANTRY_GONE,
                     (files_.folder_of(queue_) / file_name(start)).string() + " " + what);
}

void QueueWalker::check(const std::vector<int64_t>& starts) const {
  const int64_t file_bytes = files_.shape_of(queue_).file_bytes;
  for (size_t i = 0; i < starts.size(); ++i) {
    const int64_t expected =
        i == 0 ? files_.shape_of(queue_).start_of(starts[0]) : starts[i - 1] + file_bytes;
    if (starts[i] != expected) lost(expected, "is missing");
    const auto size = disk_.size(files_.folder_of(queue_) / file_name(starts[i]));
    if (!size) lost(starts[i], "is missing");
    if (*size != file_bytes) {
      lost(starts[i], "has " + std::to_string(*size) + " bytes, not " + std::to_string(file_bytes));
    }
    if (starts[i] / files_.shape_of(queue_).unit_bytes > queue_offset_max) {
      lost(starts[i], "begins beyond every queue offset");
    }
  }
}

// An ordinary unit as one of a batch: its number is its queue offset. Not a unit where none is.
BatchUnit QueueWalker::unit(int64_t number) const {
  std::array<uint8_t, batch_unit_bytes> bytes;
  const auto wanted =
      std::span(bytes).first(static_cast<size_t>(files_.shape_of(queue_).unit_bytes));
  if (files_.read(queue_, number, wanted, QueueFiles::Wait::yes) != 1) {
    return {{-1, 0, 0, 0}, 0, 0};
  }
  if (queue_.batch) return decode_batch_unit(bytes.data());
  BatchUnit out{decode_unit(bytes.data()), 0, number};
  out.entry.span = 1;
  return out;
}

// Is this unit of a record below the place? A unit torn by a crash behind it never looks so: it is
// empty, at or beyond the place, or below its predecessor.
bool QueueWalker::covered(int64_t number) const {
  const BatchUnit here = unit(number);
  if (!is_unit(here)) return false;
  if (!queue_.batch && is_blank(here.entry)) return true;
  if (end_of(here.entry) > log_offset_ || here.end() > queue_offset_max) return false;
  if (number % files_.shape_of(queue_).file_units() == 0) return true;
  const BatchUnit before = unit(number - 1);
  return is_unit(before) && before.entry.log_offset <= here.entry.log_offset &&
         before.end() <= here.end();
}

}  // namespace gantry::store_file
