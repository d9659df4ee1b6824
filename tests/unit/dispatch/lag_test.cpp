// A consumer that bounds visibility and lags closes the log; others hold nothing up.
#include "log_node.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

// The log's answer to an append: its wire code and reason, or 0.
struct Refusal {
  int32_t code = 0;
  std::string reason;
};

Refusal append_one(LogNode& node) {
  Refusal out;
  node.runtime.shard(0).run_and_wait([&] {
    commitlog::PutResult result;
    if (node.append_one(result) == commitlog::Errc::gate_closed)
      out = {result.error_wire_code, result.reason};
  });
  finish_turn(node.runtime.shard(0));
  return out;
}

}  // namespace

TEST_CASE("an index too far behind closes the log with code 2, and opens it at half the limit") {
  ManualClock clock(1'000'000);
  LogNode node({.lag_bytes_max = 1000, .clock = &clock});
  Recorder index("index", node.journal, {.bounds_visibility = true});
  index.poison = 0;
  node.dispatch_to({&index});
  node.go();
  node.append_on_shard(10);
  CHECK(append_one(node).code == 0);  // a lag of 1000 is allowed, so the 11th is taken
  const Refusal refused = append_one(node);
  CHECK(refused.code == 2);
  CHECK(refused.reason ==
        "log consumer index lags 1100 bytes behind, dispatch.lag_bytes_max is 1000");
  index.poison = 4;
  node.advance_ms(clock, 10);
  CHECK(node.facts(index).lag_bytes == 700);
  CHECK(append_one(node).code == 2);
  index.poison = 6;
  node.advance_ms(clock, 10);
  CHECK(node.facts(index).lag_bytes == 500);
  CHECK(append_one(node).code == 0);
}

TEST_CASE("an index on the log worker closes the log too") {
  LogNode node({.lag_bytes_max = 1000});
  Recorder index("index", node.journal, {.is_inline = false, .bounds_visibility = true});
  std::promise<void> opened;
  index.during_consume = [go = opened.get_future().share()] { go.wait(); };
  node.dispatch_to({&index});
  node.go();
  for (int i = 0; i < 11; ++i) CHECK(append_one(node).code == 0);
  CHECK(append_one(node).code == 2);
  opened.set_value();
  index.wait_for(11);
  node.records->stop();
  CHECK(append_one(node).code == 0);
}

TEST_CASE("a consumer that does not bound visibility may lag as it likes") {
  ManualClock clock(1'000'000);
  LogNode node({.lag_bytes_max = 1000, .clock = &clock});
  Recorder wake("wake", node.journal);
  wake.poison = 0;
  node.dispatch_to({&wake});
  node.go();
  node.append_on_shard(30);
  CHECK(append_one(node).code == 0);
}
