// What readers see, and what is refused.
#include <time.h>

#include <array>
#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>

#include "fixture.hpp"

namespace gantry::testing {
namespace {

TEST_CASE("a queue nobody wrote to is unknown") {
  Index index;
  index.feed_run(0, 0, 1);
  CHECK_FALSE(index.bounds("T", 1).has_value());
  CHECK_FALSE(index.bounds("t").has_value());
  CHECK_FALSE(index.bounds("").has_value());
  CHECK(index.read("T", 0, 10, true, -1).status == GANTRY_GONE);
  CHECK(index.read("unknown", 0, 10, false).status == GANTRY_GONE);
}

TEST_CASE("new units are read from memory, and the end of a queue is OK without units") {
  Index index;
  index.feed_run(0, 0, 3);
  const Read read = index.read("T", 1, 10, false);
  REQUIRE(read.status == GANTRY_OK);
  REQUIRE(read.units.size() == 2);
  CHECK((read.units[0].log_offset == 100 && read.units[0].size == 100 && read.units[0].code == -1));
  CHECK(index.read("T", 3, 10, false).status == GANTRY_OK);
  CHECK(index.read("T", 3, 10, false).units.empty());
  CHECK(index.read("T", -1, 10, false).status == GANTRY_GONE);
  CHECK(index.read("T", 0, 1, false).units.size() == 1);
}

TEST_CASE("units that are in the files only would block, and are read when that is allowed") {
  Index index({{"consume_queue_file_bytes", 200}, {"open_files_max", 1}});
  index.feed_run(0, 0, 35);
  index.persist(Index::far);
  index.restart();
  CHECK(index.bounds("T")->second == 35);  // bounds need no disk
  CHECK(index.read("T", 5, 20, false).status == GANTRY_WOULD_BLOCK);
  const Read read = index.read("T", 5, 20, true);
  REQUIRE(read.status == GANTRY_OK);
  REQUIRE(read.units.size() == 20);  // over three files
  for (size_t i = 0; i < 20; ++i) CHECK(read.units[i].log_offset == (5 + int64_t(i)) * 100);
  index.feed_run(3500, 35, 2);
  CHECK(index.read("T", 36, 20, false).status == GANTRY_OK);
  CHECK(index.read("T", 34, 20, false).status == GANTRY_WOULD_BLOCK);
}

TEST_CASE("recent units stay in memory after they are written, older ones don't") {
  Index index({{"recent_units", 600}});
  index.feed_run(0, 0, 5000);
  index.persist(Index::far);
  CHECK(index.read("T", 4500, 1, false).status == GANTRY_OK);
  CHECK(index.read("T", 1000, 1, false).status == GANTRY_WOULD_BLOCK);
  CHECK(index.all("T").size() == 5000);
}

TEST_CASE("a queue that begins behind 0 is filled with blank units and keeps its minimum") {
  Index index({{"consume_queue_file_bytes", 200}});
  index.feed_run(0, 13, 4);
  CHECK((index.bounds("T")->first == 13 && index.bounds("T")->second == 17));
  CHECK(index.read("T", 12, 1, false).status == GANTRY_GONE);
  index.persist(Index::far);
  const std::string file = bytes_of(index.queue("T/0/00000000000000000200"));
  const std::string blank("\0\0\0\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0\0\0\0\0", 20);
  CHECK(file.substr(0, 60) == blank + blank + blank);
  CHECK(file.substr(60, 20) != blank);
  CHECK_FALSE(fs::exists(index.queue("T/0/00000000000000000000")));
  index.restart();
  CHECK((index.bounds("T")->first == 13 && index.bounds("T")->second == 17));
  CHECK(index.all("T").size() == 4);
}

TEST_CASE("a gap in a queue's numbers stops the consumer with topic, queue and both numbers") {
  Index index;
  const Fed fed = index.feed(std::vector<Record>{{.queue_offset = 0, .log_offset = 0},
                                                 {.queue_offset = 2, .log_offset = 100}});
  CHECK(fed.status == GANTRY_INVALID);
  CHECK(fed.consumed == 1);
  CHECK(fed.error == "record 100 of T/0 has queue offset 2, expected 1");
  CHECK(index.host().logged("record 100 of T/0 has queue offset 2, expected 1"));
  CHECK(index.bounds("T")->second == 1);
  index.feed_run(100, 1, 1);  // the record as it should have been
  CHECK(index.bounds("T")->second == 2);
}

TEST_CASE("a number that was given before is reported and not indexed again") {
  Index index;
  index.feed_run(0, 0, 3);
  const Fed fed = index.feed(std::vector<Record>{{.queue_offset = 1, .log_offset = 300}});
  CHECK((fed.status == GANTRY_OK && fed.consumed == 1));
  CHECK(index.host().logged("record 300 of T/0 has queue offset 1, expected 3"));
  CHECK(index.all("T")[1].log_offset == 100);
}

TEST_CASE("half messages and rollbacks are consumed and not indexed, commits are indexed") {
  Index index;
  const Fed fed =
      index.feed(std::vector<Record>{{.queue_offset = 0, .log_offset = 0, .sys_flag = 0x4},
                                     {.queue_offset = 0, .log_offset = 100, .sys_flag = 0xc},
                                     {.queue_offset = 0, .log_offset = 200, .sys_flag = 0x8}});
  CHECK((fed.status == GANTRY_OK && fed.consumed == 3));
  const auto units = index.all("T");
  REQUIRE(units.size() == 1);
  CHECK(units[0].log_offset == 200);
  CHECK(index.persist(Index::far) == 300);
}

TEST_CASE("names that would leave the folder are refused with a line and counted as consumed") {
  Index index;
  std::vector<Record> records;
  const std::vector<std::string> hostile{
      "../../evil", "..", ".", "", "a/b", "/etc", std::string("a\0b", 3), std::string(256, 'x')};
  for (const std::string& topic : hostile) {
    records.push_back({.topic = topic, .log_offset = static_cast<int64_t>(records.size()) * 100});
  }
  records.push_back({.topic = "T", .queue_id = -1, .log_offset = 800});
  records.push_back({.topic = "%RETRY%group@1", .log_offset = 900});
  const Fed fed = index.feed(records);
  CHECK((fed.status == GANTRY_OK && fed.consumed == records.size()));
  CHECK(index.host().logged("record 0 of ../../evil/0 has no place in the index"));
  CHECK(index.persist(Index::far) == 1000);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(index.root() / "consumequeue")) {
    names.push_back(entry.path().filename());
  }
  CHECK(names == std::vector<std::string>{"%RETRY%group@1"});
  CHECK_FALSE(fs::exists(index.root().parent_path() / "evil"));
}

TEST_CASE("other names in the folder are left alone") {
  Index index;
  index.feed_run(0, 0, 2);
  index.persist(Index::far);
  index.stop();
  fs::create_directories(index.queue("T/notes"));
  fs::create_directories(index.queue("T/007"));
  std::ofstream(index.queue("README")) << "mine";
  std::ofstream(index.queue("T/0/42")) << "mine";
  index.start();
  CHECK(index.position() == 200);
  CHECK(index.all("T").size() == 2);
  CHECK(bytes_of(index.queue("T/0/42")) == "mine");
}

TEST_CASE("two instances on one store root are refused, naming both") {
  const Folder folder;
  fake::Host host({.data_dir = folder.path.string()});
  host.load(gantry_plugin_v1, "store_file", {}, "first");
  host.load(gantry_plugin_v1, "store_file", {}, "second");
  CHECK_THROWS_WITH(host.start(), Catch::Contains("first") && Catch::Contains("second") &&
                                      Catch::Contains("consumequeue"));
}

TEST_CASE("a thousand queues are persisted, restarted and read") {
  Index index({{"consume_queue_file_bytes", 2000}, {"open_files_max", 100}});
  std::vector<Record> records;
  int64_t log_offset = 0;
  for (int64_t round = 0; round < 3; ++round) {
    for (int topic = 0; topic < 125; ++topic) {
      for (int32_t id = 0; id < 8; ++id, log_offset += 100) {
        records.push_back({.topic = "topic" + std::to_string(topic),
                           .queue_id = id,
                           .queue_offset = round,
                           .log_offset = log_offset});
      }
    }
  }
  REQUIRE(index.feed(records).consumed == 3000);
  CHECK(index.persist(Index::far) == log_offset);
  index.restart();
  CHECK(index.position() == log_offset);
  for (int topic = 0; topic < 125; ++topic) {
    for (int32_t id = 0; id < 8; ++id) {
      const auto units = index.all("topic" + std::to_string(topic), id);
      REQUIRE(units.size() == 3);
      CHECK(units[2].log_offset == 200'000 + (topic * 8 + id) * 100);
    }
  }
}

TEST_CASE("readers on other threads see whole units while records come in and are persisted") {
  Index index({{"consume_queue_file_bytes", 20'000}, {"recent_units", 0}, {"open_files_max", 4}});
  constexpr int64_t records = 60'000;
  std::atomic<bool> done{false};
  std::atomic<int64_t> wrong{0};
  std::atomic<int64_t> seen{0};
  gantry_instance* self = index.self();
  const auto call_of = [](gantry_error& error) {
    error.struct_size = sizeof error;
    gantry_call call{};
    call.struct_size = sizeof call;
    call.shard = GANTRY_NO_SHARD;
    call.error = &error;
    return call;
  };
  const auto reader = [&] {
    gantry_error error{};
    const gantry_call call = call_of(error);
    std::array<gantry_index_entry, 64> units;
    for (int64_t at = 0; at < records;) {
      uint32_t count = 0;
      const gantry_status status = index.index().read(self, &call, sdk::str("T"), 0, 1, at,
                                                      units.data(), units.size(), &count);
      if (status == GANTRY_FAULT) ++wrong;
      for (uint32_t i = 0; i < count; ++i) wrong += units[i].log_offset != (at + i) * 100;
      at += count;
      seen += count;
      if (count == 0) std::this_thread::yield();
    }
  };
  const auto persister = [&] {
    gantry_error error{};
    const gantry_call call = call_of(error);
    int64_t persisted = 0;
    while (!done) index.consumer().persist(self, &call, Index::far, &persisted);
  };
  std::thread first(reader), second(reader), third(persister);
  for (int64_t at = 0; at < records; at += 100) index.feed_run(at * 100, at, 100);
  first.join();
  second.join();
  done = true;
  third.join();
  CHECK(wrong == 0);
  CHECK(seen == 2 * records);
}

// What this thread used of a core: a busy machine must not fail the figure.
int64_t thread_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

TEST_CASE("figure: a record is consumed within a microsecond") {
  Index index;
  constexpr int64_t rounds = 2000, per_round = 256, queues = 64;
  std::vector<Record> records(per_round);
  std::vector<gantry_message> views(per_round);
  int64_t spent_ns = 0;
  for (int64_t round = 0; round < rounds; ++round) {
    for (int64_t i = 0; i < per_round; ++i) {
      const int64_t number = round * per_round + i;
      records[i] = {.topic = "benchmark_topic_" + std::to_string(number % queues / 8),
                    .queue_id = static_cast<int32_t>(number % 8),
                    .queue_offset = number / queues,
                    .log_offset = number * 100};
      views[i] = records[i].view();
    }
    const int64_t begin_ns = thread_ns();
    const Fed fed = index.feed(views);
    spent_ns += thread_ns() - begin_ns;
    REQUIRE(fed.consumed == per_round);
  }
  const double each = static_cast<double>(spent_ns) / (rounds * per_round);
  const auto begin = std::chrono::steady_clock::now();
  index.persist(Index::far);
  const auto persist_ns = (std::chrono::steady_clock::now() - begin).count();
  std::cout << "store_file: consume " << each << " ns a record, persist of " << rounds * per_round
            << " units " << static_cast<double>(persist_ns) / 1e6 << " ms\n";
  CHECK(each < 1000);
}

}  // namespace
}  // namespace gantry::testing
