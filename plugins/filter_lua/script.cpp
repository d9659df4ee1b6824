#include "script.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "cpp/values.hpp"

namespace gantry::filter_lua {
namespace {

constexpr uint64_t log_pause_ns = 10'000'000'000;

// Cut if it is too long.
void say(Script::Fault& fault, std::string_view text) {
  const size_t size = std::min(text.size(), fault.text.size() - 1);
  std::memcpy(fault.text.data(), text.data(), size);
  fault.text[size] = '\0';
}

}  // namespace

Script::Script(sdk::Host host, std::string what, const BreakerOptions& breaker,
               std::shared_ptr<Copy> copy, int64_t now_ms)
    : host_(host),
      buffers_(host.service<gantry_buffers>(GANTRY_HOST_BUFFERS)),
      what_(std::move(what)),
      breaker_(breaker),
      shard_count_(host.shard_count()),
      slots_(std::make_unique<Slot[]>(shard_count_ + 1)),
      loaded_ms_(now_ms),
      published_(std::move(copy)) {
  generation_.store(1, std::memory_order_release);
}

uint32_t Script::slot_of(const gantry_call& call) const {
  return call.shard < shard_count_ ? call.shard : shard_count_;
}

lua::State& Script::state_of(Slot& slot, uint32_t index) {
  if (slot.generation != generation_.load(std::memory_order_acquire)) {
    if (slot.copy) slot.past_instructions += slot.copy->at(index).instructions();
    const std::lock_guard lock(mutex_);
    if (slot.copy) retired_.push_back(std::move(slot.copy));
    slot.copy = published_;
    slot.generation = generation_.load(std::memory_order_relaxed);
  }
  return slot.copy->at(index);
}

template <class Work>
bool Script::run(const gantry_call& call, Fault& fault, Work&& work) {
  const uint32_t index = slot_of(call);
  std::unique_lock turn(workers_, std::defer_lock);
  if (index == shard_count_) turn.lock();
  Slot& slot = slots_[index];
  if (!breaker_.admits(call.now_ns)) return say_paused(fault), false;
  lua::State& state = state_of(slot, index);
  const lua::State::Outcome outcome = work(state, slot);
  add(slot.calls);
  slot.instructions.store(slot.past_instructions + state.instructions(),
                          std::memory_order_relaxed);
  slot.memory_bytes.store(state.memory().bytes(), std::memory_order_relaxed);
  if (outcome != lua::State::Outcome::ok) return failed(call, slot, state, outcome, fault), false;
  breaker_.went_well();
  return true;
}

bool Script::match(const gantry_call& call, const gantry_message& message, bool& matched,
                   Fault& fault) {
  return run(call, fault, [&](lua::State& state, Slot& slot) {
    const auto outcome = state.match(message, matched);
    if (outcome == lua::State::Outcome::ok && matched) add(slot.matches);
    return outcome;
  });
}

bool Script::compute(const gantry_call& call, const gantry_message& message,
                     std::span<const gantry_value> arguments, gantry_value& value, Fault& fault) {
  return run(call, fault, [&](lua::State& state, Slot& slot) {
    const auto outcome = state.compute(message, arguments, value);
    if (outcome != lua::State::Outcome::ok) return outcome;
    if (value.kind == GANTRY_BOOL && value.as.i != 0) add(slot.matches);
    if (value.kind == GANTRY_STR && value.as.s.size != 0) {
      uint8_t* const room = buffers_.scratch(call.arena, value.as.s.size);
      if (!room) throw sdk::Refusal(GANTRY_BUSY, what_ + ": no memory for the text it returned");
      std::memcpy(room, value.as.s.data, value.as.s.size);
      value.as.s.data = reinterpret_cast<const char*>(room);
    }
    return outcome;
  });
}

void Script::skipped(const gantry_call& call) {
  slots_[slot_of(call)].skipped.fetch_add(1, std::memory_order_relaxed);
}

void Script::say_paused(Fault& fault) const {
  const std::lock_guard lock(mutex_);
  char text[sizeof fault.text];
  std::snprintf(text, sizeof text, "%s is paused after failures, the last: %s", what_.c_str(),
                last_error_.c_str());
  say(fault, text);
}

void Script::failed(const gantry_call& call, Slot& slot, const lua::State& state,
                    lua::State::Outcome outcome, Fault& fault) {
  add(outcome == lua::State::Outcome::overrun ? slot.overruns : slot.errors);
  say(fault, state.fault());
  {
    const std::lock_guard lock(mutex_);
    last_error_ = state.fault();
  }
  if (breaker_.failed(call.now_ns)) {
    const uint64_t pause_ms = breaker_.pause_ms();
    log(call, std::string(state.fault()) + "; it is not called for " + std::to_string(pause_ms) +
                  " ms");
  } else {
    log(call, state.fault());
  }
}

void Script::log(const gantry_call& call, std::string_view text) {
  std::string line = what_ + ": ";
  line += text;
  {
    const std::lock_guard lock(mutex_);
    if (logged_ns_ != 0 && call.now_ns - logged_ns_ < log_pause_ns) {
      ++not_logged_;
      return;
    }
    logged_ns_ = call.now_ns;
    const uint64_t others = std::exchange(not_logged_, 0);
    if (others != 0) line += " (and " + std::to_string(others) + " failures before)";
  }
  host_.warn(line);
}

void Script::take(std::shared_ptr<Copy> copy, int64_t now_ms) {
  {
    const std::lock_guard lock(mutex_);
    if (published_) retired_.push_back(std::move(published_));
    published_ = std::move(copy);
    last_error_.clear();
    generation_.fetch_add(1, std::memory_order_release);
  }
  loaded_ms_.store(now_ms, std::memory_order_relaxed);
  breaker_.reset();
}

void Script::keep_out(std::string fault) {
  const std::lock_guard lock(mutex_);
  last_error_ = std::move(fault);
}

// A copy that is in nobody's slot is ours alone: nobody can get it any more.
void Script::clean_up() {
  std::vector<std::shared_ptr<Copy>> ended;  // outlives the lock, since close() takes its time
  const std::lock_guard lock(mutex_);
  std::erase_if(retired_, [&](std::shared_ptr<Copy>& copy) {
    if (copy.use_count() > 1) return false;
    ended.push_back(std::move(copy));
    return true;
  });
}

std::shared_ptr<Copy> Script::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

std::string Script::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

ScriptFigures Script::figures() const {
  ScriptFigures all;
  for (uint32_t i = 0; i <= shard_count_; ++i) {
    const Slot& slot = slots_[i];
    all.calls += slot.calls.load(std::memory_order_relaxed);
    all.matches += slot.matches.load(std::memory_order_relaxed);
    all.errors += slot.errors.load(std::memory_order_relaxed);
    all.overruns += slot.overruns.load(std::memory_order_relaxed);
    all.skipped += slot.skipped.load(std::memory_order_relaxed);
    all.instructions += slot.instructions.load(std::memory_order_relaxed);
    all.memory_bytes += slot.memory_bytes.load(std::memory_order_relaxed);
  }
  return all;
}

}  // namespace gantry::filter_lua
