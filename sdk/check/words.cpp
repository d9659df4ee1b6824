#include "check/words.hpp"

#include <iterator>
#include <limits>

namespace gantry::sdk::check {
namespace {

constexpr size_t huge_bytes = 20'000;  // a record's properties may have 32,767
constexpr uint64_t left_out = 12;      // one field in so many

// The header fields of RocketMQ's requests, the short ones of a send among them. What each holds: a
// topic, a group, a client, this broker, a number, a flag, a subscription, properties, or a word by
// itself (value_of).
struct Field {
  const char* name;
  char kind;
};
constexpr Field all_fields[] = {{"topic", 't'},
                                {"consumerGroup", 'g'},
                                {"producerGroup", 'g'},
                                {"group", 'g'},
                                {"groupName", 'g'},
                                {"srcGroup", 'g'},
                                {"destGroup", 'g'},
                                {"clientId", 'c'},
                                {"clientID", 'c'},
                                {"queueId", 'n'},
                                {"queueOffset", 'n'},
                                {"maxMsgNums", 'n'},
                                {"commitOffset", 'n'},
                                {"offset", 'n'},
                                {"timestamp", 'n'},
                                {"beginTimestamp", 'n'},
                                {"endTimestamp", 'n'},
                                {"maxNum", 'n'},
                                {"sysFlag", 'n'},
                                {"flag", 'n'},
                                {"subVersion", 'n'},
                                {"bornTimestamp", 'n'},
                                {"readQueueNums", 'n'},
                                {"writeQueueNums", 'n'},
                                {"perm", 'P'},
                                {"topicSysFlag", 'n'},
                                {"brokerId", 'n'},
                                {"reconsumeTimes", 'n'},
                                {"delayLevel", 'n'},
                                {"suspendTimeoutMillis", 'n'},
                                {"defaultTopicQueueNums", 'n'},
                                {"order", 'f'},
                                {"isForce", 'f'},
                                {"unitMode", 'f'},
                                {"batch", 'f'},
                                {"brokerName", 'b'},
                                {"clusterName", 'b'},
                                {"brokerAddr", 'b'},
                                {"cluster", 'b'},
                                {"subscription", 's'},
                                {"properties", 'p'},
                                {"defaultTopic", 'D'},
                                {"key", 't'},
                                {"value", 't'},
                                {"namespace", 't'},
                                {"topicFilterType", 'T'},
                                {"expressionType", 'E'},
                                {"a", 'g'},
                                {"b", 't'},
                                {"c", 'D'},
                                {"d", 'n'},
                                {"e", 'n'},
                                {"f", 'n'},
                                {"g", 'n'},
                                {"h", 'n'},
                                {"i", 'p'},
                                {"j", 'n'},
                                {"k", 'f'},
                                {"m", 'f'},
                                {"n", 'b'}};

}  // namespace

int64_t Words::number() {
  static constexpr int64_t edges[] = {0,
                                      1,
                                      -1,
                                      7,
                                      1024,
                                      std::numeric_limits<int32_t>::max(),
                                      std::numeric_limits<int64_t>::max(),
                                      std::numeric_limits<int64_t>::min()};
  return wild_ ? edges[below(std::size(edges))] : static_cast<int64_t>(below(8));
}

std::string Words::bytes(size_t size) {
  std::string out(size, '\0');
  for (char& byte : out) byte = static_cast<char>(below(256));
  return out;
}

std::string Words::name() {
  static constexpr const char* tame[] = {"TopicA", "TopicB", "GroupA", "%RETRY%GroupA", "client@1"};
  if (wild_ && one_in(3)) return one_in(2) ? "" : bytes(1 + below(300));
  return tame[below(std::size(tame))];
}

std::string Words::value() {
  if (wild_ && one_in(3)) {
    if (one_in(3)) return "";
    return one_in(4) ? std::string(huge_bytes, 'v') : bytes(below(64));
  }
  switch (below(4)) {
    case 0:
      return std::to_string(number());
    case 1:
      return one_in(2) ? "true" : "false";
    default:
      return name();
  }
}

std::string Words::value_of(char kind) {
  if (wild_ && one_in(6)) return value();
  switch (kind) {
    case 'n':
      return std::to_string(number());
    case 'f':
      return one_in(2) ? "true" : "false";
    case 't':
      return one_in(2) ? "TopicA" : "TopicB";
    case 'g':
      return "GroupA";
    case 'c':
      return "client@1";
    case 'b':
      return "broker-a";
    case 's':
      return expression();
    case 'p':
      return properties();
    case 'D':
      return "TBW102";
    case 'P':
      return "6";
    case 'E':
      return "TAG";
    default:
      return "SINGLE_TAG";
  }
}

fake::Fields Words::fields() {
  fake::Fields out;
  for (const Field& field : all_fields)
    if (!one_in(left_out)) out.emplace_back(field.name, value_of(field.kind));
  return out;
}

std::string Words::body() {
  static constexpr const char* tame[] = {
      "", "body", "{}",
      // a heartbeat, and a lock of queues
      R"({"clientID":"client@1","producerDataSet":[{"groupName":"GroupA"}],"consumerDataSet":[{)"
      R"("groupName":"GroupA","consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING",)"
      R"("consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","unitMode":false,"subscriptionDataSet":[{)"
      R"("topic":"TopicA","subString":"*","subVersion":1,"expressionType":"TAG"}]}]})",
      R"({"consumerGroup":"GroupA","clientId":"client@1",)"
      R"("mqSet":[{"topic":"TopicA","brokerName":"broker-a","queueId":0}]})"};
  if (wild_ && one_in(2)) return one_in(8) ? std::string(3 * huge_bytes, 'b') : bytes(below(512));
  return tame[below(std::size(tame))];
}

std::string Words::expression() {
  static constexpr const char* tame[] = {"*",     "TagA",    "TagA || TagB",
                                         "a > 1", "key=one", "a IS NOT NULL AND b = 'x'"};
  if (wild_ && one_in(2)) return one_in(4) ? std::string(huge_bytes, '(') : bytes(below(64));
  return tame[below(std::size(tame))];
}

std::string Words::properties() {
  if (wild_ && one_in(3)) return one_in(3) ? "" : bytes(below(200));
  std::string out;
  for (uint64_t left = below(4); left > 0; --left) {
    static constexpr const char* names[] = {"TAGS", "KEYS", "UNIQ_KEY", "a", "DELAY"};
    out += std::string(names[below(std::size(names))]) + '\x01' + value() + '\x02';
  }
  return out.size() > 30'000 ? std::string() : out;
}

}  // namespace gantry::sdk::check
