// The log against the bytes the Java broker wrote: records, whole stores, torn ones.
#include <boost/json.hpp>
#include <fstream>
#include <functional>
#include <map>

#include "fixture.hpp"
#include "support/golden.hpp"
#include "support/record_draft.hpp"

using namespace gantry;
using namespace gantry::testing;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::vector<json::object> lines_of(const fs::path& path) {
  std::ifstream in(path);
  std::vector<json::object> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line).as_object());
  return lines;
}

std::vector<uint8_t> unhex(std::string_view hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

std::string string_at(const json::object& object, const char* key) {
  return std::string(object.at(key).as_string());
}
int64_t number_at(const json::object& object, const char* key) {
  return object.at(key).to_number<int64_t>();
}

// Java's record from our encoder, given the same fields.
void require_same_bytes(const RecordView& view) {
  const RecordDraft draft = draft_like(view);
  EncodedRecord record;
  std::string reason;
  REQUIRE_FALSE(record.encode(draft, 4 << 20, 0, reason));
  record.stamp(view.queue_offset, view.log_offset, view.stored_ms);
  std::vector<uint8_t> bytes;
  for (Bytes part : record.parts()) bytes.insert(bytes.end(), part.begin(), part.end());
  REQUIRE(std::equal(bytes.begin(), bytes.end(), view.record.begin(), view.record.end()));
}

std::string host_of(Bytes host) {
  const std::string port = std::to_string(host[host.size() - 2] << 8 | host[host.size() - 1]);
  if (host.size() != 8) return "ipv6:" + port;
  std::string text;
  for (size_t i = 0; i < 4; i++) text += (i ? "." : "") + std::to_string(host[i]);
  return text + ":" + port;
}

// A log opened on a copy of a recorded store.
struct Golden : Fixture {
  std::optional<fs::path> recorded;

  explicit Golden(const std::string& name) {
    recorded = golden(("store/" + name).c_str());
    if (!recorded) return;
    const std::string untar = "tar -xzf '" + (*recorded / "store.tar.gz").string() + "' -C '" +
                              folder.path().string() + "'";
    REQUIRE(std::system(untar.c_str()) == 0);
  }

  void for_each_record(const std::function<void(const RecordView&)>& then) const {
    std::vector<RecordView> views(50);
    RecordRun run;
    RunLimits limits;
    limits.what = decode_check | decode_tag_code;
    for (LogOffset at = log->begin();; at = run.next) {
      REQUIRE_FALSE(log->next_records(at, limits, views, run));
      if (run.count == 0) return;
      for (const RecordView& view : std::span(views).first(run.count)) then(view);
    }
  }
};

void require_as_expected(const RecordView& view, const json::object& expected) {
  INFO(json::serialize(expected));
  REQUIRE(view.topic.view() == string_at(expected, "topic"));
  REQUIRE(view.queue_id == number_at(expected, "queueId"));
  REQUIRE(view.queue_offset.value == number_at(expected, "queueOffset"));
  REQUIRE(view.record_size == number_at(expected, "storeSize"));
  REQUIRE(view.version == number_at(expected, "recordVersion"));
  REQUIRE(view.app_flag == number_at(expected, "flag"));
  REQUIRE(view.sys_flag == number_at(expected, "sysFlag"));
  REQUIRE(view.born_ms == number_at(expected, "bornTimestamp"));
  REQUIRE(view.stored_ms == number_at(expected, "storeTimestamp"));
  REQUIRE(view.reconsume_times == number_at(expected, "reconsumeTimes"));
  REQUIRE(view.prepared_offset == number_at(expected, "preparedTransactionOffset"));
  REQUIRE(view.body_crc == number_at(expected, "bodyCrc"));
  REQUIRE(view.body.size() == static_cast<size_t>(number_at(expected, "bodyLength")));
  if (view.born_host.size() == 8) {
    REQUIRE(host_of(view.born_host) == string_at(expected, "bornHost"));
    REQUIRE(host_of(view.store_host) == string_at(expected, "storeHost"));
  }
  const json::value& tags = expected.at("tags");
  REQUIRE(view.tag_code == (tags.is_string() ? java_hash(std::string_view(tags.as_string())) : 0));
}

}  // namespace

