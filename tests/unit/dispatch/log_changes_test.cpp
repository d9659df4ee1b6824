// Roles, cuts and trims: what consumers, answers and the log go through.
#include "log_node.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

using Numbers = std::vector<int64_t>;
using Offsets = std::vector<int64_t>;

// `count` more records behind `at`, as a leader that shares the log so far would have them.
std::vector<uint8_t> leaders_records(int64_t at, int count, uint64_t segment_bytes = 1 << 20) {
  LogNode leader({.segment_bytes = segment_bytes});
  while (leader.end() < at) leader.append(1);
  REQUIRE(leader.end() == at);
  leader.append(count, "leader's");
  return leader.bytes(at, leader.end());
}

}  // namespace

TEST_CASE("a follower takes another node's records as they are, and its consumers get them") {
  LogNode node;
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  node.append_on_shard(2);
  REQUIRE(node.append_raw(200, leaders_records(200, 1)) == commitlog::Errc::not_follower);
  REQUIRE(node.follow(1) == Status::ok);
  CHECK(node.log->mark(commitlog::Mark::durable).value == 200);
  commitlog::PutResult result;
  CHECK(node.append_one(result) == commitlog::Errc::gate_closed);
  CHECK(result.error_wire_code == 14);
  REQUIRE_FALSE(node.append_raw(200, leaders_records(200, 3)));
  index.wait_for(5);
  CHECK(index.seen() == Numbers{0, 1, 2, 3, 4});
}

TEST_CASE("an epoch that is not above the last one is invalid, whatever role it asks for") {
  LogNode node;
  node.dispatch_to({});
  node.go();
  CHECK(node.follow(0) == Status::invalid);
  CHECK(node.follow(5) == Status::ok);
  CHECK(node.lead(5) == Status::invalid);
  CHECK(node.lead(4) == Status::invalid);
  CHECK(node.lead(6) == Status::ok);
  CHECK(node.log->role() == commitlog::Role::leader);
}

TEST_CASE("a cut: consumers above it let go, then answers, then the log; and all go on") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock});
  Recorder index("index", node.journal);
  Recorder below("below", node.journal, {.policy = {OnFault::pause, OnLag::hold}});
  below.poison = 1;
  node.dispatch_to({&index, &below});
  node.go();
  node.append_on_shard(2);
  REQUIRE(node.follow(1) == Status::ok);
  REQUIRE_FALSE(node.append_raw(200, leaders_records(200, 3)));
  index.wait_for(5);
  node.runtime.shard(0).run_and_wait([&] { node.journal.note("---"); });
  REQUIRE(node.truncate(300) == Status::ok);
  CHECK(index.truncated == Offsets{300});
  CHECK(below.truncated.empty());  // it stands at 100
  const auto names = node.journal.names();
  const auto last = std::find(names.begin(), names.end(), "---");
  CHECK(std::vector<std::string>(last + 1, names.end()) ==
        std::vector<std::string>{"index truncated", "answers cut at 300"});
  CHECK(node.end() == 300);
  CHECK(node.facts(index).position == 300);
  CHECK(node.records->indexed() <= 300);
  REQUIRE_FALSE(node.append_raw(300, leaders_records(300, 2)));
  index.wait_for(7);
  CHECK(index.seen() == Numbers{0, 1, 2, 3, 4, 3, 4});
}

TEST_CASE("a cut that is not allowed touches nobody") {
  LogNode node;
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  node.append_on_shard(2);
  CHECK(node.truncate(100) == Status::refused);  // the node leads
  REQUIRE(node.follow(1) == Status::ok);
  REQUIRE_FALSE(node.append_raw(200, leaders_records(200, 2)));
  index.wait_for(4);
  CHECK(node.truncate(100) == Status::invalid);  // STABLE stands at 200
  CHECK(node.truncate(350) == Status::invalid);  // inside a record
  CHECK(node.truncate(500) == Status::invalid);  // behind the end
  CHECK(node.truncate(400) == Status::ok);       // the end itself
  CHECK(index.truncated.empty());
  CHECK(node.end() == 400);
}

