#include "plugin/outstanding.hpp"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "base/logging.hpp"
#include "plugin/barrier.hpp"
#include "plugin/completions.hpp"
#include "plugin/instance.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {

Pending* Outstanding::begin(Instance& owner, gantry_completion then, uint32_t shard) {
  auto pending = std::make_unique<Pending>();
  pending->owner = &owner;
  pending->then = then;
  pending->shard = shard;
  const std::lock_guard lock(mutex_);
  const uint64_t number = next_++;
  pending->number = number;
  pending_.emplace(number, pending.get());
  return pending.release();
}

void Outstanding::end(Pending* pending, dispatch::Call& call, gantry_status status,
                      const void* result) {
  const std::unique_ptr<Pending> owned(pending);
  {
    const std::lock_guard lock(mutex_);
    forget(*pending);
    ++running_;
  }
  if (pending->then.done) {
    CallFrame frame(call);
    frame.lend_error();
    gantry_error error = empty_error();
    GuardedCall guarded(pending->owner->own_guard(), "completion");
    const gantry_status ended = guarded.came_to(contained_void(&error, [&] {
      pending->then.done(pending->then.context, frame.get(), status, result);
    }), error.text);
    if (ended != GANTRY_OK) {
      logging::error("plugin", "{}: a completion failed: {}", pending->owner->name(), error.text);
    }
  }
  const std::lock_guard lock(mutex_);
  --running_;
  idle_.notify_all();
}

void Outstanding::drop(Pending* pending) {
  const std::unique_ptr<Pending> owned(pending);
  const std::lock_guard lock(mutex_);
  forget(*pending);
  idle_.notify_all();
}

void Outstanding::forget(const Pending& pending) {
  pending_.erase(pending.number);
  const auto timer = timers_.find(pending.token);
  if (timer != timers_.end() && timer->second == &pending) timers_.erase(timer);
}

void Outstanding::cancellable(uint64_t number, Token token, bool (*cancel)(Pending&)) {
  Pending* called_off = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(number);
    if (found == pending_.end()) return;
    Pending& pending = *found->second;
    cancellable(pending, token, settling_ ? nullptr : cancel);
    if (settling_ && cancel(pending)) called_off = &pending;
  }
  if (called_off) complete_later(called_off, GANTRY_CANCELLED);
}

// The runtime ends a cancelled timer's promise itself.
bool Outstanding::cancel_timer(Token token) {
  const std::lock_guard lock(mutex_);
  const auto found = timers_.find(token);
  if (found == timers_.end()) return false;
  Pending& pending = *found->second;
  timers_.erase(found);
  const auto cancel = std::exchange(pending.cancel, nullptr);
  if (!cancel) return false;
  static_cast<void>(cancel(pending));
  return true;
}

bool Outstanding::settle(uint64_t timeout_ms) {
  std::vector<Pending*> cancelled;
  {
    const std::lock_guard lock(mutex_);
    settling_ = true;
    for (auto& [number, pending] : pending_) {
      if (!pending->cancel) continue;
      if (pending->cancel(*pending)) cancelled.push_back(pending);
      pending->cancel = nullptr;
    }
  }
  for (Pending* pending : cancelled) complete_later(pending, GANTRY_CANCELLED);
  std::unique_lock lock(mutex_);
  return idle_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                        [&] { return pending_.empty() && running_ == 0; });
}

uint64_t Outstanding::count() const {
  const std::lock_guard lock(mutex_);
  return pending_.size() + running_;
}

}  // namespace gantry::plugin
