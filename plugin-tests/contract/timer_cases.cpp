// timer.h: order, cancelling, periodic ticks, jobs on shards and workers.
#include "probe.hpp"

namespace gantry::contract {
namespace {

void timers_run_in_the_order_of_their_time(Run& run, const gantry_call& call) {
  const gantry_timer& timer = run.probe.timer;
  auto early = std::make_shared<bool>(false);
  const uint64_t armed_ns = call.now_ns;
  timer.arm(run.probe.host(), call.shard, 40,
            run.on([&run, early, armed_ns, shard = call.shard](const gantry_call& now,
                                                               gantry_status status, const void*) {
              run.expect_status(status, GANTRY_OK, "the later timer");
              run.expect(*early, "the earlier timer runs first");
              run.expect(now.now_ns - armed_ns >= 39'000'000, "a timer ran too early");
              run.expect(now.shard == shard, "a timer runs on the shard it was armed for");
              run.finish();
            }),
            nullptr);
  timer.arm(run.probe.host(), call.shard, 10,
            run.on([early](const gantry_call&, gantry_status, const void*) { *early = true; }),
            nullptr);
}

void a_cancelled_timer_completes_cancelled_once(Run& run, const gantry_call& call) {
  const gantry_timer& timer = run.probe.timer;
  gantry_token token = 0;
  auto inside = std::make_shared<bool>(true);
  timer.arm(run.probe.host(), call.shard, 60'000,
            run.on([&run, inside, &timer](const gantry_call&, gantry_status status, const void*) {
              run.expect_status(status, GANTRY_CANCELLED, "a cancelled timer");
              run.expect(!*inside, "a completion must not come inside the call that causes it");
              run.expect_status(timer.cancel(run.probe.host(), 0), GANTRY_GONE, "cancel of 0");
              run.finish();
            }),
            &token);
  run.expect(token != 0, "arm gives a token");
  run.expect_status(timer.cancel(run.probe.host(), token), GANTRY_OK, "cancel");
  *inside = false;
}

void an_unknown_shard_is_invalid(Run& run, const gantry_call&) {
  const gantry_timer& timer = run.probe.timer;
  const gantry_host* host = run.probe.host();
  const uint32_t none = host->shard_count;
  const auto never = [&run](const gantry_call&, gantry_status, const void*) {
    run.expect(false, "a refused completion was called");
  };
  run.expect_status(timer.arm(host, none, 1, run.on(never), nullptr), GANTRY_INVALID, "arm");
  run.expect_status(timer.post(host, none, run.on(never)), GANTRY_INVALID, "post");
  run.finish();
}

void a_periodic_timer_ticks_until_cancelled(Run& run, const gantry_call& call) {
  struct Ticks {
    Run* run;
    gantry_token token = 0;
    int count = 0;
  };
  auto* ticks = new Ticks{&run};
  const auto tick = [](void* context, const gantry_call* now) {
    auto* self = static_cast<Ticks*>(context);
    if (++self->count < 3) return;
    Run& of = *self->run;
    of.expect_status(of.probe.timer.cancel(of.probe.host(), self->token), GANTRY_OK, "cancel");
    // A tick after the cancel would find the count above 3.
    of.probe.timer.arm(of.probe.host(), now->shard, 30,
                       of.on([self](const gantry_call&, gantry_status, const void*) {
                         Run& ended = *self->run;
                         ended.expect(self->count == 3, "a cancelled periodic timer ticked");
                         delete self;
                         ended.finish();
                       }),
                       nullptr);
  };
  run.expect_status(
      run.probe.timer.every(run.probe.host(), call.shard, 5, tick, ticks, &ticks->token), GANTRY_OK,
      "every");
}

void jobs_run_later_on_their_shard_or_a_worker(Run& run, const gantry_call& call) {
  const gantry_timer& timer = run.probe.timer;
  auto inside = std::make_shared<bool>(true);
  timer.post(
      run.probe.host(), call.shard,
      run.on([&run, &timer, inside, shard = call.shard](const gantry_call& now,
                                                        gantry_status status, const void*) {
        run.expect_status(status, GANTRY_OK, "a posted job");
        run.expect(!*inside, "a posted job runs in a later turn");
        run.expect(now.shard == shard, "a posted job runs on its shard");
        timer.work(run.probe.host(), run.on([&run, &timer, shard](const gantry_call& there,
                                                                  gantry_status, const void*) {
          run.expect(there.shard == GANTRY_NO_SHARD, "a worker is no shard");
          run.expect(there.error && there.arena, "a call has an error record and an arena");
          timer.post(
              run.probe.host(), shard,
              run.on([&run](const gantry_call&, gantry_status, const void*) { run.finish(); }));
        }));
      }));
  *inside = false;
}

}  // namespace

void add_timer_cases(std::map<std::string_view, Case>& cases) {
  cases["timers_run_in_the_order_of_their_time"] = timers_run_in_the_order_of_their_time;
  cases["a_cancelled_timer_completes_cancelled_once"] = a_cancelled_timer_completes_cancelled_once;
  cases["an_unknown_shard_is_invalid"] = an_unknown_shard_is_invalid;
  cases["a_periodic_timer_ticks_until_cancelled"] = a_periodic_timer_ticks_until_cancelled;
  cases["jobs_run_later_on_their_shard_or_a_worker"] = jobs_run_later_on_their_shard_or_a_worker;
}

}  // namespace gantry::contract
