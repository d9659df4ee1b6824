// gantry.host.timer: timers, jobs on shards, jobs on workers.
#include "base/logging.hpp"
#include "plugin/barrier.hpp"
#include "plugin/completions.hpp"
#include "plugin/instance.hpp"
#include "plugin/services.hpp"
#include "plugin/views.hpp"
#include "runtime/runtime.hpp"

namespace gantry::plugin {
namespace {

runtime::Runtime& runtime_of(const gantry_host* host) {
  return *Instance::of(host).context().runtime;
}

// The runtime calls a cancelled timer's completion itself, so nothing is left for settle() to end.
bool cancel_timer(Pending& pending) {
  pending.owner->context().runtime->cancel(pending.token);
  return false;
}

void timer_ended(void* context, runtime::TimerEnd end) {
  const gantry_status status = end == runtime::TimerEnd::due ? GANTRY_OK : GANTRY_CANCELLED;
  complete_here(static_cast<Pending*>(context), status, nullptr);
}

gantry_status timer_arm(const gantry_host* host, uint32_t shard, uint64_t delay_ms,
                        gantry_completion then, gantry_token* out) {
  runtime::Runtime& runtime = runtime_of(host);
  if (shard >= runtime.shard_count()) return GANTRY_INVALID;
  Outstanding& outstanding = Instance::of(host).outstanding();
  Pending* pending = outstanding.begin(Instance::of(host), then, shard);
  const auto due = static_cast<int64_t>(runtime.clock().now_ns() / 1'000'000 + delay_ms);
  Token token;
  outstanding.locked([&] {
    token = runtime.shard(shard).arm({due, runtime::TimeBase::steady}, {&timer_ended, pending});
    if (token != Token()) outstanding.cancellable_timer(*pending, token, &cancel_timer);
    if (out) *out = token.value;
  });
  if (token != Token()) return GANTRY_OK;
  outstanding.drop(pending);
  return GANTRY_BUSY;
}

// Periodic: a repeating timer. Held by a promise that ends, uncalled, when the timer is cancelled;
// a tick that may still run on another thread finds the instance alive, since settle() waits.
struct Periodic {
  Pending* pending;
  void (*tick)(void* context, const gantry_call* call);
  void* context;
};

void run_tick(void* at) {
  const Periodic& periodic = *static_cast<Periodic*>(at);
  Instance& owner = *periodic.pending->owner;
  if (!owner.running()) return;
  runtime::Shard& shard = owner.context().runtime->shard(periodic.pending->shard);
  dispatch::Arena arena;
  dispatch::CallError error;
  dispatch::Call call{shard.index(), shard.now_ms(), shard.now_ns(), dispatch::shard_budget_ns,
                      arena,         error};
  const CallFrame frame(call);
  gantry_error* const failure = frame.get()->error;
  GuardedCall guarded(owner.own_guard(), "tick");
  const gantry_status status =
      contained_void(failure, [&] { periodic.tick(periodic.context, frame.get()); });
  if (guarded.came_to(status, failure->text) == GANTRY_OK) return;
  logging::error("plugin", "{}: a tick failed: {}", owner.name(), failure->text);
}

// On the shard, behind every tick that was due before: then no other can come.
void end_periodic(void* at) {
  const std::unique_ptr<Periodic> periodic(static_cast<Periodic*>(at));
  complete_here(periodic->pending, GANTRY_CANCELLED, nullptr);
}

bool cancel_periodic(Pending& pending) {
  runtime::Runtime& runtime = *pending.owner->context().runtime;
  auto* periodic = static_cast<Periodic*>(pending.then.context);
  if (runtime.cancel(pending.token)) {
    runtime.shard(pending.shard).post(runtime::Job{&end_periodic, periodic});
  }
  return false;
}

gantry_status timer_every(const gantry_host* host, uint32_t shard, uint64_t period_ms,
                          void (*tick)(void*, const gantry_call*), void* context,
                          gantry_token* out) {
  runtime::Runtime& runtime = runtime_of(host);
  if (shard >= runtime.shard_count() || period_ms == 0 || !tick) return GANTRY_INVALID;
  Instance& owner = Instance::of(host);
  auto periodic = std::make_unique<Periodic>(Periodic{nullptr, tick, context});
  periodic->pending = owner.outstanding().begin(owner, {nullptr, periodic.get()}, shard);
  owner.outstanding().locked([&] {
    Pending& pending = *periodic->pending;
    const Token token = runtime.shard(shard).every(static_cast<int64_t>(period_ms),
                                                   {&run_tick, periodic.release()});
    owner.outstanding().cancellable_timer(pending, token, &cancel_periodic);
    if (out) *out = token.value;
  });
  return GANTRY_OK;
}

gantry_status timer_cancel(const gantry_host* host, gantry_token timer) {
  Outstanding& outstanding = Instance::of(host).outstanding();
  return outstanding.cancel_timer(Token(timer)) ? GANTRY_OK : GANTRY_GONE;
}

gantry_status timer_post(const gantry_host* host, uint32_t shard, gantry_completion job) {
  runtime::Runtime& runtime = runtime_of(host);
  if (shard >= runtime.shard_count()) return GANTRY_INVALID;
  Outstanding& outstanding = Instance::of(host).outstanding();
  complete_later(outstanding.begin(Instance::of(host), job, shard), GANTRY_OK);
  return GANTRY_OK;
}

gantry_status timer_work(const gantry_host* host, gantry_completion job) {
  Outstanding& outstanding = Instance::of(host).outstanding();
  Pending* pending = outstanding.begin(Instance::of(host), job, GANTRY_NO_SHARD);
  const bool taken = runtime_of(host).workers().submit(runtime::Job{
      [](void* context) { complete_here(static_cast<Pending*>(context), GANTRY_OK, nullptr); },
      pending});
  if (taken) return GANTRY_OK;
  outstanding.drop(pending);
  return GANTRY_BUSY;
}

}  // namespace

const gantry_timer& timer_service() {
  static constexpr gantry_timer table{sizeof table, 0,          timer_arm, timer_every,
                                      timer_cancel, timer_post, timer_work};
  return table;
}

}  // namespace gantry::plugin
