// What becomes of a consumer that cannot consume a record, and of those around it.
#include "log_node.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

constexpr ConsumerPolicy pauses{OnFault::pause, OnLag::hold};
constexpr ConsumerPolicy skips{OnFault::skip, OnLag::hold};
using Numbers = std::vector<int64_t>;

// Past every pause between attempts.
void let_it_fail(LogNode& node, ManualClock& clock) {
  for (const int ms : {10, 100, 1000}) node.advance_ms(clock, ms);
}

}  // namespace

TEST_CASE("a consumer that may pause stops at the record; the others, the answers, the node go on") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock});
  Recorder index("index", node.journal);
  Recorder extra("extra", node.journal, {.policy = pauses});
  extra.poison = 2;
  node.dispatch_to({&extra, &index});
  node.go();
  node.append_on_shard(4);
  CHECK(node.records->indexed() == 200);  // a pause may be over soon: answers wait for it
  let_it_fail(node, clock);
  CHECK(index.seen() == Numbers{0, 1, 2, 3});
  CHECK(extra.seen() == Numbers{0, 1});
  CHECK(node.facts(extra).paused);
  CHECK(node.facts(extra).position == 200);
  CHECK(node.facts(extra).lag_bytes == 200);
  CHECK(node.records->indexed() == 400);
  node.append_on_shard(1);
  CHECK(index.seen().size() == 5);
  CHECK(node.records->indexed() == 500);
  CHECK_FALSE(node.events.failed());
}

TEST_CASE("a consumer that may skip passes over that record only") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock});
  Recorder extra("extra", node.journal, {.policy = skips});
  extra.poison = 2;
  node.dispatch_to({&extra});
  node.go();
  node.append_on_shard(5);
  CHECK(extra.seen() == Numbers{0, 1});
  let_it_fail(node, clock);
  CHECK(extra.seen() == Numbers{0, 1, 3, 4});
  CHECK(node.facts(extra).skipped == 1);
  CHECK(node.facts(extra).position == 500);
}

TEST_CASE("a consumer that took every record and says fault at its only attempt passes over none") {
  LogNode node({.attempts_max = 1});
  Recorder extra("extra", node.journal, {.policy = skips});
  extra.faults_behind = 1;
  node.dispatch_to({&extra});
  node.go();
  node.append_on_shard(2);
  node.append_on_shard(1);
  CHECK(extra.seen() == Numbers{0, 1, 2});
  CHECK(node.facts(extra).skipped == 0);
  CHECK(node.facts(extra).position == 300);
}

TEST_CASE("while VISIBLE stands within a record nobody is given it, and nobody turns in a circle") {
  LogNode node({.visible_after = commitlog::mark_bit(commitlog::Mark::replicated)});
  REQUIRE(node.log->claim_replicated());
  Recorder index("index", node.journal);
  Recorder slow("slow", node.journal, {.is_inline = false});
  node.dispatch_to({&index, &slow});
  node.go();
  node.append_on_shard(3);
  node.log->raise_replicated(LogOffset(150));
  finish_turn(node.runtime.shard(0));
  slow.wait_for(1);
  CHECK(index.seen() == Numbers{0});
  CHECK(node.records->indexed() == 100);
  node.log->raise_replicated(LogOffset(300));
  finish_turn(node.runtime.shard(0));
  slow.wait_for(3);
  CHECK(index.seen() == Numbers{0, 1, 2});
}

TEST_CASE("a pause for which no timer is left ends all the same") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock, .persist_interval_ms = 5, .timers_max = 0});
  Recorder index("index", node.journal);
  index.refusals = 1;
  node.dispatch_to({&index});
  node.go();
  node.append_on_shard(2);
  index.wait_for(2);
  CHECK(index.seen() == Numbers{0, 1});
}

