// Shares of queues, compared with those RocketMQ's Java client computed.
#include "client/allocation.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fstream>

#include "support/golden.hpp"

namespace gantry::client {
namespace {

namespace bj = boost::json;

std::string text_of(const bj::value& json) {
  return json.is_string() ? std::string(json.as_string()) : std::string();
}

std::vector<MessageQueue> queues_of(const bj::value* json) {
  std::vector<MessageQueue> out;
  if (json == nullptr || !json->is_array()) return out;
  for (const bj::value& item : json->as_array()) {
    const bj::array& parts = item.as_array();
    out.push_back({text_of(parts[0]), text_of(parts[1]), parts[2].to_number<int32_t>()});
  }
  return out;
}

std::vector<std::string> members_of(const bj::value& json) {
  std::vector<std::string> out;
  if (!json.is_array()) return out;
  for (const bj::value& item : json.as_array()) out.push_back(text_of(item));
  return out;
}

}  // namespace

TEST_CASE("shares are those the Java client computes") {
  const auto file = testing::golden("allocation.jsonl");
  if (!file) return;
  std::ifstream in(*file);
  std::string line;
  int compared = 0;
  while (std::getline(in, line)) {
    const bj::object one = bj::parse(line).as_object();
    const std::string strategy = text_of(one.at("strategy"));
    if (strategy != "AVG" && strategy != "AVG_BY_CIRCLE") continue;
    INFO(line.substr(0, 300));
    const auto allocate = strategy == "AVG" ? allocate_average : allocate_by_circle;
    const auto queues = queues_of(one.if_contains("mqAll"));
    const auto members = members_of(one.at("cidAll"));
    const auto share = allocate(queues, members, text_of(one.at("currentCid")));
    // Where Java throws for want of members or queues, nobody gets anything.
    CHECK(share == queues_of(one.if_contains("result")));
    ++compared;
  }
  CHECK(compared == 84);
}

TEST_CASE("every queue is exactly one member's, however many of each there are") {
  for (const auto allocate : {allocate_average, allocate_by_circle}) {
    for (int queue_count = 0; queue_count < 20; ++queue_count) {
      for (int member_count = 1; member_count < 12; ++member_count) {
        std::vector<MessageQueue> queues;
        std::vector<std::string> members;
        for (int i = 0; i < queue_count; ++i) queues.push_back({"t", "b", i});
        for (int i = 0; i < member_count; ++i) members.push_back("c" + std::to_string(10 + i));
        std::vector<MessageQueue> all;
        for (const std::string& member : members) {
          const auto share = allocate(queues, members, member);
          all.insert(all.end(), share.begin(), share.end());
          CHECK(share.size() <= static_cast<size_t>(queue_count / member_count + 1));
        }
        std::sort(all.begin(), all.end());
        CHECK(all == queues);
      }
    }
  }
}

}  // namespace gantry::client
