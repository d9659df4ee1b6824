// What survives: persist, restart, crash, truncate, lost files.
#include <gantry/cap/key_index.h>

#include <array>
#include <limits>

#include "fixture.hpp"

namespace gantry::testing {
namespace {

const fake::Settings small_files{{"consume_queue_file_bytes", 200}};  // 10 units

void overwrite(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

TEST_CASE("persist never writes a unit of a record at or beyond stable") {
  Index index(small_files);
  index.feed_run(0, 0, 25);
  CHECK(index.persist(1250) == 1250);  // in the middle of record 12
  CHECK(index.position() == 1250);
  const std::string second = bytes_of(index.queue("T/0/00000000000000000200"));
  REQUIRE(second.size() == 200);
  CHECK(second.substr(20, 20) != std::string(20, '\0'));  // unit 11
  CHECK(second.substr(40) == std::string(160, '\0'));     // 12 and up
  CHECK_FALSE(fs::exists(index.queue("T/0/00000000000000000400")));
  CHECK(index.persist(Index::far) == 2500);
  CHECK(index.all("T").size() == 25);
}

TEST_CASE("a persist with nothing new writes nothing and keeps the position") {
  Index index(small_files);
  CHECK(index.persist(0) == 0);
  CHECK(index.persist(5000) == 0);
  CHECK_FALSE(fs::exists(index.position_file()));
  index.feed_run(0, 0, 3);
  CHECK(index.persist(300) == 300);
  CHECK(index.persist(100) == 300);
}

TEST_CASE("a restart goes on at the position, and a replay from before it changes nothing") {
  Index index(small_files);
  index.feed_run(0, 0, 25);
  index.persist(2000);
  index.restart();
  CHECK(index.position() == 2000);
  REQUIRE(index.bounds("T").has_value());
  CHECK(index.bounds("T")->second == 20);
  index.feed_run(0, 0, 25);                      // a host that replays more than asked
  CHECK_FALSE(index.host().logged("expected"));  // nor is it worth a line
  CHECK(index.bounds("T")->second == 25);
  index.persist(2500);
  const auto units = index.all("T");
  REQUIRE(units.size() == 25);
  for (int64_t i = 0; i < 25; ++i) {
    const auto& unit = units[static_cast<size_t>(i)];
    CHECK((unit.log_offset == i * 100 && unit.size == 100 && unit.code == -i));
  }
}

TEST_CASE("a kill loses what was not persisted, and a replay brings it back") {
  Index index(small_files);
  index.feed_run(0, 0, 12);
  index.persist(800);
  index.kill();
  index.start();
  CHECK(index.position() == 800);
  CHECK(index.bounds("T")->second == 8);
  index.feed_run(800, 8, 4);
  CHECK(index.all("T").size() == 12);
}

TEST_CASE("units that reached the files beyond what was promised don't count and come again") {
  Index index(small_files);
  index.feed_run(0, 0, 8);
  index.persist(800);
  const auto before = index.promises();
  index.feed_run(800, 8, 15);
  index.persist(2300);
  const std::string second = bytes_of(index.queue("T/0/00000000000000000200"));
  index.kill();
  Index::put_back(before);  // the crash came before the promise
  index.start();
  CHECK(index.position() == 800);
  CHECK(index.bounds("T")->second == 8);
  CHECK(index.all("T").size() == 8);
  overwrite(index.queue("T/0/00000000000000000200"), "torn");  // what the crash left of it
  index.feed_run(800, 8, 15);
  index.persist(2300);
  CHECK(bytes_of(index.queue("T/0/00000000000000000200")) == second);
  index.restart();
  CHECK(index.all("T").size() == 23);
}

TEST_CASE("a queue whose first units are all beyond what was promised begins anew") {
  Index index(small_files);
  index.feed_run(0, 0, 3, "A");
  index.persist(300);
  const auto before = index.promises();
  index.feed_run(300, 7, 3, "B");  // blank units, then three
  index.persist(600);
  const std::string file = bytes_of(index.queue("B/0/00000000000000000000"));
  index.kill();
  Index::put_back(before);
  index.start();
  CHECK(index.position() == 300);
  CHECK_FALSE(index.bounds("B").has_value());
  CHECK(index.all("A").size() == 3);
  overwrite(index.queue("B/0/00000000000000000000"), "torn");
  index.feed_run(300, 7, 3, "B");
  index.persist(600);
  CHECK(bytes_of(index.queue("B/0/00000000000000000000")) == file);
}

TEST_CASE("lost files are noticed, and the index is rebuilt from the log") {
  Index index(small_files);
  index.feed_run(0, 0, 25);
  index.feed_run(2500, 0, 5, "U");
  index.persist(3000);
  index.stop();
  SECTION("the whole folder") {
    fs::remove_all(index.root() / "consumequeue");
  }
  SECTION("one topic") {
    fs::remove_all(index.queue("U"));
  }
  SECTION("a file in the middle") {
    fs::remove(index.queue("T/0/00000000000000000200"));
  }
  SECTION("the newest file") {
    fs::remove(index.queue("T/0/00000000000000000400"));
  }
  SECTION("a file is shorter") {
    fs::resize_file(index.queue("T/0/00000000000000000000"), 100);
  }
  SECTION("what was promised") {
    fs::remove(index.position_file());
    overwrite(index.bounds_file(), "");
  }
  SECTION("what was promised is damaged") {
    overwrite(index.bounds_file(), bytes_of(index.bounds_file()).replace(50, 1, "!"));
    overwrite(index.position_file(), "log_offset 3000");
  }
  SECTION("another file size is configured") {
    index.set("consume_queue_file_bytes", 400);
  }
  index.start();
  CHECK(index.position() == 0);
  CHECK_FALSE(index.bounds("T").has_value());
  CHECK(index.host().logged("rebuilt from the log"));
  index.feed_run(0, 0, 25);
  index.feed_run(2500, 0, 5, "U");
  CHECK(index.persist(3000) == 3000);
  CHECK(index.all("T").size() == 25);
  CHECK(index.all("U").size() == 5);
}

TEST_CASE("truncate forgets units in memory and in the files, and a restart doesn't know them") {
  Index index(small_files);
  index.feed_run(0, 0, 25);
  index.feed_run(2500, 0, 5, "U");
  index.persist(2800);
  index.truncate(1150);
  CHECK(index.position() == 1150);
  CHECK(index.bounds("T")->second == 12);  // record 11 begins below the cut
  CHECK_FALSE(index.bounds("U").has_value());
  CHECK(bytes_of(index.queue("T/0/00000000000000000200")).substr(40) == std::string(160, '\0'));
  CHECK_FALSE(fs::exists(index.queue("T/0/00000000000000000400")));
  CHECK_FALSE(fs::exists(index.queue("U/0/00000000000000000000")));
  index.feed_run(1200, 12, 2);
  index.persist(1400);
  index.kill();
  index.start();
  CHECK(index.position() == 1400);
  const auto units = index.all("T");
  REQUIRE(units.size() == 14);
  CHECK(units[13].log_offset == 1300);
  CHECK_FALSE(index.bounds("U").has_value());
}

TEST_CASE("truncate takes units back that were never written") {
  Index index(small_files);
  index.feed_run(0, 0, 700);
  index.truncate(51'000);
  CHECK(index.bounds("T")->second == 510);
  index.feed_run(51'000, 510, 5);
  CHECK(index.all("T").size() == 515);
  CHECK(index.persist(Index::far) == 51'500);
  index.restart();
  CHECK(index.all("T").size() == 515);
}

TEST_CASE("a log that came back shorter cuts the index at start") {
  Index index(small_files, 0);
  std::vector<int64_t> ends;
  for (int i = 0; i < 5; ++i) ends.push_back(index.log().append_visible({.topic = "T"}).log_end);
  index.host().run_until_idle();
  CHECK(index.host().persist(index.instance()) == ends[4]);
  index.stop();
  index.log().truncate(ends[2]);
  index.start();
  CHECK(index.bounds("T")->second == 3);
  index.log().append_visible({.topic = "T"});
  index.host().run_until_idle();
  CHECK(index.all("T").size() == 4);
}

TEST_CASE("a queue that began at a high number is forgotten as fast as any") {
  Index index(small_files);
  constexpr int64_t high = int64_t{1} << 55;
  index.feed_run(0, high, 5);
  index.persist(Index::far);
  CHECK(index.bounds("T") == std::pair{high, high + 5});
  index.truncate(0);
  CHECK_FALSE(index.bounds("T").has_value());
  CHECK(fs::is_empty(index.queue("T/0")));
  index.feed_run(0, 0, 2);
  CHECK(index.all("T").size() == 2);
}

// Either part may have got further than the other before the power went; the log came back with
// less than one of them has.
TEST_CASE("a log that ends between the two parts' places cuts the one that lies above") {
  fake::Settings settings = small_files;
  settings.insert_or_assign("key_index", true);
  settings.insert_or_assign("index_slots", int64_t{10});
  settings.insert_or_assign("index_entries", int64_t{100});
  Index index(settings, 0);
  const fs::path key_position = index.own() / "keys";
  const auto append = [&](const std::string& key) {
    std::string properties;
    fake::add_property(properties, "KEYS", key);
    return index.log().append_visible({.topic = "T", .properties = properties});
  };
  const auto found = [&](const std::string& key) {
    std::array<int64_t, 8> room{};
    const gantry_key_query query{sizeof query, GANTRY_KEY_KEY, sdk::str("T"), sdk::str(key),
                                 0, std::numeric_limits<int64_t>::max()};
    gantry_key_hits hits{};
    hits.struct_size = sizeof hits;
    hits.capacity = room.size();
    hits.log_offsets = room.data();
    index.host().on_worker([&](const gantry_call& call) {
      const auto& keys = index.instance().table<gantry_key_index>(GANTRY_CAP_KEY_INDEX);
      CHECK(keys.find(index.self(), &call, &query, &hits) == GANTRY_OK);
    });
    return std::vector<int64_t>(room.begin(), room.begin() + hits.count);
  };
  std::vector<fake::Appended> kept;
  for (int i = 0; i < 2; ++i) kept.push_back(append("old"));
  index.host().run_until_idle();
  index.host().persist(index.instance());
  const auto queues_then = index.promises();
  const std::map<fs::path, std::string> keys_then{{key_position, bytes_of(key_position)}};
  kept.push_back(append("old"));
  for (int i = 0; i < 2; ++i) append("lost");
  index.host().run_until_idle();
  index.host().persist(index.instance());
  index.kill();
  SECTION("the queues'") { Index::put_back(keys_then); }
  SECTION("the keys'") { Index::put_back(queues_then); }
  index.log().truncate(kept[2].log_end);
  index.start();
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{0, 3});
  CHECK(found("lost").empty());
  const auto fresh = append("fresh");
  index.host().run_until_idle();
  const auto units = index.all("T");
  REQUIRE(units.size() == 4);
  CHECK(units[3].log_offset == fresh.log_begin);
  CHECK(units[3].log_offset + units[3].size == fresh.log_end);
  CHECK(found("old") ==
        std::vector{kept[2].log_begin, kept[1].log_begin, kept[0].log_begin});
  CHECK(found("fresh") == std::vector{fresh.log_begin});
  index.host().persist(index.instance());
  index.restart();
  CHECK(index.all("T").size() == 4);
  CHECK(found("lost").empty());
  CHECK(found("fresh") == std::vector{fresh.log_begin});
}

TEST_CASE("a failed write keeps the position, and the next persist writes everything") {
  Index index(small_files);
  index.feed_run(0, 0, 5);
  index.persist(500);
  fs::create_directories(index.queue("T/0/00000000000000000200/x"));  // in the way of a file
  index.feed_run(500, 5, 10);
  CHECK(index.try_persist(1500).first == GANTRY_FAULT);
  CHECK(index.position() == 500);
  CHECK(index.all("T").size() == 15);
  fs::remove_all(index.queue("T/0/00000000000000000200"));
  CHECK(index.persist(1500) == 1500);
  index.restart();
  CHECK(index.all("T").size() == 15);
}

TEST_CASE("a replay larger than the memory saves what is stable by itself") {
  Index index({{"memory_bytes_max", 65536}, {"recent_units", 0}}, 0);
  index.stop();
  const int records = 6000;  // 24 bytes each in memory
  for (int i = 0; i < records; ++i) index.log().append_visible({.topic = "T", .body = "b"});
  index.start();
  CHECK(index.bounds("T")->second == records);
  CHECK(index.all("T").size() == records);
  CHECK(index.position() > 0);
}

TEST_CASE("units that wait for persist are bounded: consume says BUSY and goes on afterwards") {
  Index index({{"memory_bytes_max", 65536}});
  int64_t fed = 0;
  Fed last;
  while (last.status == GANTRY_OK && fed < 100'000) {
    std::vector<Record> records;
    for (int64_t i = fed; i < fed + 100; ++i) {
      records.push_back({.queue_offset = i, .log_offset = i * 100});
    }
    last = index.feed(records);
    fed += last.consumed;
  }
  CHECK(last.status == GANTRY_BUSY);
  CHECK(last.error.find("memory_bytes_max 65536") != std::string::npos);
  REQUIRE(fed < 5000);
  CHECK(index.persist(Index::far) == fed * 100);
  index.feed_run(fed * 100, fed, 100);
  CHECK(index.all("T").size() == static_cast<size_t>(fed + 100));
}

}  // namespace
}  // namespace gantry::testing
