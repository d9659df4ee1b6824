// Shards and workers at once, and what a run costs the heap.
#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "lua/state.hpp"
#include "rig.hpp"

using namespace gantry::filter_lua::testing;
using gantry::lua::State;

TEST_CASE("each shard, and the workers, have a state of their own") {
  Rig rig({}, 2);
  rig.use("local n = 0\nreturn function(m) n = n + 1 return n == 1 end");
  const Message any;
  CHECK(rig.judge({any, any}, 0) == Verdicts{deliver, skip});
  CHECK(rig.judge({any, any}, 1) == Verdicts{deliver, skip});
  CHECK(rig.judge({any, any}, GANTRY_NO_SHARD) == Verdicts{deliver, skip});
  CHECK(rig.fact("use of script vip", "calls") == "6");
  CHECK(rig.fact("use of script vip", "matches") == "3");
}

TEST_CASE("two shards judge at once while the script changes") {
  Rig rig({}, 2);
  rig.use(function("return message.properties.n == '1'"));
  std::atomic<bool> ended{false};
  std::atomic<int> wrong{0};
  const auto judge = [&](uint32_t shard) {
    const Message one{{{"n", "1"}}}, two{{{"n", "2"}}};
    const gantry_message views[] = {one.view(), two.view()};
    const gantry_batch batch{sizeof batch, sizeof views[0], 2, 0, views};
    gantry_error error{};
    error.struct_size = sizeof error;
    gantry_call call{};
    call.struct_size = sizeof call;
    call.shard = shard;
    call.error = &error;
    while (!ended) {
      uint8_t verdicts[2] = {99, 99};
      rig.table->match(rig.compiled.program, &call, &batch, verdicts);
      if (verdicts[0] != GANTRY_VERDICT_DELIVER || verdicts[1] != GANTRY_VERDICT_SKIP) ++wrong;
    }
  };
  std::thread first(judge, 0), second(judge, 1);
  for (int i = 0; i < 50; ++i) {
    rig.write("vip", function("return message.properties.n == '1' -- " + std::to_string(i)));
    rig.host.advance_ms(1000);
  }
  ended = true;
  first.join();
  second.join();
  CHECK(wrong == 0);
}

TEST_CASE("instructions are counted, also those of short runs") {
  Rig rig;
  rig.use(function("local n = 0 for i = 1, 10 do n = n + i end return n == 55"));
  const std::vector<Message> many(1000);
  CHECK(rig.judge(many) == Verdicts(1000, deliver));
  const double each = std::stod(rig.fact("use of script vip", "instructions_per_call"));
  CHECK(each > 20);
  CHECK(each < 40);
  CHECK(std::stoi(rig.fact("use of script vip", "memory_bytes")) > 1000);
}

TEST_CASE("runs that look at properties and numbers do not ask the heap for memory") {
  State state({});
  REQUIRE(state.load("return function(m) return m.properties.region == 'eu' and "
                     "tonumber(m.properties.amount) > 5 and m.queue_id == 3 end",
                     "x.lua", "") == State::Outcome::ok);
  const Message matches{{{"region", "eu"}, {"amount", "12"}}};
  const gantry_message view = matches.view();
  bool matched = false;
  for (int i = 0; i < 1000; ++i) state.match(view, matched);  // pools grow at first
  const uint64_t before = state.memory().heap_calls();
  const uint64_t bytes = state.memory().bytes();
  for (int i = 0; i < 10'000; ++i) state.match(view, matched);
  CHECK(matched);
  CHECK(state.memory().heap_calls() == before);
  CHECK(state.memory().bytes() < bytes + 100'000);
}
