// What the Java broker answered, asked again here: recorded requests get the same code, the same
// fields and, where clients or operators see them, the same remarks.
#include <gantry/schema/group_generated.h>

#include <catch2/catch.hpp>
#include <set>

#include "protocol/bodies.hpp"
#include "recorded.hpp"
#include "rig.hpp"
#include "support/golden.hpp"

using namespace gantry::messaging::test;

namespace {

std::string group_document(const std::string& name, bool enabled, bool broadcast) {
  flatbuffers::FlatBufferBuilder builder;
  const auto stored = builder.CreateString(name);
  gantry::schema::FinishGroupBuffer(
      builder, gantry::schema::CreateGroup(builder, stored, enabled, true, broadcast));
  return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

void make_topic(Rig& rig, const char* name, const char* queues, const char* perm,
                const char* attributes = "") {
  REQUIRE(rig.ask(17, {{"topic", name},
                       {"readQueueNums", queues},
                       {"writeQueueNums", queues},
                       {"perm", perm},
                       {"attributes", attributes}})
              .code == 0);
}

// Where this broker differs on purpose.
const std::set<std::string> other_modules = {"send, delay level",
                                             "send, timer in 30 s",
                                             "send, timer too far",
                                             "send, timer not a number",
                                             "transaction half message",
                                             "send a timer message to recall",
                                             "pull, SQL92 expression",
                                             "pull, SQL92 expression does not parse",
                                             "pull, unknown expression type",
                                             "check client config",
                                             "check client config, does not parse"};
// Of the Java broker's log, which is not this one.
const std::set<std::string> its_places = {"view"};
const std::set<std::string> its_values = {"timestamp", "indexLastUpdateTimestamp",
                                          "indexLastUpdatePhyoffset"};
const std::set<std::string> better_codes = {"send, no body"};  // 13 says what is wrong, 1 not
const std::set<std::string> better_remarks = {"batch with a delay level"};
const std::set<std::string> keyless = {"send V1", "send without UNIQ_KEY",
                                       "send without properties"};

bool is_exception(const std::string& remark) {
  return remark.starts_with("java.") || remark.starts_with("com.");
}

std::string without_peer(const std::string& remark) {
  return remark.substr(0, std::min(remark.find(" Producer: "), remark.find(" consumer:[")));
}

// Java answers in the order of its hash table.
std::set<gantry::protocol::MessageQueue> granted(const std::string& body) {
  if (body.empty()) return {};
  const auto answer = gantry::protocol::read_body<gantry::protocol::LockBatchAnswer>(body).value();
  return {answer.queues.begin(), answer.queues.end()};
}

void compare(const Recorded& recorded, const fake::Answer& ours) {
  const fake::Answer& java = *recorded.answer;
  CHECK(ours.code == java.code);
  if (is_exception(java.remark)) return;
  if (!better_remarks.contains(recorded.step)) {
    CHECK_THAT(without_peer(ours.remark), Catch::StartsWith(without_peer(java.remark)));
  }
  CHECK(ours.fields.size() == java.fields.size());
  for (const auto& [key, value] : java.fields) {
    CAPTURE(key);
    REQUIRE(ours.field(key).has_value());
    if (key == "msgId") {
      CHECK(ours.field(key)->substr(0, 16) == value.substr(0, 16));
      CHECK(ours.field(key)->size() == value.size());
    } else if (key == "transactionId" && keyless.contains(recorded.step)) {
      CHECK(ours.field(key)->size() == 32);
    } else if (its_values.contains(key)) {
      CHECK((std::stoll(*ours.field(key)) > 0) == (std::stoll(value) > 0));
    } else if (key != "queueId" || recorded.step != "send, negative queue id") {
      CHECK(ours.field(key) == value);
    }
  }
  if (recorded.request.code == 38) CHECK(ours.body == java.body);
  if (recorded.request.code == 41) CHECK(granted(ours.body) == granted(java.body));
  if (recorded.request.code == 12) CHECK(ours.body.empty() == java.body.empty());
  if (recorded.request.code == 11 || recorded.request.code == 361)
    CHECK(ours.body.empty() == java.body.empty());
}

}  // namespace

TEST_CASE("recorded requests and errors are answered as the Java broker answered them") {
  const auto file = gantry::testing::golden("wire/raw-errors.jsonl");
  if (!file) return;
  fake::MetadataStore metadata;
  metadata.put("groups", "GID_raw", group_document("GID_raw", true, true));
  metadata.put("groups", "GID_disabled", group_document("GID_disabled", false, true));
  metadata.put("groups", "GID_nobroadcast", group_document("GID_nobroadcast", true, false));
  Rig rig({.settings = {{"auto_create_topics", false},
                        {"auto_create_groups", false},
                        {"message_bytes_max", 16384}},
           .address = "127.0.0.2:27811"},
          nullptr, &metadata);
  make_topic(rig, "TopicWire", "4", "6");
  make_topic(rig, "TopicEmpty", "1", "6");
  make_topic(rig, "TopicFifo", "1", "6", "+message.type=FIFO");
  make_topic(rig, "TopicCompact", "1", "6", "+cleanup.policy=COMPACTION");
  make_topic(rig, "TopicNoWrite", "1", "4");
  make_topic(rig, "TopicNoRead", "1", "2");
  make_topic(rig, "TopicNoPerm", "1", "0");

  make_topic(rig, "golden_REPLY_TOPIC", "1", "6");  // the recording's cluster is called golden

  int compared = 0;
  bool pulling = false;
  for (const Recorded& recorded :
       read_recorded(*file, {10, 310, 320, 324, 325, 11, 361, 12, 14, 15, 29,
                             30, 31,  32,  33,  34,  35, 38,  41, 42, 46})) {
    if (recorded.peer == "namesrv" || recorded.one_way || !recorded.answer) continue;
    if (recorded.answer->code == 3) continue;  // the fast port's, which is the door's to refuse
    if (its_places.contains(recorded.step)) continue;
    if (other_modules.contains(recorded.step) || better_codes.contains(recorded.step)) continue;
    if (recorded.request.code == 11 && !std::exchange(pulling, true)) {
      // By then Java's delay had delivered a message here, and its timer one.
      while (rig.log.next_number("TopicWire", 0) < 10) {
        rig.ask(310, send_v2("TopicWire"), "x", 99);
      }
    }
    CAPTURE(recorded.step);
    const auto asked = rig.host.send("broker", recorded.request);
    if (!asked->answer) rig.host.advance_ms(1500);  // held
    REQUIRE(asked->answer);
    compare(recorded, *asked->answer);
    ++compared;
  }
  CHECK(compared > 80);
}

TEST_CASE("no request a client was seen to send is malformed here") {
  Rig rig;
  int asked = 0;
  for (const char* name :
       {"java-5.5.0-json", "java-5.5.0-binary", "java-4.9.8-json", "java-4.9.8-binary", "go-v2",
        "node-ali-ons", "node-rocketmq-nodejs", "mqadmin-5.5.0"}) {
    const auto file = gantry::testing::golden(("wire/" + std::string(name) + ".jsonl").c_str());
    if (!file) return;
    for (const Recorded& recorded :
         read_recorded(*file, {10, 310, 320, 324, 325, 11, 361, 12, 14, 15, 17,
                               29, 30,  31,  32,  33,  34, 35,  38, 41, 42, 46})) {
      if (recorded.peer == "namesrv") continue;
      CAPTURE(name, recorded.step, recorded.request.code);
      const auto exchange = rig.host.send("broker", recorded.request);
      ++asked;
      if (!exchange->answer || exchange->answer->code != 1) continue;
      const std::string& remark = exchange->answer->remark;
      CAPTURE(remark);
      const bool expected = remark.find("which no module of this broker serves") != remark.npos ||
                            remark.find("filter message by") != remark.npos ||
                            remark.starts_with("no consumer for this group") ||
                            remark.starts_with("can not find message by the offset") ||
                            remark.starts_with("push reply message fail");
      CHECK(expected);
    }
  }
  CHECK(asked > 300);
}
