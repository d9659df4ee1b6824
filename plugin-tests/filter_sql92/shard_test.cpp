// One program, judged by several threads at once as shards do.
#include <barrier>
#include <thread>

#include "rig.hpp"

using namespace gantry::filter_sql92::testing;

TEST_CASE("two shards and a worker judge at once, each its own messages") {
  Rig rig({}, {.shard_count = 2});
  REQUIRE(rig.compile("a = mine AND NOT (b > mine AND b <> mine) OR c IN ('never')") == GANTRY_OK);
  constexpr uint32_t shards[] = {0, 1, GANTRY_NO_SHARD};
  std::barrier together(3);
  int wrong[3] = {};
  const auto judge = [&](int who) {
    const std::string own = std::to_string(who);
    const Message mine(Properties{{"a", own}, {"mine", own}, {"b", "2"}});
    const Message others(Properties{{"a", "9"}, {"mine", own}});
    const gantry_message messages[] = {mine.view(false), others.view(true), mine.view(true)};
    const gantry_batch batch{sizeof batch, sizeof messages[0], 3, 0, messages};
    gantry_error failure{};
    failure.struct_size = sizeof failure;
    gantry_call call{};
    call.struct_size = sizeof call;
    call.shard = shards[who];
    call.error = &failure;
    // b is above the others' own
    const uint8_t wanted = who == 2 ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
    together.arrive_and_wait();
    for (int i = 0; i < 50'000; ++i) {
      uint8_t verdicts[3] = {};
      static_cast<void>(rig.table->match(rig.compiled.program, &call, &batch, verdicts));
      if (verdicts[0] != wanted || verdicts[1] != GANTRY_VERDICT_SKIP || verdicts[2] != wanted)
        ++wrong[who];
    }
  };
  {
    const std::jthread first(judge, 0), second(judge, 1), third(judge, 2);
  }
  for (const int count : wrong) CHECK(count == 0);
}
