// Batches: the header's m says that a body holds several messages, whatever the code.
#include <catch2/catch.hpp>

#include <set>

#include "cpp/values.hpp"
#include "protocol/ids.hpp"
#include "protocol/message.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
namespace sdk = gantry::sdk;

namespace {

void check_refused(const fake::Answer& answer, int32_t code, const std::string& remark) {
  CHECK(answer.code == code);
  CHECK_THAT(answer.remark, Catch::Contains(remark));
}

}  // namespace

TEST_CASE("a batch is stored message by message and answered with every id") {
  Rig rig;
  rig.ask(310, send_v2("T"), "x");
  std::string body;
  for (const char* text : {"one", "two", "three"}) {
    const std::string own = properties({{"KEYS", text}});
    REQUIRE(gantry::protocol::append_batch_item(body, {.flag = 7, .body = text, .properties = own})
                .has_value());
  }
  for (const int32_t code : {320, 310}) {
    const int64_t begin = rig.log.end();
    const auto answer = rig.ask(code, send_v2("T", {{"m", "true"}}), body);
    REQUIRE(answer.code == code::success);
    const auto records = rig.log.records(begin, rig.log.end());
    REQUIRE(records.size() == 3);
    std::string ids;
    for (const gantry_message& record : records) {
      ids += (ids.empty() ? "" : ",") +
             gantry::protocol::OffsetId{*gantry::protocol::parse_host("127.0.0.1:10911"),
                                        record.log_offset}
                 .text();
    }
    CHECK(answer.field("msgId") == ids);
    CHECK(answer.field("queueOffset") == std::to_string(records[0].queue_offset));
    CHECK(answer.field("transactionId") == "U1");
    CHECK(sdk::view(records[2].body) == "three");
    CHECK(sdk::view(records[2].property_text) == properties({{"KEYS", "three"}}));
    CHECK(records[2].app_flag == 7);
    CHECK(records[2].queue_offset == records[0].queue_offset + 2);
  }
}

TEST_CASE("a batch is refused for what it may not be") {
  Rig rig({.settings = {{"batch_messages_max", 2}}});
  rig.ask(310, send_v2("T"), "x");
  std::string body;
  REQUIRE(gantry::protocol::append_batch_item(body, {0, "one", {}}).has_value());
  const auto batch = [&](Overrides overrides, const std::string& bytes) {
    overrides.emplace_back("m", "true");
    return rig.ask(320, send_v2("T", overrides), bytes);
  };
  CHECK(batch({}, body).code == code::success);
  check_refused(batch({{"i", properties({{"DELAY", "2"}})}}, body), 13, "DELAY");
  check_refused(batch({{"b", "%RETRY%G1"}}, body), 13,
                "batch request does not support retry group %RETRY%G1");
  check_refused(batch({{"f", "4"}}, body), 13, "sysFlag");
  check_refused(batch({}, "garbage"), 1, "batch body");
  check_refused(batch({}, body + body + body), 13, "batch_messages_max is 2");
  // The code says nothing: without m=true the body is one message.
  CHECK(rig.ask(320, send_v2("T"), "x").code == code::success);
}

TEST_CASE("a batch makes its topic and picks its queue as one message does") {
  Rig rig;
  std::string body;
  REQUIRE(gantry::protocol::append_batch_item(body, {0, "one", {}}).has_value());
  REQUIRE(gantry::protocol::append_batch_item(body, {0, "two", {}}).has_value());
  std::set<std::string> queues;
  for (int i = 0; i < 64; ++i) {
    const auto answer = rig.ask(320, send_v2("New", {{"m", "true"}, {"e", "-1"}}), body);
    REQUIRE(answer.code == code::success);
    queues.insert(answer.field("queueId").value());
    const auto records = rig.log.records(rig.log.begin(), rig.log.end());
    CHECK(records[records.size() - 2].queue_id == records.back().queue_id);
  }
  CHECK(queues == std::set<std::string>{"0", "1", "2", "3"});
  check_refused(rig.ask(320, send_v2("New", {{"m", "true"}, {"e", "4"}}), body), 29, "queueId[4]");
  check_refused(rig.ask(320, send_v2("SELF_TEST_TOPIC", {{"m", "true"}}), body), 16, "forbidden");
}
