#include "cpp/fake/promises.hpp"

#include <utility>

#include "cpp/barrier.hpp"
#include "cpp/fake/frame.hpp"

namespace gantry::sdk::fake {

uint64_t Promises::begin(InstanceState& owner, gantry_completion then, std::string what,
                         Place place) {
  const uint64_t promise = next_++;
  open_.emplace(promise, Promise{&owner, then, std::move(what), place});
  return promise;
}

bool Promises::end(uint64_t promise, const gantry_call& call, gantry_status status,
                   const void* result) {
  auto node = open_.extract(promise);
  if (!node) return false;
  const Promise& ended = node.mapped();
  if (ended.timer) loop_.cancel(ended.timer);
  if (ended.then.done) ended.then.done(ended.then.context, &call, status, result);
  return true;
}

void Promises::end_later(uint64_t promise, gantry_status status, std::string text) {
  const auto at = open_.find(promise);
  if (at == open_.end()) return;
  loop_.post(at->second.place, [this, promise, status, text](const gantry_call& call) {
    if (status < 0) set_error(call.error, status, text);
    end(promise, call, status, nullptr);
  });
}

void Promises::end_later(uint64_t promise, const Answer& answer) {
  const auto at = open_.find(promise);
  if (at == open_.end()) return;
  loop_.post(at->second.place, [this, promise, answer](const gantry_call& call) {
    const ResponseView view(answer);
    end(promise, call, GANTRY_OK, view.get());
  });
}

void Promises::set_timer(uint64_t promise, uint64_t timer) {
  open_.at(promise).timer = timer;
}

uint64_t Promises::begin_periodic(InstanceState& owner, uint64_t period_ms, uint32_t shard,
                                  void (*tick)(void*, const gantry_call*), void* context) {
  const uint64_t promise = begin(owner, {nullptr, nullptr}, "timer.every", Place::at_shard(shard));
  arm_tick(promise, period_ms, tick, context);
  return promise;
}

void Promises::arm_tick(uint64_t promise, uint64_t period_ms,
                        void (*tick)(void*, const gantry_call*), void* context) {
  Promise& periodic = open_.at(promise);
  periodic.timer = loop_.arm_ms(period_ms, periodic.place,
                                [this, promise, period_ms, tick, context](const gantry_call& call) {
                                  arm_tick(promise, period_ms, tick, context);
                                  tick(context, &call);
                                });
}

bool Promises::cancel(const InstanceState& owner, uint64_t promise) {
  const auto at = open_.find(promise);
  if (at == open_.end() || at->second.owner != &owner || !at->second.timer) return false;
  loop_.cancel(std::exchange(at->second.timer, 0));
  if (at->second.then.done) {
    end_later(promise, GANTRY_CANCELLED);
  } else {
    open_.erase(at);
  }
  return true;
}

void Promises::cancel_all(const InstanceState& owner) {
  std::vector<std::pair<uint64_t, Place>> of_owner;
  for (const auto& [number, promise] : open_)
    if (promise.owner == &owner) of_owner.emplace_back(number, promise.place);
  for (const auto& [number, place] : of_owner)
    loop_.run_at(place, [&, promise = number](const gantry_call& call) {
      set_error(call.error, GANTRY_CANCELLED, "the module stops");
      end(promise, call, GANTRY_CANCELLED, nullptr);
    });
}

std::vector<std::string> Promises::open_of(const InstanceState& owner) const {
  std::vector<std::string> out;
  for (const auto& [number, promise] : open_)
    if (promise.owner == &owner) out.push_back(promise.what);
  return out;
}

}  // namespace gantry::sdk::fake
