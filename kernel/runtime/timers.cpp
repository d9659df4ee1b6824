#include "runtime/timers.hpp"

#include <algorithm>

namespace gantry::runtime {
namespace {

constexpr uint32_t slot_of(Token token) {
  return static_cast<uint32_t>(token.value >> 32) & (timers_max - 1);
}
constexpr uint32_t generation_of(Token token) { return static_cast<uint32_t>(token.value); }

}  // namespace

Token Timers::token_of(uint32_t slot) const {
  return Token(uint64_t{shard_} << 56 | uint64_t{slot} << 32 | slots_[slot].generation);
}

Timers::Armed Timers::arm(Due due, TimerCompletion completion) {
  Slot slot;
  slot.due_ms = due.ms;
  slot.base = due.base;
  slot.completion = completion;
  return insert(slot);
}

Timers::Armed Timers::every(int64_t first_ms, int64_t period_ms, Job tick) {
  Slot slot;
  slot.due_ms = first_ms;
  slot.period_ms = std::max<int64_t>(period_ms, 1);
  slot.tick = tick;
  return insert(slot);
}

Timers::Armed Timers::insert(Slot slot) {
  std::lock_guard lock(mutex_);
  uint32_t number;
  if (!free_.empty()) {
    number = free_.back();
    free_.pop_back();
    slot.generation = slots_[number].generation;
    slots_[number] = slot;
  } else {
    if (slots_.size() == most_) return {};
    number = static_cast<uint32_t>(slots_.size());
    slots_.push_back(slot);
  }
  Heap& heap = heap_of(slot);
  heap.push_back(number);
  sift(heap, static_cast<uint32_t>(heap.size() - 1));
  return {token_of(number), slots_[number].position == 0};
}

std::optional<Timers::Cancelled> Timers::cancel(Token token) {
  std::lock_guard lock(mutex_);
  const uint32_t number = slot_of(token);
  if (token.value == 0 || number >= slots_.size() ||
      slots_[number].generation != generation_of(token) ||
      slots_[number].position == not_in_heap) {
    ++stale_;
    return std::nullopt;
  }
  Cancelled cancelled{slots_[number].completion};
  remove(number);
  free_slot(number);
  return cancelled;
}

std::optional<Timers::Fired> Timers::take_due(const Now& now) {
  std::lock_guard lock(mutex_);
  for (Heap& heap : heaps_) {
    if (heap.empty()) continue;
    const uint32_t number = heap.front();
    Slot& slot = slots_[number];
    const int64_t now_ms = now.at(slot.base);
    if (slot.due_ms > now_ms) continue;
    Fired fired{slot.completion, slot.tick};
    if (slot.period_ms > 0) {
      const int64_t missed = (now_ms - slot.due_ms) / slot.period_ms;
      slot.due_ms += (missed + 1) * slot.period_ms;
      sift(heap, 0);
    } else {
      remove(number);
      free_slot(number);
    }
    return fired;
  }
  return std::nullopt;
}

std::optional<Timers::Cancelled> Timers::take_any() {
  std::lock_guard lock(mutex_);
  for (Heap& heap : heaps_) {
    if (heap.empty()) continue;
    const uint32_t number = heap.back();
    Cancelled taken{slots_[number].completion};
    remove(number);
    free_slot(number);
    return taken;
  }
  return std::nullopt;
}

std::optional<int64_t> Timers::wait_ms(const Now& now) const {
  std::lock_guard lock(mutex_);
  std::optional<int64_t> wait;
  for (const Heap& heap : heaps_) {
    if (heap.empty()) continue;
    const Slot& slot = slots_[heap.front()];
    const int64_t now_ms = now.at(slot.base);
    const int64_t left = slot.due_ms <= now_ms ? 0 : slot.due_ms - now_ms;
    wait = wait ? std::min(*wait, left) : left;
  }
  return wait;
}

uint64_t Timers::armed() const {
  std::lock_guard lock(mutex_);
  return heaps_[0].size() + heaps_[1].size();
}

uint64_t Timers::stale() const {
  std::lock_guard lock(mutex_);
  return stale_;
}

void Timers::remove(uint32_t number) {
  Heap& heap = heap_of(slots_[number]);
  const uint32_t hole = slots_[number].position;
  const uint32_t last = heap.back();
  heap.pop_back();
  slots_[number].position = not_in_heap;
  if (last == number) return;
  place(heap, hole, last);
  sift(heap, hole);
}

void Timers::free_slot(uint32_t number) {
  Slot& slot = slots_[number];
  if (++slot.generation == 0) slot.generation = 1;  // so no token is ever 0
  slot.completion = {};
  slot.tick = {};
  free_.push_back(number);
}

// Moves the entry at `position` up or down to where it belongs.
void Timers::sift(Heap& heap, uint32_t position) {
  const uint32_t number = heap[position];
  const int64_t due = slots_[number].due_ms;
  while (position > 0) {
    const uint32_t parent = (position - 1) / 2;
    if (slots_[heap[parent]].due_ms <= due) break;
    place(heap, position, heap[parent]);
    position = parent;
  }
  const auto size = static_cast<uint32_t>(heap.size());
  for (uint32_t child; (child = 2 * position + 1) < size;) {
    if (child + 1 < size && slots_[heap[child + 1]].due_ms < slots_[heap[child]].due_ms) ++child;
    if (due <= slots_[heap[child]].due_ms) break;
    place(heap, position, heap[child]);
    position = child;
  }
  place(heap, position, number);
}

}  // namespace gantry::runtime
