#include "node/verify/queue_numbers.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

using namespace gantry;
using namespace gantry::node;

namespace {

struct Numbers {
  std::vector<std::string> found;
  Findings findings{[this](const std::string& line) { found.push_back(line); }, 100};
  QueueNumbers numbers{findings};

  void put(int64_t number, int32_t sys_flag = 0, std::string_view properties = {},
           int32_t queue_id = 0, std::string_view topic = "T") {
    commitlog::RecordView record;
    record.topic = topic;
    record.queue_id = queue_id;
    record.queue_offset = QueueOffset(number);
    record.sys_flag = sys_flag;
    record.property_text = properties;
    numbers.check(record);
  }
  void put_further(int64_t number, const std::string& names, const std::string& numbers_there) {
    put(number, 0,
        "INNER_MULTI_DISPATCH\x01" + names + "\x02INNER_MULTI_QUEUE_OFFSET\x01" + numbers_there +
            "\x02");
  }
};

constexpr std::string_view three_inside =
    "a\x01"
    "b\x02INNER_NUM\x01"
    "3\x02";

}  // namespace

TEST_CASE("queues are numbered apart, each from where it begins") {
  Numbers log;
  for (int64_t number : {0, 1, 2}) log.put(number);
  for (int64_t number : {70, 71}) log.put(number, 0, {}, 1);
  log.put(5, 0, {}, 0, "another");
  CHECK(log.found.empty());
  CHECK(log.numbers.queues() == 3);
}

TEST_CASE("a missing number is found once, with queue and both numbers") {
  Numbers log;
  for (int64_t number : {0, 1, 3, 4}) log.put(number);
  REQUIRE(log.found.size() == 1);
  CHECK(log.found[0].find("topic T queue 0 has number 3, expected 2: some are missing") !=
        std::string::npos);
}

TEST_CASE("a number given twice is found, and counting goes on where it was") {
  Numbers log;
  for (int64_t number : {0, 1, 1, 2}) log.put(number);
  REQUIRE(log.found.size() == 1);
  CHECK(log.found[0].find("has number 1, expected 2: given twice") != std::string::npos);
}

TEST_CASE("prepared and rollback records carry 0 and are in no queue, commits are") {
  Numbers log;
  log.put(0);
  log.put(0, 0x4);
  log.put(0, 0xC);
  log.put(1, 0x8);
  log.put(2);
  CHECK(log.found.empty());
}

TEST_CASE("an inner batch takes as many numbers as it says") {
  Numbers log;
  log.put(0, 0x80, three_inside);
  log.put(3);
  CHECK(log.found.empty());
  log.put(4, 0x80, three_inside);
  log.put(5);
  REQUIRE(log.found.size() == 1);
}

TEST_CASE("without the flag a record that says so takes one number or all: its queue decides") {
  for (int64_t next : {1, 3}) {
    Numbers log;
    log.put(0, 0, three_inside);
    log.put(next);
    CHECK(log.found.empty());
  }
  Numbers log;
  log.put(0, 0, three_inside);
  log.put(4);
  CHECK(log.found.size() == 1);
}

TEST_CASE("further queues are numbered apart and densely, as queue 0 of their names") {
  Numbers log;
  log.put_further(0, "%LMQ%a,%LMQ%b", "7,0");
  log.put(1);
  log.put_further(2, "%LMQ%b", "1");
  log.put_further(3, "%LMQ%a,%LMQ%b", "8,2");
  CHECK(log.found.empty());
  CHECK(log.numbers.queues() == 3);
  log.put_further(4, "%LMQ%a,%LMQ%b", "10,2");
  REQUIRE(log.found.size() == 2);
  CHECK(log.found[0].find("topic %LMQ%a queue 0 has number 10, expected 9: some are missing") !=
        std::string::npos);
  CHECK(log.found[1].find("topic %LMQ%b queue 0 has number 2, expected 3: given twice") !=
        std::string::npos);
}

TEST_CASE("names without numbers are in no further queue, as RocketMQ leaves them") {
  Numbers log;
  log.put(0, 0, "INNER_MULTI_DISPATCH\x01%LMQ%a\x02");
  log.put_further(1, "plain", "");
  log.put_further(2, "plain,%LMQ%a,other", ",0,");
  log.put_further(3, "%LMQ%a", "1");
  CHECK(log.found.empty());
  CHECK(log.numbers.queues() == 2);
}

TEST_CASE("numbers that don't fit the names are found") {
  for (const auto& [names, numbers] : {std::pair("%LMQ%a,%LMQ%b", "0"), std::pair("%LMQ%a", "0,1"),
                                       std::pair("%LMQ%a,%LMQ%b", "0,x"),
                                       std::pair("%LMQ%a,%LMQ%b", "0,"),
                                       std::pair("%LMQ%a,%LMQ%b", "0,-1")}) {
    CAPTURE(names, numbers);
    Numbers log;
    log.put_further(0, names, numbers);
    CHECK(log.found.size() == 1);
  }
}

TEST_CASE("a number no queue has is found, and nothing is counted from it") {
  Numbers log;
  log.put(0);
  log.put(std::numeric_limits<int64_t>::max());
  log.put(-1);
  log.put(1);
  CHECK(log.found.size() == 2);
}

TEST_CASE("findings beyond the limit are counted, not shown") {
  int shown = 0;
  Findings findings([&](const std::string&) { ++shown; }, 2);
  for (int i = 0; i < 5; ++i) findings.add("finding {}", i);
  CHECK(shown == 2);
  CHECK(findings.count() == 5);
  CHECK(findings.hidden() == 3);
}
