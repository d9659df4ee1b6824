#include "commitlog/marks.hpp"

#include <algorithm>
#include <utility>

#include "commitlog/errc.hpp"

namespace gantry::commitlog {
namespace {

// The least log_end on top.
constexpr auto later = [](const auto& a, const auto& b) { return a.log_end > b.log_end; };

constexpr Mark mark_of(uint32_t index) {
  return static_cast<Mark>(index);
}

}  // namespace

// Completions that became due under the lock and are called after it.
struct Marks::Due {
  struct Item {
    Completion completion;
    ErrorCode error;
  };
  std::array<Item, 64> items;
  size_t count = 0;

  bool full() const { return count == items.size(); }
  void add(Completion completion, ErrorCode error) { items[count++] = {completion, error}; }
  void call() {
    for (size_t i = 0; i < count; i++)
      items[i].completion.function(items[i].completion.context, items[i].error);
    count = 0;
  }
};

void Marks::open(LogOffset end, uint32_t visible_after, bool staged) {
  for (auto& mark : marks_) mark.store(end.value);
  visible_told_.store(end.value);
  visible_after_ = visible_after;
  staged_ = staged;
}

bool Marks::own_replicated() {
  return !replicated_owned_.exchange(true);
}

LogOffset Marks::at(Mark mark) const {
  const auto own = [&](Mark m) { return marks_[static_cast<uint32_t>(m)].load(); };
  switch (mark) {
    case Mark::appended:
      return LogOffset(own(staged_ ? mark : Mark::written));
    case Mark::written:
    case Mark::durable:
      return LogOffset(own(mark));
    case Mark::replicated:
      return LogOffset(own(replicated_owned_ ? mark : Mark::written));
    case Mark::stable:
      return std::min(at(Mark::durable), at(Mark::replicated));
    case Mark::visible:
      break;
  }
  LogOffset least = LogOffset(own(Mark::written));
  for (Mark m : {Mark::durable, Mark::replicated})
    if (visible_after_ & mark_bit(m)) least = std::min(least, at(m));
  return least;
}

void Marks::raise(Mark mark, LogOffset to) {
  if (to.value <= slot(mark).load()) return;
  place(mark, to);
  settle();
}

bool Marks::anyone_due() const {
  for (uint32_t i = 0; i < mark_count; i++) {
    const int64_t due = due_[i].load();
    if (due != nobody && at(mark_of(i)).value >= due) return true;
  }
  return false;
}

void Marks::tell_due(uint32_t mark) {
  const auto& heap = heaps_[mark];
  due_[mark].store(heap.empty() ? nobody : heap.front().log_end.value);
}

// A waiter says what it waits for before it looks at the marks, a raiser looks at that after it
// raised: with sequential consistency one of them sees the other.
void Marks::settle() {
  if (listener_.function) {
    const int64_t visible = at(Mark::visible).value;
    // Unlike, not less: beside a cut it may have stayed above. Two may tell: it does no harm.
    if (visible_told_.load(std::memory_order_relaxed) != visible) {
      visible_told_.store(visible, std::memory_order_relaxed);
      listener_.function(listener_.context);
    }
  }
  if (!anyone_due()) return;
  Due due;
  do {
    due.call();
    std::lock_guard lock(mutex_);
    collect(due);
  } while (due.count > 0);
}

// Moves what has all its marks into `due`; what still lacks one moves to that one's heap.
void Marks::collect(Due& due) {
  for (uint32_t i = 0; i < mark_count; i++) {
    auto& heap = heaps_[i];
    const LogOffset reached = at(mark_of(i));
    while (!heap.empty() && heap.front().log_end <= reached) {
      if (due.full()) return tell_due(i);
      const Entry entry = heap.front();
      std::pop_heap(heap.begin(), heap.end(), later);
      heap.pop_back();
      const Wait& wait = waits_[entry.index];
      if (wait.generation != entry.generation) {
        stale_--;
      } else if (!queue(entry.index)) {
        due.add(wait.completion, {});
        free_wait(entry.index);
      }
    }
    tell_due(i);
  }
}

// False: it lacks no mark.
bool Marks::queue(uint32_t index) {
  const Wait& wait = waits_[index];
  for (uint32_t i = 0; i < mark_count; i++) {
    if (!(wait.marks & (1u << i))) continue;
    if (wait.log_end.value < due_[i].load()) due_[i].store(wait.log_end.value);
    const bool lacks = at(mark_of(i)) < wait.log_end;
    if (lacks) {
      heaps_[i].push_back({wait.log_end, index, wait.generation});
      std::push_heap(heaps_[i].begin(), heaps_[i].end(), later);
    }
    tell_due(i);
    if (lacks) return true;
  }
  return false;
}

void Marks::free_wait(uint32_t index) {
  waits_[index].generation++;
  waits_[index].live = false;
  free_.push_back(index);
  waiting_--;
}

Token Marks::await(LogOffset log_end, uint32_t marks, Completion completion) {
  ErrorCode error;
  {
    std::lock_guard lock(mutex_);
    if (free_.empty()) {
      free_.push_back(static_cast<uint32_t>(waits_.size()));
      waits_.emplace_back();
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    Wait& wait = waits_[index];
    wait.log_end = log_end;
    wait.marks = marks;
    wait.completion = completion;
    wait.cuts = cuts_;
    wait.live = true;
    waiting_++;
    if (queue(index)) {
      if (!failed_) return Token(uint64_t{wait.generation} << 32 | (index + 1));
      error = failed_;
      stale_++;
    }
    free_wait(index);
  }
  completion.function(completion.context, error);
  return {};
}

bool Marks::cancel(Token token) {
  const auto index = static_cast<uint32_t>(token.value) - 1;
  const auto generation = static_cast<uint32_t>(token.value >> 32);
  std::lock_guard lock(mutex_);
  if (token == Token{} || index >= waits_.size()) return false;
  if (!waits_[index].live || waits_[index].generation != generation) return false;
  free_wait(index);
  stale_++;
  if (stale_ > 64 + 2 * waiting_) drop_stale();
  return true;
}

void Marks::drop_stale() {
  for (auto& heap : heaps_) {
    std::erase_if(heap, [&](const Entry& entry) {
      return waits_[entry.index].generation != entry.generation;
    });
    std::make_heap(heap.begin(), heap.end(), later);
  }
  for (uint32_t i = 0; i < mark_count; i++) tell_due(i);
  stale_ = 0;
}

void Marks::fail(ErrorCode error) {
  {
    std::lock_guard lock(mutex_);
    if (!failed_) failed_ = error;
    error = failed_;
  }
  fail_where([](const Wait&) { return true; }, error);
}

void Marks::lower(LogOffset end) {
  for (auto& mark : marks_)
    if (mark.load() > end.value) mark.store(end.value);
  if (visible_told_.load() > end.value) visible_told_.store(end.value);
}

void Marks::fail_cut(LogOffset end) {
  uint32_t now = 0;
  {
    const std::lock_guard lock(mutex_);
    now = ++cuts_;
  }
  fail_where([=](const Wait& wait) { return wait.cuts != now && wait.log_end > end; }, Errc::cut);
}

template <class Which>
void Marks::fail_where(Which which, ErrorCode error) {
  Due due;
  do {
    due.call();
    std::lock_guard lock(mutex_);
    for (uint32_t i = 0; i < waits_.size() && !due.full(); i++) {
      if (!waits_[i].live || !which(waits_[i])) continue;
      due.add(waits_[i].completion, error);
      free_wait(i);
      stale_++;
    }
    if (due.count == 0) drop_stale();
  } while (due.count > 0);
}

}  // namespace gantry::commitlog