TEST_CASE("the recorded records decode to their fields and encode to the same bytes") {
  const auto file = golden("codec.jsonl");
  if (!file) return;
  int compared = 0;
  for (const json::object& line : lines_of(*file)) {
    if (line.at("kind").as_string() != "record-encode" || !line.contains("out")) continue;
    const json::object& out = line.at("out").as_object();
    const auto bytes = unhex(string_at(out, "hex"));
    RecordView view;
    REQUIRE_FALSE(decode_record(bytes, decode_check | decode_tag_code, view));
    REQUIRE(view.record_size == number_at(out, "storeSize"));
    REQUIRE(view.topic.view() == string_at(out, "decodedTopic"));
    REQUIRE(view.log_offset == LogOffset(4096));
    REQUIRE(view.queue_offset == QueueOffset(77));
    REQUIRE(view.tag_code == 2598919);
    REQUIRE(view.born_host.size() == (line.at("in").at("ipv6").as_bool() ? 20u : 8u));
    require_same_bytes(view);
    compared++;
  }
  REQUIRE(compared == 2);
}

TEST_CASE("checksums, string hashes and tag codes are Java's") {
  const auto file = golden("codec.jsonl");
  if (!file) return;
  int compared = 0;
  for (const json::object& line : lines_of(*file)) {
    INFO(json::serialize(line));
    const std::string kind = string_at(line, "kind");
    const json::value& in = line.at("in");
    if (kind == "crc32") {
      const auto bytes = unhex(string_at(in.as_object(), "hex"));
      Bytes part(bytes);
      if (const json::value* offset = in.as_object().if_contains("offset"))
        part = part.subspan(offset->to_number<size_t>(), in.at("count").to_number<size_t>());
      REQUIRE(body_crc(part) == number_at(line, "out"));
      compared++;
    } else if (kind == "string-hash") {
      REQUIRE(java_hash(std::string_view(in.at("text").as_string())) == number_at(line, "out"));
      compared++;
    } else if (kind == "tags-code" && in.is_string()) {
      REQUIRE(java_hash(std::string_view(in.as_string())) == number_at(line, "out"));
      compared++;
    }
  }
  REQUIRE(compared > 150);
}

TEST_CASE("a store the Java broker wrote opens with every record in place") {
  const std::string name = GENERATE("plain", "batch", "ipv6", "delay", "pop", "extra", "crash");
  CAPTURE(name);
  Golden f(name);
  if (!f.recorded) return;
  f.open();
  std::map<int64_t, json::object> expected;
  for (json::object& line : lines_of(*f.recorded / "expected.jsonl")) {
    const int64_t place = number_at(line, "physicalOffset");
    expected.try_emplace(place, std::move(line));
  }
  size_t found = 0;
  size_t records = 0;
  f.for_each_record([&](const RecordView& view) {
    records++;
    require_same_bytes(view);
    const auto it = expected.find(view.log_offset.value);
    if (it == expected.end()) return;  // Java hides some from pulls
    // There, one record is several messages: of an inner batch, of light queues.
    if (name != "extra") require_as_expected(view, it->second);
    found++;
  });
  REQUIRE(found == expected.size());
  REQUIRE(records >= found);
  const LogOffset end = f.log->mark(Mark::appended);
  REQUIRE(f.put_ok("ours", "TopicPlainA") >= end);
}

TEST_CASE("a store torn by a crash is cut where the Java broker cuts it") {
  const std::string how = GENERATE("zero", "cut", "crc");
  Golden f("crash-torn-" + how);
  if (!f.recorded) return;
  f.open();
  std::ifstream in(*f.recorded / "torn.json");
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const json::object torn = json::parse(text).as_object();
  const LogOffset cut(number_at(torn, "recordAt"));
  REQUIRE(f.log->mark(Mark::appended) == cut);
  std::ifstream recovered(*f.recorded / "recovered.json");
  const std::string told((std::istreambuf_iterator<char>(recovered)), {});
  REQUIRE(f.records().size() ==
          static_cast<size_t>(number_at(json::parse(told).as_object(), "records")));
  const int64_t segment = cut.value / 65536 * 65536;
  const auto bytes = f.segment_bytes(segment);
  REQUIRE(std::all_of(bytes.begin() + (cut.value - segment), bytes.end(),
                      [](uint8_t b) { return b == 0; }));
}
