// Light queues: further queues of a record, besides its own. Whoever waits for one is woken by it.
#include <catch2/catch.hpp>

#include "cpp/host.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
namespace sdk = gantry::sdk;

namespace {

const std::string light = "%LMQ%a";

void make_topic(Rig& rig, const std::string& topic) {
  REQUIRE(rig.ask(17, {{"topic", topic},
                       {"readQueueNums", "1"},
                       {"writeQueueNums", "1"},
                       {"perm", "6"}})
              .code == code::success);
}

// As a module that puts a record into a light queue besides its own.
void append(Rig& rig, const std::string& name, const std::string& tag) {
  std::string text;
  fake::add_property(text, "INNER_MULTI_DISPATCH", name);
  fake::add_property(text, "TAGS", tag);
  const std::string host = fake::host_bytes("127.0.0.1:10911");
  const std::string body = "body of " + tag;
  gantry_message record{};
  record.struct_size = sizeof record;
  record.topic = sdk::str("T");
  record.body = sdk::bytes(body);
  record.property_text = sdk::str(text);
  record.born_host = record.store_host = sdk::bytes(host);
  const gantry_str stream = sdk::str(name);
  gantry_put put{};
  put.struct_size = sizeof put;
  put.count = put.span = put.stream_count = 1;
  put.stride = sizeof record;
  put.records = &record;
  put.streams = &stream;
  gantry_put_result result{};
  result.struct_size = sizeof result;
  const gantry_host* raw = rig.messaging->host();
  const auto& log = sdk::Host(raw).service<gantry_commitlog>(GANTRY_HOST_COMMITLOG);
  rig.host.on_shard([&](const gantry_call& call) {
    REQUIRE(log.append(raw, &call, &put, &result) == GANTRY_OK);
  });
  rig.host.run_until_idle();
}

std::shared_ptr<const fake::Exchange> hold(Rig& rig, const std::string& topic, int64_t offset,
                                           const std::string& subscription = "*") {
  auto fields = held_pull(topic, 0, offset, 15'000);
  for (auto& [key, value] : fields)
    if (key == "subscription") value = subscription;
  auto held = rig.send(11, std::move(fields));
  REQUIRE_FALSE(held->answer.has_value());
  return held;
}

}  // namespace

TEST_CASE("a record wakes who waits for its light queue, and who waits for its own") {
  Rig rig;
  for (const std::string& topic : {std::string("T"), light, std::string("%LMQ%other")})
    make_topic(rig, topic);
  const auto own = hold(rig, "T", 0);
  const auto further = hold(rig, light, 0);
  const auto other = hold(rig, "%LMQ%other", 0);
  append(rig, light, "A");
  for (const auto& woken : {own, further}) {
    REQUIRE(woken->answer.has_value());
    CHECK(woken->answer->code == code::success);
    CHECK_THAT(woken->answer->body, Catch::Contains("body of A"));
  }
  CHECK_FALSE(other->answer.has_value());
  const auto next = hold(rig, light, 1);
  append(rig, light, "B");
  REQUIRE(next->answer.has_value());
  CHECK(next->answer->field("nextBeginOffset") == "2");
}

TEST_CASE("each of a record's light queues is woken, whatever stands between their names") {
  Rig rig;
  make_topic(rig, "T");
  make_topic(rig, "%LMQ%b");
  make_topic(rig, "%LMQ%c");
  const auto woken = [&](const std::string& topic, const std::string& names) {
    // The record is in no light queue of the rig's index: who is woken looks, and finds nothing.
    const auto held = hold(rig, topic, 0);
    append(rig, names, "A");
    return held->answer.has_value();
  };
  CHECK(woken("%LMQ%b", "%LMQ%b,%LMQ%c"));
  CHECK(woken("%LMQ%c", "%LMQ%b,%LMQ%c"));
  CHECK(woken("%LMQ%c", ",%LMQ%b,,%LMQ%c,"));
  CHECK_FALSE(woken("%LMQ%c", "%LMQ%b,%LMQ%cc"));
}

TEST_CASE("a record whose tag is not for a light queue's pull doesn't wake it") {
  Rig rig;
  make_topic(rig, "T");
  make_topic(rig, light);
  const auto held = hold(rig, light, 0, "A");
  append(rig, light, "B");
  CHECK_FALSE(held->answer.has_value());
  append(rig, light, "A");
  REQUIRE(held->answer.has_value());
  CHECK(held->answer->code == code::success);
  CHECK_THAT(held->answer->body, Catch::Contains("body of A"));
  CHECK(held->answer->field("nextBeginOffset") == "2");
}