TEST_CASE("cuts and raw records in turn, with two shards looking: every record once, in order") {
  LogNode node({.shards = 2});
  Recorder index("index", node.journal);
  Recorder wake("wake", node.journal, {.after = "index"});
  Recorder worker("worker", node.journal, {.is_inline = false});
  node.dispatch_to({&index, &wake, &worker});
  node.go();
  REQUIRE(node.follow(1) == Status::ok);
  const auto five = leaders_records(0, 5);
  constexpr int rounds = 20;
  std::atomic<bool> over{false};
  std::thread looker([&] {  // drains come from everywhere
    while (!over) {
      for (uint32_t shard : {0u, 1u}) {
        node.runtime.shard(shard).run_and_wait([&] { node.records->visible_rose(); });
      }
    }
  });
  for (int round = 0; round < rounds; ++round) {
    REQUIRE_FALSE(node.append_raw(0, five));
    wake.wait_for(static_cast<size_t>(5 * (round + 1)));
    worker.wait_for(static_cast<size_t>(5 * (round + 1)));
    REQUIRE(node.truncate(0) == Status::ok);
  }
  over = true;
  looker.join();
  Numbers expected;
  for (int i = 0; i < 5 * rounds; ++i) expected.push_back(i % 5);
  CHECK(index.numbers == expected);
  CHECK(wake.numbers == expected);
  CHECK(worker.numbers == expected);
  CHECK_FALSE(node.events.failed());
}

TEST_CASE("a lead waits until the index has all, then numbers are asked for anew") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock});
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  node.append_on_shard(2);
  REQUIRE(node.follow(1) == Status::ok);
  index.poison = 3;
  REQUIRE_FALSE(node.append_raw(200, leaders_records(200, 3)));
  index.wait_refused(1);
  Change lead;
  REQUIRE(node.records->lead(2, lead.done()) == Status::ok);
  Change after;
  REQUIRE(node.records->truncate(100, after.done()) == Status::ok);
  CHECK(lead.waits());
  CHECK(node.log->role() == commitlog::Role::follower);
  node.next_number = 5;
  index.poison = -1;
  node.advance_ms(clock, 10);
  CHECK(lead.status() == Status::ok);
  CHECK(node.log->role() == commitlog::Role::leader);
  CHECK(after.status() == Status::refused);  // in the order asked: the node leads by then
  commitlog::PutResult result;
  REQUIRE_FALSE(node.append_one(result));
  CHECK(result.first_queue_offset.value == 5);
}

TEST_CASE("no raw record comes once a lead is under way") {
  ManualClock clock(1'000'000);
  LogNode node({.clock = &clock});
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  REQUIRE(node.follow(1) == Status::ok);
  index.poison = 0;
  const auto records = leaders_records(0, 1);
  const auto more = leaders_records(100, 1);
  REQUIRE_FALSE(node.append_raw(0, records));
  index.wait_refused(1);
  Change lead;
  REQUIRE(node.records->lead(2, lead.done()) == Status::ok);
  SECTION("and after a stop it is cancelled") {
    node.records->stop();
    CHECK(lead.status() == Status::cancelled);
    CHECK(node.lead(3) == Status::cancelled);
  }
  SECTION("a later follow overtakes it, and raw records come again") {
    CHECK(node.follow(3) == Status::ok);
    CHECK(lead.status() == Status::cancelled);
    CHECK(node.log->role() == commitlog::Role::follower);
    CHECK_FALSE(node.append_raw(100, more));
    node.records->stop();
  }
}

TEST_CASE("raw records that end with a file's blank end are consumed to that end") {
  constexpr uint64_t file = 64 * 1024;
  const std::string body(20'000, 'x');
  std::vector<uint8_t> bytes;
  {
    LogNode leader({.segment_bytes = file});
    leader.append(4, body);  // the fourth begins the second file
    REQUIRE(leader.end() > static_cast<int64_t>(file));
    // Up to where the second file begins: three records and the blank end.
    bytes = leader.bytes(0, leader.ends[2]);
    std::vector<uint8_t> blank(file - bytes.size());
    const auto size = static_cast<uint32_t>(blank.size());
    const uint8_t head[] = {static_cast<uint8_t>(size >> 24), static_cast<uint8_t>(size >> 16),
                            static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size),
                            0xcb, 0xd4, 0x31, 0x94};
    std::copy(std::begin(head), std::end(head), blank.begin());
    bytes.insert(bytes.end(), blank.begin(), blank.end());
  }
  LogNode node({.segment_bytes = file});
  Recorder index("index", node.journal);
  Recorder worker("worker", node.journal, {.is_inline = false});
  node.dispatch_to({&index, &worker});
  node.go();
  REQUIRE(node.follow(1) == Status::ok);
  REQUIRE_FALSE(node.append_raw(0, bytes));
  CHECK(node.end() == static_cast<int64_t>(file));
  CHECK(node.lead(2) == Status::ok);  // the index stands at the file's end, not at its last record
  CHECK(node.facts(index).position == static_cast<int64_t>(file));
  CHECK(index.seen().size() == 3);
}
