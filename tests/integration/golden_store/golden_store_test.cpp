// The Java broker's store folders, opened by a node: every record, queue, key and time is where
// that broker said it is.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <set>

#include "commitlog/record.hpp"
#include "opened.hpp"
#include "protocol/bytes.hpp"
#include "protocol/properties.hpp"

using namespace gantry;
using namespace gantry::golden_store;
namespace json = boost::json;

namespace {

commitlog::RecordView decode(const std::string& bytes) {
  commitlog::RecordView out;
  const Bytes view(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  REQUIRE_FALSE(commitlog::decode_record(view, commitlog::decode_check, out));
  return out;
}

std::string_view chars(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "127.0.0.1:10911", "[0:0:0:0:0:0:0:1]:10911": Java's words for a host.
std::string host_text(Bytes host) {
  const size_t address = host.size() - 4;
  const auto byte = [&](size_t i) { return static_cast<unsigned>(host[i]); };
  const std::string port = std::to_string(byte(address + 2) << 8 | byte(address + 3));
  std::string out;
  if (address == 4) {
    for (size_t i = 0; i < 4; ++i) out += (i ? "." : "") + std::to_string(byte(i));
    return out + ":" + port;
  }
  static constexpr char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < 16; i += 2) {
    std::string group;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const char digit = digits[(byte(i) << 8 | byte(i + 1)) >> shift & 15];
      if (digit != '0' || !group.empty() || shift == 0) group += digit;
    }
    out += (i ? ":" : "") + group;
  }
  return out + ":" + port;
}

std::string without_brackets(std::string text) {
  std::erase_if(text, [](char c) { return c == '[' || c == ']'; });
  return text;
}

void check_text(const Line& line, const char* key, std::string_view text, const char* name) {
  const auto value = protocol::find_property(text, name);
  const json::value& expected = line.at(key);
  if (expected.is_null()) {
    CHECK_FALSE(value.has_value());
  } else {
    CHECK(value == std::string_view(expected.as_string()));
  }
}

void check_properties(const Line& line, std::string_view text) {
  std::map<std::string, std::string> found;
  for (const auto& [name, value] : protocol::Properties(text)) {
    found.insert_or_assign(std::string(name), std::string(value));
  }
  std::map<std::string, std::string> expected;
  for (const auto& [name, value] : line.at("properties").as_object()) {
    expected.emplace(name, value.as_string());
  }
  CHECK(found == expected);
}

// Every field of a line of expected.jsonl.
void check_record(const Line& line, const std::string& bytes) {
  const commitlog::RecordView record = decode(bytes);
  CHECK(record.topic.view() == text_at(line, "topic"));
  CHECK(record.queue_id == number_at(line, "queueId"));
  CHECK(record.queue_offset.value == number_at(line, "queueOffset"));
  CHECK(record.log_offset.value == number_at(line, "physicalOffset"));
  CHECK(record.record_size == number_at(line, "storeSize"));
  CHECK(record.version == number_at(line, "recordVersion"));
  CHECK(record.app_flag == number_at(line, "flag"));
  CHECK(record.sys_flag == number_at(line, "sysFlag"));
  CHECK(record.born_ms == number_at(line, "bornTimestamp"));
  CHECK(record.stored_ms == number_at(line, "storeTimestamp"));
  CHECK(host_text(record.born_host) == without_brackets(text_at(line, "bornHost")));
  CHECK(host_text(record.store_host) == without_brackets(text_at(line, "storeHost")));
  CHECK(record.reconsume_times == number_at(line, "reconsumeTimes"));
  CHECK(record.prepared_offset == number_at(line, "preparedTransactionOffset"));
  CHECK(record.body_crc == number_at(line, "bodyCrc"));
  CHECK(record.body.size() == static_cast<size_t>(number_at(line, "bodyLength")));
  CHECK(sha256(chars(record.body)) == text_at(line, "bodySha256"));
  const std::string_view properties = record.property_text.view();
  check_properties(line, properties);
  check_text(line, "uniqKey", properties, "UNIQ_KEY");
  check_text(line, "tags", properties, "TAGS");
  check_text(line, "keys", properties, "KEYS");
  CHECK(protocol::upper_hex(chars(record.store_host)) +
            protocol::upper_hex(std::string_view(bytes).substr(28, 8)) ==
        text_at(line, "offsetMsgId"));
}

std::optional<std::string> record_of(Opened& node, const Line& line) {
  return node.record(text_at(line, "topic"), number_at(line, "queueId"),
                     number_at(line, "queueOffset"));
}

void check_records(Opened& node, const std::vector<Line>& expected) {
  for (const Line& line : expected) {
    INFO(json::serialize(line));
    const auto bytes = record_of(node, line);
    REQUIRE(bytes.has_value());
    check_record(line, *bytes);
    CHECK(node.view(number_at(line, "physicalOffset")) == bytes);
  }
}

void check_queues(Opened& node, const std::vector<Line>& queues) {
  for (const Line& line : queues) {
    INFO(json::serialize(line));
    const std::string topic = text_at(line, "topic");
    const int64_t queue_id = number_at(line, "queueId");
    const Bounds bounds = node.bounds(topic, queue_id);
    CHECK(bounds == Bounds{number_at(line, "minOffset"), number_at(line, "maxOffset")});
    CHECK_FALSE(node.record(topic, queue_id, bounds.max).has_value());
    const auto first = node.record(topic, queue_id, bounds.min);
    if (number_at(line, "earliestStoreTime") < 0) continue;
    REQUIRE(first.has_value());
    CHECK(decode(*first).stored_ms == number_at(line, "earliestStoreTime"));
  }
}

void check_query(Opened& node, const Line& line) {
  const Found found = node.find({.topic = text_at(line, "topic"),
                                 .key = text_at(line, "key"),
                                 .begin_ms = number_at(line, "begin"),
                                 .end_ms = number_at(line, "end"),
                                 .most = number_at(line, "maxNum")});
  std::vector<int64_t> expected;
  for (const json::value& hit : line.at("hits").as_array()) {
    expected.push_back(number_at(hit.as_object(), "physicalOffset"));
  }
  std::vector<int64_t> offsets = found.log_offsets;
  CHECK(std::is_sorted(offsets.rbegin(), offsets.rend()));
  std::reverse(offsets.begin(), offsets.end());
  CHECK(offsets == expected);
  if (number_at(line, "code") != 0) return;
  const Line& newest = line.at("ext").as_object();
  CHECK(std::to_string(found.newest) == text_at(newest, "indexLastUpdatePhyoffset"));
  CHECK(std::to_string(found.newest_ms) == text_at(newest, "indexLastUpdateTimestamp"));
}

void check_view(Opened& node, const Line& line) {
  const auto bytes = node.view(number_at(line, "offset"));
  // Java answers 0 without a body where the bytes of another record look like a length.
  REQUIRE(bytes.has_value() == line.contains("bodySha256"));
  if (!bytes) return;
  CHECK(static_cast<int64_t>(bytes->size()) == number_at(line, "bodyLength"));
  CHECK(sha256(*bytes) == text_at(line, "bodySha256"));
}

// The last record of a queue stored by then: what Java's upper bound means, but in queues of inner
// batches, where its answers go up and down.
int64_t last_until(const std::vector<Line>& expected, const Line& query) {
  int64_t out = 0;
  for (const Line& line : expected) {
    if (line.at("topic") != query.at("topic")) continue;
    if (line.at("queueId") != query.at("queueId")) continue;
    if (number_at(line, "storeTimestamp") > number_at(query, "timestamp")) continue;
    out = std::max(out, number_at(line, "queueOffset"));
  }
  return out;
}

void check_time(Opened& node, const Line& line, const std::vector<Line>& expected) {
  const std::string topic = text_at(line, "topic");
  const bool upper = text_at(line, "boundary") == "UPPER";
  const int64_t wanted = upper && topic == "TopicBatchCq" ? last_until(expected, line)
                                                          : number_at(line, "offset");
  CHECK(node.at_time(topic, number_at(line, "queueId"), number_at(line, "timestamp"), upper) ==
        wanted);
}

void check_queries(Opened& node, const std::vector<Line>& queries,
                   const std::vector<Line>& expected) {
  std::map<std::string, int> asked;
  for (const Line& line : queries) {
    INFO(json::serialize(line));
    const std::string kind = text_at(line, "kind");
    ++asked[kind];
    if (kind == "view") {
      check_view(node, line);
    } else if (kind == "offset-by-time") {
      check_time(node, line, expected);
    } else {
      check_query(node, line);
    }
  }
  for (const char* kind : {"view", "offset-by-time", "query-by-key", "query-by-uniq-key"}) {
    INFO(kind);
    CHECK(asked[kind] > 5);
  }
}

}  // namespace

