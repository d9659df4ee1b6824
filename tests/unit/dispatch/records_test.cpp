#include "log_node.hpp"

#include <csignal>

using namespace gantry;
using namespace gantry::testing;

TEST_CASE("replay gives a consumer the log from its position, then says live") {
  LogNode node;
  node.append(5);
  Recorder all("all", node.journal);
  Recorder tail("tail", node.journal);
  tail.start = node.ends[2];
  node.dispatch_to({&all, &tail});
  REQUIRE(node.records->replay().has_value());
  CHECK(all.numbers == std::vector<int64_t>{0, 1, 2, 3, 4});
  CHECK(tail.numbers == std::vector<int64_t>{3, 4});
  CHECK(all.live_at == node.ends.back());
}

TEST_CASE("a replay that is called off ends behind its batch, and the next one does the rest") {
  bool called_off = false;
  LogNode node({.called_off = [&] { return called_off; }});
  node.append(600);
  Recorder first("first", node.journal);
  Recorder index("index", node.journal, {.after = "first"});
  index.during_consume = [&] { called_off = true; };
  node.dispatch_to({&index, &first});
  const Outcome<void> ended = node.records->replay();
  REQUIRE(ended.has_error());
  CHECK(ended.error().text ==
        "the replay of index is called off at 25600 of 60000: the node is to stop");
  CHECK(first.numbers.size() == 600);
  CHECK(index.numbers.size() == 256);  // a batch
  CHECK(index.live_at == -1);
  CHECK(first.live_at == -1);

  called_off = false;
  index.during_consume = {};
  index.start = node.ends[255];
  node.dispatch_to({&index, &first});
  REQUIRE(node.records->replay().has_value());
  CHECK(index.numbers.size() == 600);
  CHECK(index.numbers.back() == 599);
  CHECK(index.live_at == node.ends.back());
}

TEST_CASE("replaced codes reach every consumer, replayed, inline or on the worker") {
  class PlaceAsCode final : public dispatch::RecordCodes {
    void apply(std::span<commitlog::RecordView> records) override {
      for (commitlog::RecordView& record : records) record.tag_code = record.log_offset.value;
    }
  };
  LogNode node;
  node.append(2);
  Recorder index("index", node.journal);
  Recorder slow("slow", node.journal, {.after = "index", .is_inline = false});
  PlaceAsCode codes;
  node.dispatch_to({&index, &slow});
  node.records->set_codes(codes);
  node.go();
  node.runtime.shard(0).run_and_wait([&] { node.append(2); });
  index.wait_for(4);
  slow.wait_for(4);
  CHECK(index.codes == index.offsets);
  CHECK(slow.codes == slow.offsets);
}

TEST_CASE("a consumer ahead of the log is told where the log ends") {
  LogNode node;
  node.append(2);
  Recorder ahead("ahead", node.journal);
  ahead.start = node.ends.back() + 1000;
  node.dispatch_to({&ahead});
  REQUIRE(node.records->replay().has_value());
  CHECK(ahead.truncated == std::vector<int64_t>{node.ends.back()});
  CHECK(ahead.offsets.empty());
}

TEST_CASE("a drain goes: index, answers, then those behind the index") {
  LogNode node;
  Recorder wake("wake", node.journal, {.after = "index"});
  Recorder index("index", node.journal);
  node.dispatch_to({&wake, &index});
  node.go();
  node.runtime.shard(0).run_and_wait([&] { node.append(1); });
  wake.wait_for(1);
  CHECK(node.journal.names() == std::vector<std::string>{"index", "answers", "wake"});
  CHECK(node.records->indexed() == node.ends.back());
}

TEST_CASE("consumers that each run after the other are refused") {
  LogNode node;
  Recorder one("one", node.journal, {.after = "two"});
  Recorder two("two", node.journal, {.after = "one"});
  node.dispatch_to({&one, &two});
  const Outcome<void> replayed = node.records->replay();
  REQUIRE(replayed.has_error());
  CHECK(replayed.error().text == "log consumers one and two each want to run after the other");
}

TEST_CASE("records appended on two shards and a worker are consumed once each, in log order") {
  LogNode node({.shards = 2});
  Recorder index("index", node.journal);
  Recorder behind("behind", node.journal, {.after = "index"});
  node.dispatch_to({&index, &behind});
  node.go();
  constexpr int each = 400;
  std::thread one([&] {
    for (int i = 0; i < each / 10; ++i) {
      node.runtime.shard(0).run_and_wait([&] { node.append(10); });
    }
  });
  std::thread two([&] {
    for (int i = 0; i < each / 10; ++i) {
      node.runtime.shard(1).run_and_wait([&] { node.append(10); });
    }
  });
  node.append(each);
  one.join();
  two.join();
  behind.wait_for(3 * each);
  CHECK(node.failures.empty());
  CHECK(index.offsets.size() == 3 * each);
  CHECK(std::is_sorted(index.offsets.begin(), index.offsets.end()));
  CHECK(std::adjacent_find(index.offsets.begin(), index.offsets.end()) == index.offsets.end());
  CHECK(behind.offsets == index.offsets);
}

TEST_CASE("a consumer that is not inline gets everything on the log worker") {
  LogNode node;
  Recorder worker("worker", node.journal, {.is_inline = false});
  node.dispatch_to({&worker});
  node.go();
  node.append(50);
  worker.wait_for(50);
  CHECK(worker.numbers.back() == 49);
}

TEST_CASE("the log worker has a stack for signals, so that a consumer that fills its own is reported") {
  LogNode node;
  Recorder worker("worker", node.journal, {.is_inline = false});
  stack_t found{};
  worker.during_consume = [&] { sigaltstack(nullptr, &found); };
  node.dispatch_to({&worker});
  node.go();
  node.append(1);
  worker.wait_for(1);
  CHECK(!(found.ss_flags & SS_DISABLE));
  CHECK(found.ss_size > 0);
}

TEST_CASE("a consume that fails is tried again with the same records") {
  LogNode node;
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  index.refusals = 2;
  node.runtime.shard(0).run_and_wait([&] { node.append(3); });
  index.wait_for(3);
  CHECK(index.numbers == std::vector<int64_t>{0, 1, 2});
}

TEST_CASE("a consumer that cannot go on closes the log and fails the node") {
  LogNode node;
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  index.refusals = 1000;
  node.runtime.shard(0).run_and_wait([&] { node.append(1); });
  CHECK(node.events.failure() == "index cannot consume the log at 0: status -7: not now");
  commitlog::PutResult result;
  CHECK(node.append_one(result) == make_error_code(commitlog::Errc::gate_closed));
  CHECK(result.error_wire_code == 14);
}

TEST_CASE("everyone persists up to STABLE when the dispatcher stops") {
  LogNode node;
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  node.append(4);
  REQUIRE_FALSE(node.log->flush_now());
  node.records->stop();
  CHECK(index.persisted_to == node.ends.back());
}
