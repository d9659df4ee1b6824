#include "cpp/fake/record.hpp"

#include <catch2/catch.hpp>

#include "cpp/fake/log.hpp"
#include "cpp/values.hpp"

using namespace gantry::sdk;

namespace {

fake::Appended append(fake::Log& log, const std::string& topic, const std::string& body = "b") {
  return log.append_visible({.topic = topic, .body = body, .tag = "red"}, 1000);
}

}  // namespace

TEST_CASE("crc and tag hashes are RocketMQ's") {
  REQUIRE(fake::crc32(span(bytes(std::string_view("123456789")))) == 0xCBF43926);
  REQUIRE(fake::tag_code("TagA") == 2598919);
  REQUIRE(fake::tag_code("polygenelubricants") == -2147483648LL);  // the lowest Java hash
  REQUIRE(fake::tag_code("\xE4\xB8\xAD") == 0x4E2D);
  REQUIRE(fake::tag_code("\xF0\x9F\x98\x80") == 0xD83D * 31 + 0xDE00);  // two UTF-16 units
  REQUIRE(fake::tag_code("") == 0);
}

TEST_CASE("properties are found by whole names") {
  std::string text;
  fake::add_property(text, "KEYS", "a b");
  fake::add_property(text, "TAGS", "red");
  REQUIRE(text == "KEYS\1a b\2TAGS\1red\2");
  REQUIRE(fake::find_property(text, "TAGS") == "red");
  REQUIRE_FALSE(fake::find_property(text, "TAG").has_value());
  REQUIRE_FALSE(fake::find_property("", "TAGS").has_value());
}

TEST_CASE("a record has the layout of RocketMQ's CommitLog") {
  fake::Log log;
  const auto put = append(log, "topic", "body");
  const auto stored = log.bytes(put.log_begin, put.log_end);
  REQUIRE(stored.size() == 91 + 4 + 5 + 9);  // fixed part, body, topic, "TAGS 1 red 2"
  const uint8_t head[] = {0, 0, 0, 109, 0xDA, 0xA3, 0x20, 0xA7};
  REQUIRE(std::equal(std::begin(head), std::end(head), stored.begin()));
  const auto record = fake::decode(stored);
  REQUIRE(record.has_value());
  REQUIRE(view(record->topic) == "topic");
  REQUIRE(view(record->body) == "body");
  REQUIRE(record->stored_ms == 1000);
  REQUIRE(record->tag_code == fake::tag_code("red"));
  REQUIRE(view(record->store_host) == fake::host_bytes("127.0.0.1:10911"));
}

TEST_CASE("a topic above 127 bytes is stored as version 2") {
  fake::Log log;
  const std::string topic(200, 't');
  const auto put = append(log, topic);
  REQUIRE(log.bytes(put.log_begin, put.log_end)[7] == 0xAB);
  REQUIRE(view(log.records(0, log.end()).at(0).topic) == topic);
}

TEST_CASE("no cut of a record and no flipped body byte decodes") {
  fake::Log log;
  append(log, "topic", "some body");
  const auto stored = log.bytes(0, log.end());
  for (size_t size = 0; size < stored.size(); ++size)
    REQUIRE_FALSE(fake::decode(stored.first(size)).has_value());
  std::vector<uint8_t> damaged(stored.begin(), stored.end());
  damaged[90] ^= 1;
  REQUIRE_FALSE(fake::decode(damaged).has_value());
  REQUIRE(fake::decode(damaged, false).has_value());
}

TEST_CASE("addresses that are none are refused") {
  for (const char* wrong : {"", "127.0.0.1", "127.0.0:1", "256.0.0.1:1", "1.2.3.4:65536", "a:1"})
    REQUIRE_THROWS_AS(fake::host_bytes(wrong), std::invalid_argument);
}

TEST_CASE("marks rise with an append until they are held") {
  fake::Log log;
  append(log, "t");
  REQUIRE(log.mark(GANTRY_MARK_STABLE) == log.end());
  log.hold_marks();
  const int64_t before = log.end();
  append(log, "t");  // a test's own append is visible all the same
  REQUIRE(log.mark(GANTRY_MARK_VISIBLE) == log.end());
  REQUIRE(log.end() > before);
  REQUIRE_THROWS_AS(log.raise(GANTRY_MARK_DURABLE, log.end() + 1), std::logic_error);
}

TEST_CASE("a cut log numbers on from what is left") {
  fake::Log log;
  append(log, "t");
  const auto second = append(log, "t");
  append(log, "t");
  log.truncate(second.log_begin);
  REQUIRE(log.mark(GANTRY_MARK_STABLE) == second.log_begin);
  REQUIRE(append(log, "t").queue_offset == 1);
}

TEST_CASE("store times never go back") {
  fake::Log log;
  REQUIRE(log.append_visible({.topic = "t"}, 2000).stored_ms == 2000);
  REQUIRE(log.append_visible({.topic = "t"}, 1000).stored_ms == 2000);
}
