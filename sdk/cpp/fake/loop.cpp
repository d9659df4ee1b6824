#include "cpp/fake/loop.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

namespace gantry::sdk::fake {
namespace {

constexpr uint64_t shard_budget_ns = 50'000;
constexpr int steps_max = 1'000'000;

}  // namespace

uint8_t* Arena::take(uint64_t size) {
  pieces_.push_back(std::make_unique_for_overwrite<uint8_t[]>(size + 1));  // new[] aligns to 16
  return pieces_.back().get();
}

gantry_slice Buffers::make(uint64_t size, std::string made_for) {
  auto buffer = std::make_unique<Buffer>();
  buffer->bytes = std::make_unique<uint8_t[]>(size + 1);
  buffer->size = size;
  buffer->made_for = std::move(made_for);
  auto* key = reinterpret_cast<gantry_buffer*>(buffer.get());
  const gantry_slice slice{buffer->bytes.get(), size, key};
  live_.emplace(key, std::move(buffer));
  return slice;
}

gantry_slice Buffers::copy(const void* data, uint64_t size, std::string made_for) {
  const gantry_slice slice = make(size, std::move(made_for));
  if (size > 0) std::memcpy(const_cast<uint8_t*>(slice.data), data, size);
  return slice;
}

bool Buffers::retain(gantry_buffer* buffer) {
  const auto at = live_.find(buffer);
  if (at == live_.end()) return false;
  ++at->second->references;
  return true;
}

bool Buffers::release(gantry_buffer* buffer) {
  const auto at = live_.find(buffer);
  if (at == live_.end()) return false;
  if (--at->second->references == 0) live_.erase(at);
  return true;
}

std::vector<std::string> Buffers::leaks() const {
  std::vector<std::string> out;
  for (const auto& [key, buffer] : live_)
    out.push_back("a buffer of " + std::to_string(buffer->size) + " bytes made for " +
                  buffer->made_for + " has " + std::to_string(buffer->references) +
                  " references left");
  return out;
}

void Loop::run_at(Place place, const Job& job) {
  Arena arena;
  gantry_error error{};
  error.struct_size = sizeof error;
  gantry_call call{};
  call.struct_size = sizeof call;
  call.shard = place.shard;
  call.now_ms = clock_.now_ms();
  call.now_ns = clock_.now_ns();
  call.budget_ns = place.kind == Place::Kind::shard ? shard_budget_ns : 0;
  call.arena = reinterpret_cast<gantry_arena*>(&arena);
  call.error = &error;
  places_.push_back(place);
  try {
    job(call);
  } catch (...) {
    places_.pop_back();
    throw;
  }
  places_.pop_back();
}

uint64_t Loop::arm_ms(uint64_t delay_ms, Place place, Job job) {
  const uint64_t number = next_timer_++;
  const TimerKey key{clock_.now_ns() + delay_ms * 1'000'000, number};
  timers_.emplace(key, Queued{place, std::move(job)});
  timer_keys_.emplace(number, key);
  return number;
}

bool Loop::cancel(uint64_t timer) {
  const auto at = timer_keys_.find(timer);
  if (at == timer_keys_.end()) return false;
  timers_.erase(at->second);
  timer_keys_.erase(at);
  return true;
}

void Loop::run_until_idle() {
  for (int step = 0; step < steps_max; ++step) {
    if (!jobs_.empty()) {
      const Queued next = std::move(jobs_.front());
      jobs_.pop_front();
      run_at(next.place, next.job);
    } else if (!timers_.empty() && timers_.begin()->first.first <= clock_.now_ns()) {
      auto node = timers_.extract(timers_.begin());
      timer_keys_.erase(node.key().second);
      run_at(node.mapped().place, node.mapped().job);
    } else {
      return;
    }
  }
  throw std::logic_error("the host does not become idle: a million jobs without an end");
}

void Loop::run_until(uint64_t until_ns) {
  run_until_idle();
  while (!timers_.empty() && timers_.begin()->first.first <= until_ns) {
    const uint64_t due = timers_.begin()->first.first;
    if (due > clock_.now_ns()) clock_.advance_ns(static_cast<int64_t>(due - clock_.now_ns()));
    run_until_idle();
  }
  if (until_ns > clock_.now_ns())
    clock_.advance_ns(static_cast<int64_t>(until_ns - clock_.now_ns()));
}

Place Loop::completion_place() const {
  const Place here = place();
  return here.kind == Place::Kind::shard ? here : Place::at_worker();
}

}  // namespace gantry::sdk::fake
