// gantry.host.timer on the manual clock.
#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

InstanceState& of(const gantry_host* host) {
  return InstanceState::of(host);
}

bool is_shard(const Core& core, uint32_t shard) {
  return shard < core.options.shard_count;
}

gantry_status arm(const gantry_host* host, uint32_t shard, uint64_t delay_ms,
                  gantry_completion then, gantry_token* out) {
  Core& core = *of(host).core;
  if (!is_shard(core, shard)) return GANTRY_INVALID;
  const Place place = Place::at_shard(shard);
  const uint64_t promise = core.promises.begin(of(host), then, "timer.arm", place);
  core.promises.set_timer(
      promise, core.loop.arm_ms(delay_ms, place, [&core, promise](const gantry_call& call) {
        core.promises.end(promise, call, GANTRY_OK, nullptr);
      }));
  if (out) *out = promise;
  return GANTRY_OK;
}

gantry_status every(const gantry_host* host, uint32_t shard, uint64_t period_ms,
                    void (*tick)(void*, const gantry_call*), void* context, gantry_token* out) {
  Core& core = *of(host).core;
  if (!is_shard(core, shard) || period_ms == 0 || !tick) return GANTRY_INVALID;
  const uint64_t promise = core.promises.begin_periodic(of(host), period_ms, shard, tick, context);
  if (out) *out = promise;
  return GANTRY_OK;
}

gantry_status cancel(const gantry_host* host, gantry_token timer) {
  if (of(host).core->promises.cancel(of(host), timer)) return GANTRY_OK;
  of(host).core->requests.count_late();
  return GANTRY_GONE;
}

gantry_status post(const gantry_host* host, uint32_t shard, gantry_completion job) {
  Core& core = *of(host).core;
  if (!is_shard(core, shard)) return GANTRY_INVALID;
  core.promises.end_later(core.promises.begin(of(host), job, "timer.post", Place::at_shard(shard)),
                          GANTRY_OK);
  return GANTRY_OK;
}

gantry_status work(const gantry_host* host, gantry_completion job) {
  Core& core = *of(host).core;
  core.promises.end_later(core.promises.begin(of(host), job, "timer.work", Place::at_worker()),
                          GANTRY_OK);
  return GANTRY_OK;
}

}  // namespace

const gantry_timer& timer_service() {
  static constexpr gantry_timer table{sizeof table, 0, arm, every, cancel, post, work};
  return table;
}

}  // namespace gantry::sdk::fake
