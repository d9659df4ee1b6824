// What consumers say of themselves, and whether members of a group subscribe alike.
#include <catch2/catch.hpp>

#include "protocol/bodies.hpp"
#include "protocol/subscription_compare.hpp"

namespace gantry::protocol {
namespace {

SubscriptionData by_tags(const std::string& topic, std::vector<std::string> tags) {
  SubscriptionData data;
  data.topic = topic;
  for (const std::string& tag : tags) data.expression += data.expression.empty() ? tag : "||" + tag;
  data.tags = std::move(tags);
  return data;
}

SubscriptionData all_of(const std::string& topic) {
  SubscriptionData data;
  data.topic = topic;
  data.expression.assign(1, '*');
  return data;
}

MemberSubscriptions member(const std::string& client, std::vector<SubscriptionData> wanted) {
  return member_subscriptions(client, "G", wanted);
}

}  // namespace

TEST_CASE("a queue's offsets are read as the C++ client writes them, -1 without its sign") {
  const auto read = [](const std::string& offset) {
    return read_body<ConsumerRunningInfo>(
        R"({"mqTable":{{"brokerName":"b","queueId":3,"topic":"t"}:{"cachedMsgMinOffset":"7",)"
        R"("commitOffset":)" + offset + "}}}");
  };
  const auto info = read(R"("18446744073709551615")");
  REQUIRE(info.has_value());
  CHECK(info->queues.at({"t", "b", 3}).commit_offset == -1);
  CHECK(info->queues.at({"t", "b", 3}).cached_min_offset == 7);
  const auto with_sign = read(R"("-1")");
  REQUIRE(with_sign.has_value());
  CHECK(with_sign->queues.at({"t", "b", 3}).commit_offset == -1);
  for (const char* wrong : {R"("18446744073709551616")", R"("7x")", R"("")", "1e30"}) {
    const auto refused = read(wrong);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().text.find("commitOffset") != std::string::npos);
  }
}

TEST_CASE("a running state is read as Java writes it, and what is not known is kept") {
  const auto info = read_body<ConsumerRunningInfo>(
      R"({"jstack":"stacks","mqPopTable":{},"mqTable":{{"brokerName":"b","queueId":3,"topic":"t"}:{)"
      R"("cachedMsgCount":2,"cachedMsgMaxOffset":9,"cachedMsgMinOffset":8,"cachedMsgSizeInMiB":1,)"
      R"("commitOffset":8,"droped":true,"lastConsumeTimestamp":30,"lastLockTimestamp":10,)"
      R"("lastPullTimestamp":20,"locked":true,"transactionMsgCount":0,"tryUnlockTimes":0}},)"
      R"("properties":{"PROP_CONSUME_TYPE":"CONSUME_PASSIVELY","unitMode":false,"threads":20},)"
      R"("statusTable":{"t":{"consumeFailedMsgs":0,"pullRT":1.5}},"subscriptionSet":[)"
      R"({"codeSet":[],"expressionType":"TAG","subString":"*","subVersion":5,"tagsSet":[],)"
      R"("topic":"t"}],"userConsumerInfo":{}})");
  INFO((info.has_value() ? "" : info.error().text));
  REQUIRE(info.has_value());
  CHECK(info->properties.at("PROP_CONSUME_TYPE") == "CONSUME_PASSIVELY");
  CHECK(info->properties.at("unitMode") == "false");
  CHECK(info->properties.at("threads") == "20");
  REQUIRE(info->subscriptions.size() == 1);
  CHECK(info->subscriptions[0].topic == "t");
  const ProcessQueueInfo& queue = info->queues.at({"t", "b", 3});
  CHECK(queue == ProcessQueueInfo{.commit_offset = 8,
                                  .cached_min_offset = 8,
                                  .cached_max_offset = 9,
                                  .cached_messages = 2,
                                  .cached_mib = 1,
                                  .locked = true,
                                  .last_lock_ms = 10,
                                  .dropped = true,
                                  .last_pull_ms = 20,
                                  .last_consume_ms = 30});
  CHECK(info->rates == R"({"t":{"consumeFailedMsgs":0,"pullRT":1.5}})");
  CHECK(info->stacks == "stacks");
  const std::string written = write_body(*info, JsonStyle::legacy);
  CHECK_THAT(written,
             Catch::Contains(R"("mqTable":{{"brokerName":"b","queueId":3,"topic":"t"}:{)"));
  CHECK(read_body<ConsumerRunningInfo>(written).value() == *info);
}

TEST_CASE("Go's word for a dropped queue, and its numbers for results, are understood") {
  const auto info = read_body<ConsumerRunningInfo>(
      R"({"mqTable":{{"topic":"t","brokerName":"b","queueId":0}:{"dropped":true}}})");
  REQUIRE(info.has_value());
  CHECK(info->queues.begin()->second.dropped);
  const auto result = read_body<ConsumeDirectlyResult>(R"({"consumeResult":1,"order":true})");
  REQUIRE(result.has_value());
  CHECK(result->result == ConsumeDirectly::later);
  CHECK(result->order);
}

TEST_CASE("what a listener said of one message is written as Java writes it") {
  ConsumeDirectlyResult result;
  result.result = ConsumeDirectly::threw;
  result.remark = "no";
  result.spent_ms = 3;
  CHECK(write_body(result) ==
        R"({"autoCommit":true,"consumeResult":"CR_THROW_EXCEPTION","order":false,)"
        R"("remark":"no","spentTimeMills":3})");
}

TEST_CASE("members differ by the first topic that one of them wants differently") {
  const auto a = member("a", {by_tags("T", {"x", "y"}), all_of("U")});
  CHECK(difference(a, member("b", {all_of("U"), by_tags("T", {"y", "x"})})).empty());
  CHECK(difference(a, member("b", {by_tags("T", {"x"}), all_of("U")})) ==
        "client a subscribes to T with TAG x || y, client b subscribes to T with TAG x");
  CHECK(difference(a, member("b", {by_tags("T", {"x", "y"})})) ==
        "client a subscribes to U with TAG *, client b does not subscribe to U");
  SubscriptionData sql = all_of("U");
  sql.expression_type = "SQL92";
  CHECK(difference(member("a", {all_of("U")}), member("b", {sql})) ==
        "client a subscribes to U with TAG *, client b subscribes to U with SQL92 *");
}

TEST_CASE("the group's own retries and members that said nothing make no difference") {
  const auto a = member("a", {all_of("T"), all_of("%RETRY%G")});
  CHECK(difference(a, member("b", {all_of("T")})).empty());
  CHECK(difference(a, member("b", {})).empty());
  CHECK_FALSE(difference(a, member("b", {all_of("T"), all_of("%RETRY%H")})).empty());
}

}  // namespace gantry::protocol
