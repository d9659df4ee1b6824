#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "protocol/ids.hpp"

namespace gantry::protocol {

TEST_CASE("hosts are read with and without Java's slash and brackets") {
  CHECK(parse_host("10.1.2.3:10911")->text() == "10.1.2.3:10911");
  CHECK(parse_host("/10.1.2.3:10911") == parse_host("10.1.2.3:10911"));
  CHECK(parse_host("[2001:db8::1]:5")->text() == "[2001:db8:0:0:0:0:0:1]:5");
  for (const char* text : {"", "10.1.2.3", "10.1.2.3:", "10.1.2.3:65536", "10.1.2:1", "host:1"}) {
    INFO(text);
    CHECK_FALSE(parse_host(text));
  }
}

TEST_CASE("ids that are not ids are refused with their text") {
  CHECK(parse_offset_id("xyz").error().text == "message id 'xyz' has 3 characters, not 32 or 56");
  CHECK(parse_offset_id(std::string(32, 'g')).error().text ==
        "message id '" + std::string(32, 'g') + "' is not hexadecimal");
  CHECK(parse_unique_key(std::string(100'000, '0')).error().text.size() < 150);
}

TEST_CASE("unique keys made by many threads differ") {
  UniqueKeys keys(*parse_ip("10.1.2.3", 0), 42, 7);
  std::vector<std::string> made[4];
  std::vector<std::thread> threads;
  for (auto& mine : made) {
    threads.emplace_back([&keys, &mine] {
      for (int i = 0; i < 1000; ++i) mine.push_back(keys.next(1'700'000'000'000));
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  CHECK(all.size() == 4000);
}

TEST_CASE("a key made late in a long month is read back to its time") {
  UniqueKeys keys(*parse_ip("10.1.2.3", 0), 42, 7);
  const std::int64_t last_of_january = 1'706'745'599'999;  // more than 2^31 ms into the month
  const auto key = parse_unique_key(keys.next(last_of_january));
  REQUIRE(key.has_value());
  CHECK(key->made_ms(last_of_january) == last_of_january);
  CHECK(key->made_ms(last_of_january + 60'000) == last_of_january);
}

TEST_CASE("bytes that are not UTF-8 hash as replacement characters") {
  CHECK(string_hash("\xff") == 0xfffd);
  CHECK(string_hash("\xed\xa0\x80") == string_hash("\uFFFD\uFFFD\uFFFD"));
}

}  // namespace gantry::protocol