TEST_CASE("while one waits to be tried again, who runs behind it waits too, and nobody else") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock});
  Recorder index("index", node.journal);
  Recorder wake("wake", node.journal, {.after = "index"});
  Recorder other("other", node.journal);
  index.refusals = 1;
  node.dispatch_to({&index, &wake, &other});
  node.go();
  node.append_on_shard(3);
  CHECK(index.seen().empty());
  CHECK(wake.seen().empty());
  CHECK(other.seen() == Numbers{0, 1, 2});
  CHECK(node.records->indexed() == 0);
  node.advance_ms(clock, 10);
  CHECK(index.seen() == Numbers{0, 1, 2});
  CHECK(wake.seen() == Numbers{0, 1, 2});
  CHECK(other.seen() == Numbers{0, 1, 2});
  CHECK(node.journal.names() == std::vector<std::string>{"other", "index", "answers", "wake"});
}

TEST_CASE("answers wait for a paused consumer that bounds visibility") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock});
  Recorder index("index", node.journal, {.bounds_visibility = true, .policy = pauses});
  index.poison = 1;
  node.dispatch_to({&index});
  node.go();
  node.append_on_shard(3);
  let_it_fail(node, clock);
  REQUIRE(node.facts(index).paused);
  CHECK(node.records->indexed() == 100);
}

TEST_CASE("on the log worker a record is passed over, or the consumer paused, just the same") {
  LogNode node;
  Recorder skipper("skipper", node.journal, {.is_inline = false, .policy = skips});
  Recorder pauser("pauser", node.journal, {.is_inline = false, .policy = pauses});
  skipper.poison = pauser.poison = 1;
  node.dispatch_to({&skipper, &pauser});
  node.go();
  node.append_on_shard(3);
  skipper.wait_for(2);
  pauser.wait_refused(3);
  node.records->stop();
  CHECK(skipper.numbers == Numbers{0, 2});
  CHECK(pauser.numbers == Numbers{0});
  CHECK(node.facts(skipper).skipped == 1);
  CHECK(node.facts(pauser).paused);
  CHECK_FALSE(node.events.failed());
}

TEST_CASE("a consumer on the worker goes no further than the inline one it runs behind") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock});
  Recorder index("index", node.journal);
  Recorder behind("behind", node.journal, {.after = "index", .is_inline = false});
  index.poison = 2;
  node.dispatch_to({&index, &behind});
  node.go();
  node.append_on_shard(4);
  behind.wait_for(2);
  index.poison = -1;
  node.advance_ms(clock, 10);
  behind.wait_for(4);
  CHECK(behind.seen() == Numbers{0, 1, 2, 3});
  CHECK(index.seen() == Numbers{0, 1, 2, 3});
}

TEST_CASE("an inline consumer behind one on the worker runs there too") {
  LogNode node;
  Recorder slow("slow", node.journal, {.is_inline = false});
  Recorder wake("wake", node.journal, {.after = "slow"});
  node.dispatch_to({&wake, &slow});
  node.go();
  node.append_on_shard(20);
  wake.wait_for(20);
  CHECK(slow.seen() == wake.seen());
}

TEST_CASE("a replay follows the policy: passed over, paused and not live, or no start") {
  LogNode node;
  node.append(4);
  Recorder skipper("skipper", node.journal, {.policy = skips});
  Recorder pauser("pauser", node.journal, {.policy = pauses});
  Recorder behind("behind", node.journal, {.after = "pauser"});
  skipper.poison = pauser.poison = 1;
  SECTION("the node goes on without them") {
    node.dispatch_to({&skipper, &pauser, &behind});
    REQUIRE(node.records->replay().has_value());
    CHECK(skipper.numbers == Numbers{0, 2, 3});
    CHECK(skipper.live_at == 400);
    CHECK(pauser.numbers == Numbers{0});
    CHECK(pauser.live_at == -1);
    CHECK(behind.numbers == Numbers{0});
  }
  SECTION("or not") {
    Recorder index("index", node.journal);
    index.poison = 1;
    node.dispatch_to({&index});
    const Outcome<void> replayed = node.records->replay();
    REQUIRE(replayed.has_error());
    CHECK(replayed.error().text == "index cannot consume the log at 100: status -7: poison");
  }
}

TEST_CASE("a long replay tells once a second how far it is") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock});
  node.append(600);
  Recorder index("index", node.journal);
  index.during_consume = [&] { clock.advance_ms(700); };
  node.dispatch_to({&index});
  REQUIRE(node.records->replay().has_value());
  CHECK(node.events.progress == std::vector<std::string>{"index: 51200 of 60000"});
}
