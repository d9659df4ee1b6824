#include "plugin/completions.hpp"

#include <string>

#include "base/clock.hpp"
#include "base/logging.hpp"
#include "plugin/instance.hpp"
#include "plugin/views.hpp"
#include "runtime/runtime.hpp"

namespace gantry::plugin {
namespace {

struct Later {
  Pending* pending;
  gantry_status status;
  std::string text;
};

void run_later(void* context) {
  const std::unique_ptr<Later> later(static_cast<Later*>(context));
  complete_here(later->pending, later->status, nullptr, later->text);
}

}  // namespace

void complete_here(Pending* pending, gantry_status status, const void* result,
                   std::string_view text) {
  Instance& owner = *pending->owner;
  runtime::Runtime& runtime = *owner.context().runtime;
  const uint32_t shard = runtime::current_shard();
  dispatch::Arena arena;
  dispatch::CallError error;
  if (!text.empty()) error.set(status_of(status), text);
  const bool on_shard = shard < runtime.shard_count();
  dispatch::Call call{shard,
                      on_shard ? runtime.shard(shard).now_ms() : runtime.clock().now_ms(),
                      on_shard ? runtime.shard(shard).now_ns() : runtime.clock().now_ns(),
                      on_shard ? dispatch::shard_budget_ns : 0,
                      arena,
                      error};
  owner.outstanding().end(pending, call, status, result);
}

void complete_later(Pending* pending, gantry_status status, std::string_view text) {
  runtime::Runtime& runtime = *pending->owner->context().runtime;
  auto later = std::make_unique<Later>(Later{pending, status, std::string(text)});
  const runtime::Job job{&run_later, later.get()};
  bool taken = pending->shard < runtime.shard_count() ? runtime.shard(pending->shard).post(job)
                                                      : runtime.workers().submit(job);
  // A full pool must not lose the promise, nor end it under the caller's locks: a shard does it.
  if (!taken) taken = runtime.shard(0).post(job);
  if (taken) {
    later.release();
    return;
  }
  run_later(later.release());  // nothing runs any more: the node is being taken apart here
}

}  // namespace gantry::plugin
