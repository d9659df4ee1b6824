// Every disk call fails once, or is the last one before the power goes: nothing that was promised
// is lost, and what comes next is as if nothing had happened.
#include "fault_rig.hpp"

namespace gantry::testing {
namespace {

constexpr int64_t rounds = 4;

// Two rounds are stored, a third goes through a fault at the n-th call; false when there were
// fewer calls.
bool third_round_fails_at(Rig& rig, int64_t call) {
  rig.feed(0);
  rig.index.persist(700);
  rig.feed(1);
  rig.index.persist(1400);
  rig.feed(2);
  rig.faulty.fail_call(call);
  const gantry_status status = rig.index.try_persist(2100).first;
  CHECK((status == GANTRY_FAULT) == rig.faulty.failed());
  return rig.faulty.failed();
}

TEST_CASE("any call of a persist fails: the next one stores everything") {
  int64_t call = 1;
  for (;; ++call) {
    Rig rig;
    if (!third_round_fails_at(rig, call)) break;
    INFO("call " << call);
    CHECK(rig.index.position() == 1400);
    rig.check(3);
    rig.feed(3);
    REQUIRE(rig.index.persist(2800) == 2800);
    rig.faulty.cut_power();  // what it said is stored is on the device
    rig.faulty.power_on();
    rig.index.kill();
    rig.index.start();
    CHECK(rig.index.position() == 2800);
    rig.check(rounds);
  }
  CHECK(call > 15);
}

void check_start_after_fault(Rig& rig, bool power) {
  if (power) rig.faulty.cut_power();
  rig.index.kill();
  rig.faulty.power_on();
  rig.index.start();
  CHECK_FALSE(rig.index.host().logged("rebuilt"));
  const int64_t position = rig.index.position();
  CHECK((position == 1400 || (position == 2100 && !power)));
  rig.feed_from(position, rounds);
  REQUIRE(rig.index.persist(2800) == 2800);
  rig.check(rounds);
}

TEST_CASE("any call of a persist fails and the node ends: a start goes on from the promise") {
  for (const bool power : {true, false}) {
    for (int64_t call = 1;; ++call) {
      Rig rig;
      if (!third_round_fails_at(rig, call)) break;
      INFO("call " << call << (power ? ", with the power" : ""));
      check_start_after_fault(rig, power);
    }
  }
}

TEST_CASE("the power goes at any call of a life: a start finds what was promised") {
  int64_t call = 1;
  for (bool cut = true; cut; ++call) {
    Rig rig;
    INFO("call " << call);
    rig.faulty.cut_power_at(call);
    int64_t promised = 0;
    for (int64_t round = 0; round < 3; ++round) {
      rig.feed(round);
      const auto [status, persisted] = rig.index.try_persist((round + 1) * 700);
      if (status == GANTRY_OK) promised = persisted;
    }
    if (!rig.faulty.power_is_off()) {
      gantry_error error{};
      rig.index.consumer().truncate(rig.index.self(), 1000, &error);
      promised = std::min<int64_t>(promised, 1000);
      rig.index.trimmed(300);
    }
    cut = rig.faulty.power_is_off();
    rig.index.kill();
    rig.faulty.power_on();
    rig.index.start();
    CHECK(rig.index.position() >= promised);
    if (!cut || rig.index.position() % 700 != 0) continue;
    rig.feed_from(rig.index.position(), rounds);
    REQUIRE(rig.index.persist(2800) == 2800);
    if (rig.index.bounds("T")->first == 0) rig.check(rounds);
  }
  CHECK(call > 50);
}

TEST_CASE("a truncate that the power cuts short is finished by the next start") {
  int64_t call = 1;
  for (bool cut = true; cut; ++call) {
    Rig rig;
    INFO("call " << call);
    for (int64_t round = 0; round < 3; ++round) rig.feed(round);
    rig.index.persist(2100);
    rig.faulty.cut_power_at(call);
    gantry_error error{};
    rig.index.consumer().truncate(rig.index.self(), 700, &error);
    cut = rig.faulty.power_is_off();
    rig.index.kill();
    rig.faulty.power_on();
    rig.index.start();
    const int64_t position = rig.index.position();
    CHECK((position == 700 || (cut && position == 2100)));
    if (position == 2100) rig.index.truncate(700);  // the log's end says so again
    CHECK(bytes_of(rig.index.queue("T/0/00000000000000000000")).substr(100) ==
          std::string(100, '\0'));
    CHECK_FALSE(fs::exists(rig.index.queue("T/0/00000000000000000200")));
    rig.feed_from(700, rounds);
    rig.index.persist(2800);
    rig.index.restart();
    rig.check(rounds);
  }
  CHECK(call > 5);
}

TEST_CASE("nothing is promised before the files it tells of, and their names, are synced") {
  Rig rig;
  rig.feed(0);
  rig.faulty.syncs().clear();
  rig.index.persist(700);
  auto& syncs = rig.faulty.syncs();
  for (const char* path :
       {"", "consumequeue", "consumequeue/T", "consumequeue/T/0", "batchconsumequeue",
        "batchconsumequeue/B/0", "consumequeue/T/0/00000000000000000000",
        "consumequeue/new0/0/00000000000000000000", "batchconsumequeue/B/0/00000000000000000000",
        "gantry/store_file"}) {
    INFO(path);
    const fs::path full = *path ? rig.index.root() / path : rig.index.root();
    CHECK(syncs[full.string()] > 0);
  }
}

// 100 records, each of a queue of its own.
void feed_many(Index& index) {
  std::vector<Record> records;
  for (int i = 0; i < 100; ++i) {
    records.push_back({.topic = "topic" + std::to_string(i), .log_offset = i * 100});
  }
  REQUIRE(index.feed(records).consumed == 100);
}
void check_many(Index& index) {
  for (int i = 0; i < 100; ++i) CHECK(index.all("topic" + std::to_string(i)).size() == 1);
}

TEST_CASE("many files of one persist are synced together, and a failure takes all of them back") {
  Rig rig;
  feed_many(rig.index);
  const int64_t before = rig.faulty.calls();
  rig.faulty.fail_call(0);
  SECTION("all is well") {
    REQUIRE(rig.index.persist(10'000) == 10'000);
    CHECK(rig.faulty.syncs()[rig.index.queue("topic0/0/00000000000000000000").string()] == 0);
  }
  SECTION("the queue files lie on a file system of their own") {
    rig.faulty.mounts = {rig.index.root() / "consumequeue"};
    REQUIRE(rig.index.persist(10'000) == 10'000);
  }
  SECTION("a sync of all would say too little: each is synced") {
    rig.faulty.has_volumes = false;
    REQUIRE(rig.index.persist(10'000) == 10'000);
    for (const char* topic : {"topic0", "topic63", "topic64", "topic99"}) {
      CHECK(rig.faulty.syncs()[(rig.index.queue(topic) / "0/00000000000000000000").string()] == 1);
    }
  }
  SECTION("the sync of all fails") {
    // A folder for the topic, one for the queue; the file, its size, its unit: for each; then it.
    rig.faulty.fail_call(100 * 5 + 1);
    CHECK(rig.index.try_persist(10'000).first == GANTRY_FAULT);
    CHECK(rig.faulty.calls() > before + 500);
    CHECK(fs::is_empty(rig.index.root() / "consumequeue"));
    REQUIRE(rig.index.persist(10'000) == 10'000);
  }
  rig.faulty.cut_power();
  rig.index.kill();
  rig.faulty.power_on();
  rig.index.start();
  CHECK(rig.index.position() == 10'000);
  check_many(rig.index);
}

TEST_CASE("the power goes at any call of a persist of many files: what is promised is there") {
  int promised = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    INFO("seed " << seed);
    RigOn<OnLying> rig(seed);
    rig.memory.sync_all();  // the folders above the store root are the machine's
    feed_many(rig.index);
    rig.memory.stop_after(1 + Rng(seed).below(700));
    const auto [status, persisted] = rig.index.try_persist(10'000);
    promised += status == GANTRY_OK;
    rig.memory.stop();
    rig.index.kill();
    rig.memory.stop_after(0);
    rig.memory.lose_power();
    rig.index.start();
    CHECK(rig.index.position() >= (status == GANTRY_OK ? persisted : 0));
    feed_many(rig.index);
    check_many(rig.index);
  }
  CHECK((promised > 0 && promised < 40));
}

// Persists, faults, truncates and power cuts as the seed has it; the records come again from the
// position on, as a host replays them.
void live_on_lying_disk(uint64_t seed) {
  INFO("seed " << seed);
  RigOn<OnLying> rig(seed);
  rig.memory.sync_all();  // the folders above the store root are the machine's
  Rng rng(seed);
  int64_t fed = 0;  // rounds
  int64_t promised = 0;
  for (int life = 0; life < 6; ++life) {
    if (rng.coin()) rig.memory.stop_after(1 + rng.below(120));
    for (int step = 0; step < 4 && !rig.memory.off(); ++step) {
      rig.feed(fed++);
      rig.memory.fail_calls(rng.below(3) == 0 ? 50'000 : 0);
      const auto [status, persisted] = rig.index.try_persist(fed * 700);
      if (status == GANTRY_OK) promised = persisted;
    }
    rig.memory.fail_calls(0);
    if (!rig.memory.off()) rig.memory.stop();
    rig.index.kill();
    rig.memory.stop_after(0);
    if (rng.below(4) == 0) {
      rig.memory.go_on();
    } else {
      rig.memory.lose_power();
    }
    rig.index.start();
    const int64_t position = rig.index.position();
    REQUIRE(position >= promised);
    REQUIRE(position % 700 == 0);
    if (promised > 0) CHECK_FALSE(rig.index.host().logged("rebuilt"));
    rig.feed_from(position, fed);
    if (fed > 0) rig.check(fed);
  }
}

TEST_CASE("a disk that loses any part of what was not synced loses nothing that was promised") {
  for (uint64_t seed = 1; seed <= 300; ++seed) live_on_lying_disk(seed);
}

}  // namespace
}  // namespace gantry::testing