TEST_CASE("a folder the Java broker stopped cleanly reads as it read there") {
  const std::string name = GENERATE("plain", "batch", "ipv6", "delay", "pop", "extra");
  CAPTURE(name);
  const auto source = Recorded::find(name);
  if (!source) return;
  const Recorded recorded(*source);
  Opened node(recorded.root());
  check_records(node, recorded.lines("expected.jsonl"));
  check_queues(node, recorded.lines("queues.jsonl"));
  check_queries(node, recorded.lines("queries.jsonl"), recorded.lines("expected.jsonl"));
  node.stop();
  CHECK(node.failure() == "");
}

TEST_CASE("what a killed Java broker had acknowledged is there") {
  const auto source = Recorded::find("crash");
  if (!source) return;
  const Recorded recorded(*source);
  Opened node(recorded.root());
  check_records(node, recorded.lines("expected.jsonl"));
  check_queues(node, recorded.lines("queues.jsonl"));
  check_queries(node, recorded.lines("queries.jsonl"), recorded.lines("expected.jsonl"));
  const std::vector<Line> acked = recorded.lines("acked.jsonl");
  REQUIRE(acked.size() == 401);
  for (const Line& line : acked) {
    INFO(json::serialize(line));
    const auto bytes = record_of(node, line);
    REQUIRE(bytes.has_value());
    const commitlog::RecordView record = decode(*bytes);
    CHECK(sha256(chars(record.body)) == text_at(line, "bodySha256"));
    const auto key = protocol::find_property(record.property_text.view(), "KEYS");
    CHECK(key == text_at(line, "key"));
    const auto unique = protocol::find_property(record.property_text.view(), "UNIQ_KEY");
    CHECK(unique == text_at(line, "msgId"));
  }
}

