// The key index as StoreFile uses it: what a query finds, and what stays of it.
#include <map>

#include "cpp/barrier.hpp"
#include "key_fixture.hpp"

namespace gantry::testing {
namespace {

std::string unique(const std::string& key) {
  return property("UNIQ_KEY", key);
}

// Records of one key each, 100 bytes long, one a second.
void add_run(Keys& keys, int64_t first, int64_t count, const std::string& key) {
  for (int64_t i = first; i < first + count; ++i) {
    keys.add({.properties = unique(key), .log_offset = i * 100, .stored_ms = 1'000'000 + i * 1000});
  }
}

std::vector<int64_t> offsets(int64_t newest, int64_t oldest) {
  std::vector<int64_t> out;
  for (int64_t i = newest; i >= oldest; --i) out.push_back(i * 100);
  return out;
}

}  // namespace

TEST_CASE("a record is found by its unique key, each of its keys and its tag") {
  Keys keys;
  keys.open();
  keys.add({.properties = property("KEYS", "a  b c") + unique("u1") + property("TAGS", "red"),
            .stored_ms = 1000});
  for (const bool saved : {false, true}) {
    CAPTURE(saved);
    if (saved) REQUIRE(keys.index->save(100) == 100);
    for (const char* key : {"u1", "a", "b", "c"}) {
      CAPTURE(key);
      CHECK(keys.find(key).log_offsets == std::vector<int64_t>{0});
    }
    for (const char* key : {"", "a  b c", "red", "d"}) CHECK(keys.find(key).log_offsets.empty());
    CHECK(keys.find("red", 0, Keys::ever, 9, GANTRY_KEY_TAG).log_offsets.size() == 1);
    CHECK(keys.find("u1", 0, Keys::ever, 9, GANTRY_KEY_KEY, "Other").log_offsets.empty());
  }
}

TEST_CASE("rollbacks are not indexed, half messages and records without keys do no harm") {
  Keys keys;
  keys.open();
  keys.add({.properties = unique("k"), .log_offset = 0, .sys_flag = 0xc});
  keys.add({.properties = "", .log_offset = 100});
  CHECK(keys.index->save(Keys::ever) == 200);
  CHECK(keys.files().empty());
  keys.add({.properties = unique("k"), .log_offset = 200, .sys_flag = 0x4});
  keys.add({.properties = unique("k"), .log_offset = 300, .sys_flag = 0x8});
  CHECK(keys.find("k").log_offsets == std::vector<int64_t>{300, 200});
}

TEST_CASE("hits come newest first across memory and files, as many as there is room for") {
  Keys keys(1, {.slots = 10, .entries = 21});  // 20 entries a file
  keys.open();
  add_run(keys, 0, 45, "k");
  keys.index->save(3300);
  add_run(keys, 45, 20, "k");
  REQUIRE(keys.files().size() == 2);
  CHECK(keys.find("k").log_offsets == offsets(64, 0));
  const Hits some = keys.find("k", 0, Keys::ever, 50);
  CHECK(some.log_offsets == offsets(64, 15));
  CHECK(some.more);
  const Hits all = keys.find("k", 0, Keys::ever, 65);
  CHECK(all.log_offsets.size() == 65);
  CHECK_FALSE(all.more);
  CHECK(all.newest == 6400);
  CHECK(all.newest_ms == 1'064'000);
  CHECK(keys.find("k", 0, Keys::ever, 0).more);
}

TEST_CASE("a window takes whole seconds from both of its ends") {
  Keys keys(1, {.slots = 10, .entries = 21});
  keys.open();
  add_run(keys, 0, 45, "k");
  for (const int64_t saved : {0, 2500, 4500}) {
    CAPTURE(saved);
    keys.index->save(saved);
    CHECK(keys.find("k", 1'010'000, 1'030'000).log_offsets == offsets(30, 10));
    CHECK(keys.find("k", 1'010'001, 1'010'999).log_offsets.empty());
    CHECK(keys.find("k", 0, 999'999).log_offsets.empty());
    CHECK(keys.find("k", 1'044'001, Keys::ever).log_offsets.empty());
    CHECK(keys.find("k", 1'044'000, Keys::ever).log_offsets == offsets(44, 44));
    CHECK(keys.find("k", Keys::ever, 0).log_offsets.empty());
  }
}

TEST_CASE("save writes no record that isn't whole below stable, and position says what is in") {
  Keys keys;
  keys.open();
  add_run(keys, 0, 10, "k");
  CHECK(keys.index->save(500) == 500);
  CHECK(keys.index->position() == 500);
  CHECK(keys.index->save(300) == 500);
  CHECK(keys.index->save(699) == 600);
  keys.open();
  CHECK(keys.index->position() == 600);
  CHECK(keys.find("k").log_offsets == offsets(5, 0));
  add_run(keys, 3, 7, "k");  // a replay from an earlier place
  CHECK(keys.find("k").log_offsets == offsets(9, 0));
}

TEST_CASE("keys that are saved leave no memory behind") {
  Keys keys;
  keys.open();
  const uint64_t before = keys.index->buffered_bytes();
  add_run(keys, 0, 10'000, "k");
  CHECK(keys.index->buffered_bytes() > 10'000 * sizeof(KeyRecord));
  keys.index->save(Keys::ever);
  CHECK(keys.index->buffered_bytes() <= before + 4096 * sizeof(KeyRecord) + 64);
}

TEST_CASE("truncate forgets records in memory, in the newest file and in full ones") {
  Keys keys(1, {.slots = 10, .entries = 21});
  keys.open();
  add_run(keys, 0, 45, "k");
  const int64_t saved = GENERATE(0, 1000, 3500, 4500);
  const int64_t end = GENERATE(0, 500, 1900, 2000, 2100, 4300, 4400);
  CAPTURE(saved, end);
  keys.index->save(saved);
  keys.index->truncate(end);
  CHECK(keys.index->position() == std::min(saved, end));
  CHECK(keys.find("k").log_offsets == offsets(end / 100 - 1, 0));
  for (int64_t i = end / 100; i < 45; ++i) {
    keys.add({.properties = unique("other"),
              .log_offset = i * 100,
              .stored_ms = 1'000'000 + i * 1000});
  }
  keys.index->save(Keys::ever);
  keys.reopen();
  CHECK(keys.find("k").log_offsets == offsets(end / 100 - 1, 0));
  CHECK(keys.find("other").log_offsets == offsets(44, end / 100));
  CHECK(keys.files().size() == 3);
}

TEST_CASE("a file of trimmed records is dropped, the newest never") {
  Keys keys(1, {.slots = 10, .entries = 21});
  keys.open();
  add_run(keys, 0, 45, "k");
  keys.index->save(Keys::ever);
  const auto files = keys.files();
  REQUIRE(files.size() == 3);
  keys.index->trimmed(1900);
  CHECK(keys.files() == files);
  keys.index->trimmed(1901);
  CHECK(keys.files() == std::vector<std::string>{files[1], files[2]});
  CHECK(keys.find("k").log_offsets == offsets(44, 20));
  keys.open();
  CHECK(keys.index->position() == 4500);
  keys.index->trimmed(Keys::ever);
  CHECK(keys.files() == std::vector<std::string>{files[2]});
  CHECK(keys.notes.empty());
}

TEST_CASE("files are named after the local time and sort by age whatever the clock does") {
  Keys keys(1, {.slots = 10, .entries = 3});
  keys.open();
  for (int64_t i = 0; i < 8; ++i) {
    keys.clock_ms += i == 2 ? 5000 : -1000;
    add_run(keys, i, 1, "k");
    keys.index->save(Keys::ever);
  }
  REQUIRE(keys.files().size() == 4);
  for (const std::string& name : keys.files()) CHECK(is_key_file_name(name));
  CHECK(keys.find("k").log_offsets == offsets(7, 0));
  keys.reopen();
  CHECK(keys.find("k").log_offsets == offsets(7, 0));
  CHECK(is_key_file_name(next_key_file_name(keys.clock_ms, "")));
  CHECK(next_key_file_name(0, "20261121113059999") == "20261121113060000");
}

TEST_CASE("index files without a position, and other settings, mean a rebuild that says so") {
  Keys keys;
  keys.open();
  add_run(keys, 0, 10, "k");
  keys.index->save(Keys::ever);
  keys.index->close();
  SECTION("no position") { keys.store_disk.remove(keys.options.position_path); }
  SECTION("a damaged position") {
    keys.store_disk.replace(keys.options.position_path, "log_offset 1");
  }
  SECTION("another shape") { keys.options.shape.entries = 401; }
  SECTION("a lost file") { keys.store_disk.remove(keys.options.folder / keys.files().front()); }
  SECTION("a file of another size") {
    keys.store_disk.open(keys.options.folder / keys.files().front(), Open::write)->resize(100);
  }
  keys.store_disk.replace(keys.options.folder / "notes.txt", "not ours");
  keys.open();
  CHECK(keys.index->position() == 0);
  CHECK(keys.notes.size() == 1);
  CHECK(keys.files() == std::vector<std::string>{"notes.txt"});
  add_run(keys, 0, 10, "k");
  keys.index->save(Keys::ever);
  CHECK(keys.find("k").log_offsets == offsets(9, 0));
}

TEST_CASE("a damaged newest file is rebuilt alone") {
  Keys keys(1, {.slots = 10, .entries = 21});
  keys.open();
  add_run(keys, 0, 45, "k");
  keys.index->save(Keys::ever);
  keys.index->close();
  const std::string newest = keys.files().back();
  keys.overwrite(newest, 40, std::string(40, '\x7f'));  // the slots
  keys.open();
  CHECK(keys.index->position() == 4000);
  CHECK(keys.notes.size() == 1);
  CHECK(keys.find("k").log_offsets == offsets(39, 0));
  add_run(keys, 40, 5, "k");
  CHECK(keys.find("k").log_offsets == offsets(44, 0));
}

TEST_CASE("a write that failed is made again, a sync that failed ends saving") {
  Keys keys;
  keys.open();
  add_run(keys, 0, 10, "k");
  keys.index->save(500);
  keys.disk.fail_calls(1'000'000);
  CHECK_THROWS(keys.index->save(Keys::ever));
  CHECK(keys.index->position() == 500);
  CHECK(keys.find("k").log_offsets == offsets(9, 0));
  keys.disk.fail_calls(0);
  CHECK(keys.index->save(Keys::ever) == 1000);
  CHECK(keys.find("k").log_offsets == offsets(9, 0));
  CHECK(keys.index->save(Keys::ever) == 1000);
}

TEST_CASE("slots are written and memory lets go of them a minute after the first key, also without more") {
  Keys keys(1, {.slots = 5000, .entries = 4000});
  keys.open();
  CHECK(keys.index->slot_bytes() == 0);
  KeyedRecord record;
  const auto add = [&](const std::string& key) {
    record.log_offset = record.end();
    record.stored_ms += 1;
    record.properties = property("KEYS", key);
    keys.add(record);
    keys.index->save(record.end());
  };
  for (int i = 0; i < 100; ++i) add("k" + std::to_string(i));
  const int64_t held = keys.index->slot_bytes();
  CHECK(held >= 4096);
  const std::string name = keys.files().at(0);
  const std::string before = keys.bytes(name);
  keys.clock_ms += keys.options.relink_ms_max - 1;
  keys.index->save(record.end());
  CHECK(keys.index->slot_bytes() == held);
  CHECK(keys.bytes(name) == before);
  keys.clock_ms += 1;
  keys.index->save(record.end());  // nothing new has come
  CHECK(keys.index->slot_bytes() == 0);
  CHECK(keys.bytes(name) != before);
  SECTION("what is found stays found, and chains go on from the file") {
    CHECK(keys.find("k7").log_offsets.size() == 1);
    add("k7");
    CHECK(keys.index->slot_bytes() == 4096);
    CHECK(keys.find("k7").log_offsets.size() == 2);
    CHECK(keys.find("k8").log_offsets.size() == 1);
  }
  SECTION("a start behind it has nothing to put right") {
    keys.disk.stop();
    keys.disk.lose_power();
    keys.open();
    CHECK(keys.index->slot_bytes() == 0);
    CHECK(keys.notes.empty());
    CHECK(keys.find("k99").log_offsets.size() == 1);
  }
}

TEST_CASE("a clock that is set back doesn't keep slots in memory") {
  Keys keys;
  keys.open();
  KeyedRecord record{.properties = property("KEYS", "a")};
  keys.add(record);
  keys.index->save(record.end());
  CHECK(keys.index->slot_bytes() > 0);
  keys.clock_ms -= 10;
  keys.index->save(record.end());
  CHECK(keys.index->slot_bytes() == 0);
}

TEST_CASE("slots whose sync failed stay in memory, and are found there") {
  Keys keys;
  keys.open();
  KeyedRecord record{.properties = property("KEYS", "a")};
  keys.add(record);
  keys.index->save(record.end());
  keys.clock_ms += keys.options.relink_ms_max;
  keys.disk.fail_calls(1'000'000);
  CHECK_THROWS_AS(keys.index->save(record.end()), sdk::Refusal);
  keys.disk.fail_calls(0);
  CHECK(keys.index->slot_bytes() > 0);
  CHECK(keys.find("a").log_offsets.size() == 1);
}

TEST_CASE("a slot that was damaged in the file is refused, not linked to") {
  Keys keys;
  keys.open();
  KeyedRecord record{.properties = property("KEYS", "a")};
  keys.add(record);
  keys.index->save(record.end());
  keys.clock_ms += keys.options.relink_ms_max;
  keys.index->save(record.end());
  const int32_t slot = key_hash("T", GANTRY_KEY_KEY, "a") % keys.options.shape.slots;
  keys.overwrite(keys.files().at(0), static_cast<uint64_t>(keys.options.shape.slot_at(slot)),
                 std::string("\0\0\1\0", 4));
  record.log_offset = record.end();
  keys.add(record);
  CHECK_THROWS_AS(keys.index->save(record.end()), sdk::Refusal);
  CHECK(keys.find("a").log_offsets.front() == record.log_offset);  // it waits
}

}  // namespace gantry::testing
