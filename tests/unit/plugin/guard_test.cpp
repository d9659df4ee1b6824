// Guard and crumbs: what is noted of calls, and when calls are turned away.
#include "plugin/guard.hpp"

#include <catch2/catch.hpp>

#include "plugin/watchdog.hpp"
#include "runtime/runtime.hpp"

using namespace gantry;
using plugin::Guard;
using plugin::GuardPolicy;

namespace {

struct Fixture {
  explicit Fixture(GuardPolicy policy = {}) : guard("judge", "test.judge/0", policy, clock, {}) {
    runtime.start();
  }
  ~Fixture() { runtime.stop(); }
  // A call on a shard that takes so long. False: it was turned away.
  bool call(int64_t ms, gantry_status status = GANTRY_OK) {
    bool let_in = false;
    runtime.shard(0).run_and_wait([&] {
      plugin::GuardedCall guarded(guard, "judge");
      let_in = guarded.let_in();
      if (!let_in) return;
      clock.advance_ms(ms);
      guarded.came_to(status, status == GANTRY_OK ? nullptr : "broken");
    });
    return let_in;
  }
  ManualClock clock{1'000};
  runtime::Runtime runtime{{1, {1, 100}}, clock};
  Guard guard;
};

constexpr uint64_t ms_ns = 1'000'000;

}  // namespace

TEST_CASE("a guard counts calls, faults and refusals apart, and keeps the last fault") {
  Fixture f;
  for (int i = 0; i < 5; ++i) CHECK(f.call(0));
  CHECK(f.call(0, GANTRY_REFUSED));
  CHECK(f.call(0, GANTRY_FAULT));
  const Guard::Figures figures = f.guard.figures();
  CHECK(figures.calls == 7);
  CHECK(figures.refusals == 1);
  CHECK(figures.faults == 1);
  CHECK(figures.last_fault == "broken");
  CHECK(figures.last_fault_ms == 1'000);
  CHECK(figures.trips == 0);
}

TEST_CASE("one call in 256 is timed") {
  Fixture f;
  for (int i = 0; i < 256 * 3; ++i) CHECK(f.call(i % 256 == 0 ? 2 : 9));  // those between are not
  const Guard::Figures figures = f.guard.figures();
  CHECK(figures.max_ns == 2 * ms_ns);
  CHECK(figures.p50_ns >= 2 * ms_ns);
  CHECK(figures.p999_ns < 3 * ms_ns);
}

TEST_CASE("faults trip only when so many come in a row") {
  Fixture f({.faults_max = 3});
  for (int i = 0; i < 9; ++i) CHECK(f.call(0, i % 3 == 2 ? GANTRY_OK : GANTRY_FAULT));
  CHECK_FALSE(f.guard.tripped());
  for (int i = 0; i < 3; ++i) CHECK(f.call(0, GANTRY_FAULT));
  CHECK(f.guard.tripped());
  CHECK_FALSE(f.call(0));
  CHECK(f.guard.figures().turned_away == 1);
}

TEST_CASE("while a tripped guard's one call is on its way, others are turned away") {
  Fixture f({.faults_max = 1, .pause_ns = 10 * ms_ns});
  CHECK(f.call(0, GANTRY_FAULT));
  f.clock.advance_ms(10);
  REQUIRE(f.guard.begin("judge"));
  CHECK_FALSE(f.guard.begin("judge"));
  f.guard.end(GANTRY_OK);
  CHECK_FALSE(f.guard.tripped());
  CHECK(f.call(0));
}

TEST_CASE("pauses double up to a minute, and start over once a call went well") {
  Fixture f({.faults_max = 1, .pause_ns = 1'000 * ms_ns});
  CHECK(f.call(0, GANTRY_FAULT));
  for (const int64_t pause_ms : {1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 60'000, 60'000}) {
    f.clock.advance_ms(pause_ms - 1);
    CHECK_FALSE(f.call(0));
    f.clock.advance_ms(1);
    CHECK(f.call(0, GANTRY_FAULT));
  }
  f.clock.advance_ms(60'000);
  CHECK(f.call(0));
  CHECK(f.call(0, GANTRY_FAULT));
  f.clock.advance_ms(1'000);
  CHECK(f.call(0));
}

TEST_CASE("a call over its budget is counted, one over the limit is as bad as a fault") {
  Fixture f({.budget_ns = 2 * ms_ns, .limit_ns = 10 * ms_ns, .faults_max = 3});
  CHECK(f.call(5));  // the first is timed, and so are those behind a slow one
  CHECK(f.call(5));
  CHECK(f.guard.figures().over_budget == 2);
  CHECK(f.guard.figures().over_limit == 0);
  CHECK(f.call(20));
  CHECK(f.call(20));
  CHECK(f.call(0));
  CHECK(f.call(20));
  CHECK(f.call(20));
  CHECK_FALSE(f.guard.tripped());
  CHECK(f.call(20));
  CHECK(f.guard.tripped());
  CHECK(f.guard.figures().over_limit == 5);
  CHECK(f.guard.figures().last_fault == "a call took 20000 us, the limit is 10000 us");
}

TEST_CASE("off the shards a call may take its time") {
  Fixture f({.budget_ns = 1, .limit_ns = 1, .faults_max = 1});
  REQUIRE(f.guard.begin("judge"));
  f.clock.advance_ms(1'000);
  f.guard.end(GANTRY_OK);
  CHECK(f.guard.figures().over_limit == 0);
  CHECK_FALSE(f.guard.tripped());
}

TEST_CASE("crumbs name the innermost call, and end with it or with one around it") {
  Fixture f;
  Guard inner("other", "test.other/0", {}, f.clock, {});
  plugin::CrumbTrail trail;
  CHECK(trail.innermost() == nullptr);
  trail.enter(&f.guard, "judge", 0);
  trail.enter(&inner, "ask", 7);
  CHECK(trail.innermost()->guard.load() == &inner);
  CHECK(std::string(trail.innermost()->call.load()) == "ask");
  CHECK(trail.leave(&inner) == 7);
  CHECK(trail.innermost()->guard.load() == &f.guard);
  CHECK(trail.leave(&inner) == 0);  // never entered
  CHECK(plugin::CrumbTrail::depth_of(trail.state()) == 1);
  trail.enter(&inner, "ask", 0);  // never left
  CHECK(trail.leave(&f.guard) == 0);
  CHECK(plugin::CrumbTrail::depth_of(trail.state()) == 0);
}

TEST_CASE("the watchdog tells a guard of a call over its limit once, while it still runs") {
  Fixture f({.limit_ns = 50 * ms_ns, .faults_max = 2});
  plugin::CrumbTrail trail;
  plugin::Watchdog watchdog({&trail}, 0, [](auto&&...) { FAIL("a stall was told"); });
  trail.enter(&f.guard, "judge", 0);
  for (uint64_t now = 1'000; now <= 1'500; now += 100) watchdog.look(now * ms_ns);
  CHECK(f.guard.figures().over_limit == 1);
  CHECK(f.guard.figures().last_fault ==
        "a call has been running for 100000 us, the limit is 50000 us");
  trail.leave(&f.guard);
  watchdog.look(1'600 * ms_ns);
  trail.enter(&f.guard, "judge", 0);  // another call at the same depth
  watchdog.look(1'700 * ms_ns);
  CHECK(f.guard.figures().over_limit == 1);
  watchdog.look(1'800 * ms_ns);
  CHECK(f.guard.tripped());
}

TEST_CASE("the watchdog tells of a shard that doesn't come back, with the call it is in") {
  Fixture f;
  plugin::CrumbTrail idle;
  plugin::CrumbTrail stuck;
  std::vector<std::string> told;
  plugin::Watchdog watchdog({&idle, &stuck}, 1'000,
                            [&](const std::string& what, const plugin::Crumb& crumb) {
                              CHECK(crumb.guard.load() == &f.guard);
                              told.push_back(what);
                            });
  watchdog.look(0);
  stuck.enter(&f.guard, "judge", 0);
  for (uint64_t now = 100; now < 1'100; now += 100) watchdog.look(now * ms_ns);
  CHECK(told.empty());
  watchdog.look(1'100 * ms_ns);
  watchdog.look(1'200 * ms_ns);
  CHECK(told == std::vector<std::string>{
                    "shard 1 has not come back from judge for 1000 ms: judge of test.judge/0"});
}

TEST_CASE("a trail deeper than it has room for still ends where it began") {
  Fixture f;
  plugin::CrumbTrail trail;
  for (int i = 0; i < 40; ++i) trail.enter(&f.guard, "judge", 0);
  CHECK(plugin::CrumbTrail::depth_of(trail.state()) == 40);
  CHECK(trail.innermost()->guard.load() == &f.guard);
  for (int i = 0; i < 40; ++i) trail.leave(&f.guard);
  CHECK(plugin::CrumbTrail::depth_of(trail.state()) == 0);
}