TEST_CASE("of a folder torn by a power cut no more is lost than the Java broker lost") {
  const std::string name = GENERATE("crash-torn-zero", "crash-torn-cut", "crash-torn-crc");
  CAPTURE(name);
  const auto source = Recorded::find(name);
  const auto whole = Recorded::find("crash");
  if (!source || !whole) return;
  const Recorded recorded(*source);
  std::set<int64_t> missing;
  for (const Line& line : recorded.lines("missing.jsonl")) {
    missing.insert(number_at(line, "physicalOffset"));
  }
  REQUIRE_FALSE(missing.empty());
  std::vector<Line> expected = Recorded(*whole).lines("expected.jsonl");
  const size_t before = expected.size();
  std::erase_if(expected, [&](const Line& line) {
    return missing.contains(number_at(line, "physicalOffset"));
  });
  REQUIRE(expected.size() + missing.size() == before);

  Opened node(recorded.root());
  check_records(node, expected);
  check_queues(node, recorded.lines("queues.jsonl"));
  for (const Line& line : expected) {
    INFO(json::serialize(line));
    const Found found = node.find({.topic = text_at(line, "topic"),
                                   .key = text_at(line, "uniqKey"),
                                   .end_ms = std::numeric_limits<int64_t>::max()});
    CHECK(found.log_offsets == std::vector{number_at(line, "physicalOffset")});
  }
  for (const int64_t lost : missing) CHECK_FALSE(node.view(lost).has_value());
  const Line java = recorded.object("recovered.json");
  CHECK(static_cast<int64_t>(expected.size()) >= number_at(java, "records"));
  const Line& last = expected.back();
  CHECK(number_at(java, "lastRecordEnd") > 0);
  CHECK(number_at(last, "physicalOffset") < number_at(java, "lastRecordEnd"));
}
