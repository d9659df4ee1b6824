// Inner batches and light queues: what they take, where they lie, how they are read.
#include "fixture.hpp"

namespace gantry::testing {
namespace {

const fake::Settings small_files{{"batch_queue_file_bytes", 460}};  // 10 units

// Batches of 3, 4, 3, 4 ... messages.
std::vector<Record> batches(int count, int64_t log_offset = 0, int64_t base = 0) {
  std::vector<Record> out;
  for (int i = 0; i < count; ++i, log_offset += 100) {
    out.push_back(batch_record(log_offset, base, 3 + i % 2, 1000 + i * 10));
    base += 3 + i % 2;
  }
  return out;
}

TEST_CASE("an inner batch is one entry that spans its numbers; bounds include all of them") {
  Index index(small_files);
  REQUIRE(index.feed(batches(3)).consumed == 3);
  CHECK(index.bounds("B") == std::pair<int64_t, int64_t>{0, 10});
  const Read read = index.read("B", 0, 10, false);
  REQUIRE(read.units.size() == 3);
  CHECK((read.units[0].span == 3 && read.units[1].span == 4 && read.units[2].span == 3));
  CHECK((read.units[1].log_offset == 100 && read.units[1].size == 100));
}

TEST_CASE("a read inside a batch begins with that batch, in memory and from the files") {
  Index index(small_files);
  REQUIRE(index.feed(batches(25)).consumed == 25);
  const bool from_files = GENERATE(false, true);
  if (from_files) {
    index.persist(Index::far);
    index.restart();
    CHECK(index.read("B", 4, 1, false).status == GANTRY_WOULD_BLOCK);
  }
  const auto max = index.bounds("B")->second;
  CHECK(max == 25 * 7 / 2);
  for (int64_t from = 0; from < max; ++from) {
    const Read read = index.read("B", from, 1, true);
    REQUIRE(read.status == GANTRY_OK);
    REQUIRE(read.units.size() == 1);
    const int64_t unit = from / 7 * 2 + (from % 7 >= 3);
    CHECK(read.units[0].log_offset == unit * 100);
  }
  CHECK(index.read("B", max, 1, true).units.empty());
  CHECK(index.read("B", -1, 1, true).status == GANTRY_GONE);
}

TEST_CASE("a single record in a queue of inner batches is a batch of one") {
  Index index(small_files);
  REQUIRE(index.feed(batches(1)).consumed == 1);
  REQUIRE(index.feed(std::vector<Record>{{.topic = "B", .queue_offset = 3, .log_offset = 100}})
              .consumed == 1);
  CHECK(index.bounds("B")->second == 4);
  CHECK(index.read("B", 3, 1, false).units.at(0).span == 1);
}

TEST_CASE("a batch whose properties don't fit its number is an ordinary record") {
  Index index;
  Record record = batch_record(0, 7, 5);
  record.queue_offset = 0;
  REQUIRE(index.feed(std::vector{record}).consumed == 1);
  CHECK(index.bounds("B") == std::pair<int64_t, int64_t>{0, 1});
}

TEST_CASE("batches survive a kill from the table, and from their files alone") {
  Index index(small_files);
  REQUIRE(index.feed(batches(25)).consumed == 25);
  index.persist(2200);
  index.kill();
  index.start();
  CHECK(index.position() == 2200);
  CHECK(index.bounds("B")->second == 77);
  REQUIRE(index.feed(batches(25)).consumed == 25);
  CHECK(index.bounds("B")->second == 87);
  CHECK(index.all("B").size() >= 25);
}

TEST_CASE("a truncated queue of batches ends behind its last whole one") {
  Index index(small_files);
  REQUIRE(index.feed(batches(25)).consumed == 25);
  index.persist(2200);
  const int64_t to = GENERATE(2250, 1500, 0);
  index.truncate(to);
  if (to == 0) {
    CHECK_FALSE(index.bounds("B").has_value());
    REQUIRE(index.feed(batches(2)).consumed == 2);
    CHECK(index.bounds("B")->second == 7);
    return;
  }
  const int left = static_cast<int>((to + 99) / 100);
  const int64_t max = left / 2 * 7 + left % 2 * 3;
  CHECK(index.bounds("B")->second == max);
  REQUIRE(index.feed(batches(3, left * 100, max)).consumed == 3);
  index.persist(Index::far);
  index.restart();
  CHECK(index.read("B", max, 1, true).units.at(0).log_offset == left * 100);
}

TEST_CASE("a record for light queues has an entry in each of them") {
  Index index;
  std::string properties;
  fake::add_property(properties, "INNER_MULTI_DISPATCH", "%LMQ%a,%LMQ%b");
  fake::add_property(properties, "INNER_MULTI_QUEUE_OFFSET", "0,5");
  const Record record{.log_offset = 300, .tag_code = 9, .properties = properties};
  REQUIRE(index.feed(std::vector{record}).consumed == 1);
  for (const auto& [name, offset] : {std::pair{"%LMQ%a", 0}, {"%LMQ%b", 5}, {"T", 0}}) {
    INFO(name);
    const Read read = index.read(name, offset, 1, false);
    REQUIRE(read.units.size() == 1);
    CHECK((read.units[0].log_offset == 300 && read.units[0].code == 9));
  }
}

TEST_CASE("properties of light queues that are wrong hurt nobody") {
  Index index;
  const std::vector<std::pair<std::string, std::string>> wrong{{"%LMQ%a,%LMQ%b", "0"},
                                                               {"%LMQ%a", "0,1"},
                                                               {"%LMQ%a", "x"},
                                                               {"%LMQ%a", "-1"},
                                                               {"T", "0"},
                                                               {"%LMQ%../../x", "0"},
                                                               {"%LMQ%a", "99999999999999999999"},
                                                               {"%LMQ%a", "9223372036854775807"},
                                                               {"", ""}};
  std::vector<Record> records;
  for (const auto& [names, numbers] : wrong) {
    std::string properties;
    fake::add_property(properties, "INNER_MULTI_DISPATCH", names);
    fake::add_property(properties, "INNER_MULTI_QUEUE_OFFSET", numbers);
    const auto number = static_cast<int64_t>(records.size());
    records.push_back(
        {.queue_offset = number, .log_offset = number * 100, .properties = properties});
  }
  CHECK(index.feed(records).consumed == records.size());
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{0, 9});
  CHECK_FALSE(index.bounds("%LMQ%a").has_value());
}

TEST_CASE("a light queue's number that is not the next is noted, not an error of the log") {
  Index index;
  for (int64_t i = 0; i < 3; ++i) {
    std::string properties;
    fake::add_property(properties, "INNER_MULTI_DISPATCH", "%LMQ%a");
    fake::add_property(properties, "INNER_MULTI_QUEUE_OFFSET", std::to_string(i * i));
    const Fed fed = index.feed(
        std::vector<Record>{{.queue_offset = i, .log_offset = i * 100, .properties = properties}});
    CHECK(fed.status == GANTRY_OK);
  }
  CHECK(index.bounds("%LMQ%a")->second == 2);
  CHECK(index.host().logged("record 200 of %LMQ%a/0 has queue offset 4, expected 2"));
}

}  // namespace
}  // namespace gantry::testing
