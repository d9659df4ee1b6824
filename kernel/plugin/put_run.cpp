#include "plugin/put_run.hpp"

#include <fmt/format.h>

#include <bit>

#include "base/logging.hpp"
#include "plugin/barrier.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {
namespace {

constexpr int32_t system_error = 1;

// How many hooked appends this thread is in.
thread_local uint32_t depth = 0;

struct Nested {
  Nested() { ++depth; }
  ~Nested() { --depth; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;
};

gantry_call call_of(const gantry_call* given, const Clock& clock, dispatch::Arena& own_arena,
                    gantry_error& error) {
  gantry_call call{};
  if (given) {
    call = *given;
  } else {
    call.shard = GANTRY_NO_SHARD;
    call.now_ms = clock.now_ms();
    call.now_ns = clock.now_ns();
  }
  call.struct_size = sizeof call;
  if (!call.arena) call.arena = reinterpret_cast<gantry_arena*>(&own_arena);
  call.error = &error;
  return call;
}

dispatch::Arena& arena_of(const gantry_call& call) {
  return *reinterpret_cast<dispatch::Arena*>(call.arena);
}

// The lowest hook of a set.
uint32_t first_of(uint64_t hooks) { return static_cast<uint32_t>(std::countr_zero(hooks)); }

}  // namespace

PutRun::PutRun(const PutChain& chain, const gantry_call* call, const gantry_put& put)
    : chain_(chain), asker_(call ? call->error : nullptr),
      call_(call_of(call, chain.clock(), own_arena_, error_)),
      edit_(put, chain.body_bytes_max(), arena_of(call_), error_) {
  error_.struct_size = sizeof error_;
  clear_error();
}

void PutRun::clear_error() {
  error_.code = GANTRY_OK;
  error_.wire_code = 0;
  error_.text[0] = '\0';
}

gantry_status PutRun::refuse(std::string_view text) {
  return tell(asker_, GANTRY_REFUSED, error_.wire_code != 0 ? error_.wire_code : system_error,
              text);
}

gantry_status PutRun::before(uint64_t concerned) {
  if (depth >= depth_max) {
    return refuse(fmt::format("put hooks append from within put hooks, {} deep: a put of a hook's "
                              "own carries GANTRY_PUT_NO_HOOKS",
                              depth));
  }
  const Nested nested;
  const std::span<const PutHook> hooks = chain_.hooks();
  const gantry_put_editor& editor = PutEdit::editor();
  CrumbScope scope(hooks[first_of(concerned)].guard, "before");
  while (concerned != 0) {
    const uint32_t index = first_of(concerned);
    const PutHook& hook = hooks[index];
    clear_error();
    const uint64_t behind = ~(~uint64_t{0} >> (63 - index));
    const uint64_t admitted = hook.guard->admit();
    if (admitted == Guard::turned_away) {
      if (!hook.goes_on_without()) return refuse("put hook " + hook.binding->not_entered());
      concerned &= behind;
      continue;
    }
    scope.now_in(hook.guard);
    const gantry_status status = contained(&error_, [&] {
      return hook.table->before(hook.instance, &call_, &edit_.put(), edit_.get(), &editor);
    });
    const bool answered = status == GANTRY_OK || status == GANTRY_REFUSED;
    hook.guard->done(admitted, answered ? status : GANTRY_FAULT, error_.text);
    if (status == GANTRY_OK) {
      ran_ |= uint64_t{1} << index;
      if (edit_.publish()) concerned = chain_.look(edit_.put()).concerned;
    } else if (status == GANTRY_REFUSED || hook.policy().on_fault != OnCallFault::open) {
      return before_refused(hook, status);
    } else {
      edit_.discard();
    }
    concerned &= behind;
  }
  return GANTRY_OK;
}

gantry_status PutRun::before_refused(const PutHook& hook, gantry_status status) {
  error_.text[sizeof error_.text - 1] = '\0';
  if (status != GANTRY_REFUSED) return fault(hook, status);
  if (error_.text[0] != '\0') return refuse(error_.text);
  return refuse(fmt::format("refused by put hook {}", hook.target->name()));
}

gantry_status PutRun::fault(const PutHook& hook, gantry_status status) {
  const std::string text =
      fmt::format("put hook {} failed with status {}: {}", hook.target->name(), status,
                  error_.text[0] != '\0' ? error_.text : "no reason given");
  // A hook that always fails must not fill the log as well: each line tells of twice as many.
  const uint64_t times = hook.faults.fetch_add(1, std::memory_order_relaxed) + 1;
  if (std::has_single_bit(times)) {
    logging::error("plugin", "{}; the put is refused, {} so far", text, times);
  }
  error_.wire_code = 0;
  return refuse(text);
}

void PutRun::appended(const gantry_put_result& result) {
  const Nested nested;
  for (; ran_ != 0; ran_ &= ran_ - 1) {
    const PutHook& hook = chain_.hooks()[first_of(ran_)];
    if (!hook.table->appended) continue;
    clear_error();
    gantry_lease lease;
    if (!hook.binding->enter(lease, "appended")) continue;  // stopped or tripped meanwhile
    const gantry_status status = contained_void(&error_, [&] {
      hook.table->appended(lease.instance, &call_, &edit_.put(), &result);
    });
    hook.binding->leave(status, error_.text);
  }
}

}  // namespace gantry::plugin
