// Subscriptions by SQL92 expressions in a whole node: which messages a pull brings, and what it says of
// an expression that is wrong or can't be judged.
#include <catch2/catch.hpp>

#include "client/connection.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/names.hpp"
#include "protocol/pull_header.hpp"
#include "protocol/send_header.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;
using Catch::Matchers::Contains;

namespace {

Shape with_functions() {
  Shape shape;
  shape.load.push_back("filter_sql92");
  shape.load.push_back(std::string(GANTRY_BINARY_DIR) +
                       "/lib/gantry/test-plugins/sql92_functions.so");
  return shape;
}

struct Consumer : TestNode {
  Consumer() {
    REQUIRE(start(with_functions()).has_value());
    broker.emplace(address("broker"));
  }

  client::Reply call(int32_t code, const protocol::Fields& fields, std::string_view body = {}) {
    const Outcome<client::Reply> reply = broker->call(code, fields, body);
    INFO((reply.has_value() ? "" : reply.error().text));
    REQUIRE(reply.has_value());
    return *reply;
  }
  void send(const std::string& body, const std::string& properties) {
    protocol::SendMessageHeader header;
    header.producer_group = "sql_producer";
    header.topic = "T";
    header.default_topic = protocol::topic::auto_create;
    header.default_topic_queues = 4;
    header.born_ms = 1'700'000'000'000;
    header.properties = properties;
    CHECK(call(protocol::request_code::send_message_v2,
               write_send_header(header, protocol::SendForm::v2), body)
              .code == 0);
  }
  client::Reply pull(const std::string& expression) {
    protocol::PullMessageHeader header;
    header.consumer_group = "sql_consumer";
    header.topic = "T";
    header.messages_max = 32;
    header.sys_flag = protocol::pull_flag::subscription;
    header.subscription = expression;
    header.expression_type = "SQL92";
    return call(protocol::request_code::pull_message, write_pull_header(header));
  }
  std::vector<std::string> bodies(const std::string& expression) {
    const client::Reply reply = pull(expression);
    INFO(reply.remark);
    CHECK(reply.code == 0);
    std::vector<std::string> out;
    const auto records = protocol::decode_records(reply.body);
    REQUIRE(records.has_value());
    for (const auto& record : *records) out.emplace_back(record.body);
    return out;
  }

  std::optional<client::Connection> broker;
};

}  // namespace

TEST_CASE("a pull brings the messages its SQL92 expression means") {
  Consumer consumer;
  consumer.send("one", "region\x01" "eu\x02" "amount\x01" "50\x02");
  consumer.send("two", "region\x01" "eu\x02" "amount\x01" "150\x02");
  consumer.send("three", "region\x01us\x02");
  CHECK(consumer.bodies("region = 'eu' AND amount > 100") == std::vector<std::string>{"two"});
  CHECK(consumer.bodies("region LIKE '_s' OR amount < 100") ==
        std::vector<std::string>{"one", "three"});
  CHECK(consumer.bodies("size(region) = 2 AND amount IS NULL") == std::vector<std::string>{"three"});
}

TEST_CASE("a pull whose SQL92 expression is wrong is told where") {
  Consumer consumer;
  consumer.send("one", "a\x01" "1\x02");
  const client::Reply reply = consumer.pull("a = 1 AND\n b ~ 2");
  CHECK(reply.code == protocol::response_code::subscription_parse_failed);
  CHECK_THAT(reply.remark, Contains("line 2, column 4"));
}

TEST_CASE("a pull stops at a message that a function of its expression fails on") {
  Consumer consumer;
  consumer.send("one", "a\x01why\x02");
  const client::Reply reply = consumer.pull("fail(a)");
  CHECK(reply.code == protocol::response_code::system_error);
  CHECK_THAT(reply.remark, Contains("offset 0") && Contains("failed on purpose: why"));
}
