// Trims: how far consumers hold the log, who is left behind, and what they are told.
#include "log_node.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

constexpr int64_t file = 64 * 1024;
constexpr ConsumerPolicy drops{OnFault::pause, OnLag::drop};
using Offsets = std::vector<int64_t>;

// Six files, each of three records, on the device.
void fill(LogNode& node) {
  const std::string body(20'000, 'x');
  node.runtime.shard(0).run_and_wait([&] { node.append(18, body); });
  REQUIRE(node.failures.empty());
  REQUIRE_FALSE(node.log->flush_now());
}

}  // namespace

TEST_CASE("a trim removes whole files that every consumer has persisted, and tells where it begins") {
  LogNode node({.segment_bytes = file});
  Recorder index("index", node.journal);
  Recorder slow("slow", node.journal, {.is_inline = false});
  slow.persist_limit = 2 * file + 100;
  node.dispatch_to({&index, &slow});
  node.go();
  fill(node);
  index.wait_for(18);
  slow.wait_for(18);
  node.records->trim(5 * file, false);
  index.wait_trimmed(1);
  slow.wait_trimmed(1);
  CHECK(node.log->begin().value == 2 * file);
  CHECK(index.trims == Offsets{2 * file});
  slow.persist_limit = 4 * file;
  node.records->trim(3 * file + 1, false);
  slow.wait_trimmed(2);
  CHECK(node.log->begin().value == 3 * file);
  CHECK(slow.trims == Offsets{2 * file, 3 * file});
}

TEST_CASE("a consumer that holds keeps the log even from a forced trim") {
  LogNode node({.segment_bytes = file});
  Recorder index("index", node.journal);
  Recorder slow("slow", node.journal, {.is_inline = false, .policy = {OnFault::pause, OnLag::hold}});
  slow.poison = 4;  // in the second file
  node.dispatch_to({&index, &slow});
  node.go();
  fill(node);
  slow.wait_refused(3);
  node.records->trim(5 * file, true);
  slow.wait_trimmed(1);
  CHECK(node.log->begin().value == file);
}

TEST_CASE("a forced trim leaves a consumer behind that may be dropped: it goes on where the log begins") {
  const bool is_inline = GENERATE(true, false);
  LogNode node({.segment_bytes = file});
  Recorder index("index", node.journal);
  Recorder slow("slow", node.journal, {.is_inline = is_inline, .policy = drops});
  slow.poison = 4;
  node.dispatch_to({&index, &slow});
  node.go();
  fill(node);
  slow.wait_refused(3);
  finish_turn(node.runtime.shard(0));
  SECTION("but not one that isn't forced") {
    node.records->trim(5 * file, false);
    slow.wait_trimmed(1);
    CHECK(node.log->begin().value == file);
    CHECK(node.facts(slow).paused);
  }
  SECTION("told before it gets the next record") {
    node.records->trim(5 * file, true);
    slow.wait_trimmed(1);
    index.wait_trimmed(1);
    slow.wait_for(4 + 3);
    CHECK(node.log->begin().value == 5 * file);
    CHECK(slow.trims == Offsets{5 * file});
    CHECK(slow.offsets[4] == 5 * file);
    CHECK(slow.seen() == std::vector<int64_t>{0, 1, 2, 3, 15, 16, 17});
    CHECK(index.trims == Offsets{5 * file});
    CHECK_FALSE(node.facts(slow).paused);
    CHECK_FALSE(node.events.failed());
  }
}

TEST_CASE("at start consumers are told where a trimmed log begins, and replayed from there") {
  LogNode node({.segment_bytes = file});
  node.append(18, std::string(20'000, 'x'));
  REQUIRE_FALSE(node.log->flush_now());
  REQUIRE(node.log->trim(LogOffset(3 * file)).value == 3 * file);
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  REQUIRE(node.records->replay().has_value());
  CHECK(index.trims == Offsets{3 * file});
  CHECK(index.numbers.front() == 9);
  CHECK(index.live_at == node.end());
}
