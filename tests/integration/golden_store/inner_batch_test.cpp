// Queues of inner batches that a Java broker wrote, pulled through a broker of real modules.
#include <catch2/catch.hpp>

#include "client/connection.hpp"
#include "integration/test_node.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "recorded.hpp"

using namespace gantry;
using namespace gantry::golden_store;

namespace {

constexpr const char* topic = "TopicBatchCq";

integration::Shape shape() {
  integration::Shape out;
  out.segment_bytes = 65536;
  out.plugins += R"([plugins.store_file]
consume_queue_file_bytes = 2000
index_slots = 100
index_entries = 400
)";
  return out;
}

client::Reply ask(client::Connection& broker, int32_t code, const client::Fields& fields) {
  const Outcome<client::Reply> reply = broker.call(code, fields);
  INFO((reply.has_value() ? "" : reply.error().text));
  REQUIRE(reply.has_value());
  return *reply;
}

std::string field(const client::Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.fields)
    if (key == name) return value;
  return {};
}

client::Fields pull(int64_t offset, int most) {
  return {{"consumerGroup", "G"},
          {"topic", topic},
          {"queueId", "0"},
          {"queueOffset", std::to_string(offset)},
          {"maxMsgNums", std::to_string(most)},
          {"sysFlag", "4"},
          {"commitOffset", "0"},
          {"suspendTimeoutMillis", "0"},
          {"subVersion", "0"},
          {"subscription", "*"}};
}

// Base and count of each inner batch, in order.
std::vector<std::pair<int64_t, int64_t>> batches(const Recorded& recorded) {
  std::vector<std::pair<int64_t, int64_t>> out;
  for (const Line& line : recorded.lines("expected.jsonl")) {
    if (text_at(line, "topic") != topic) continue;
    const Line& properties = line.at("properties").as_object();
    out.emplace_back(number_at(line, "queueOffset"), std::stoll(text_at(properties, "INNER_NUM")));
  }
  return out;
}

}  // namespace

TEST_CASE("a Java broker's inner batches are pulled whole from any offset inside them") {
  const auto source = Recorded::find("extra");
  if (!source) return;
  const Recorded recorded(*source);
  integration::TestNode node;
  const Outcome<void> started = node.start_on(recorded.root(), shape());
  INFO((started.has_value() ? "" : started.error().text));
  REQUIRE(started.has_value());
  client::Connection broker(node.address("broker"));
  REQUIRE(ask(broker, 17,
              {{"topic", topic},
               {"defaultTopic", "TBW102"},
               {"readQueueNums", "1"},
               {"writeQueueNums", "1"},
               {"perm", "6"},
               {"topicFilterType", "SINGLE_TAG"},
               {"topicSysFlag", "0"},
               {"order", "false"}})
              .code == 0);
  const auto written = batches(recorded);
  REQUIRE(written.size() == 5);
  for (const auto& [base, count] : written) {
    for (int64_t offset = base; offset < base + count; ++offset) {
      INFO(offset);
      const client::Reply reply = ask(broker, 11, pull(offset, 1));
      REQUIRE(reply.code == 0);
      CHECK(field(reply, "nextBeginOffset") == std::to_string(base + count));
      const auto records = protocol::decode_records(reply.body);
      REQUIRE(records.has_value());
      REQUIRE(records->size() == 1);
      CHECK((*records)[0].queue_offset == base);
    }
  }
  const int64_t end = written.back().first + written.back().second;
  CHECK(ask(broker, 11, pull(end, 1)).code == protocol::response_code::pull_not_found);
  CHECK(field(ask(broker, 11, pull(4, 32)), "nextBeginOffset") == std::to_string(end));
}
