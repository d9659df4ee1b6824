// What the Java broker answered to operators and tools, asked again here.
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "protocol/json.hpp"
#include "recorded.hpp"
#include "support/golden.hpp"

using namespace gantry::messaging::test;

namespace {

// Bodies that say the same here, member by member.
const std::set<std::string> same_bodies = {"topic config", "group config", "group config, unknown",
                                           "who consumes", "subscription of a group"};
// Java's remark is an exception's, or one it forgot.
const std::set<std::string> better_remarks = {"create topic", "create topic, same again",
                                              "create topic, bad attribute value"};

std::string canonical(const std::string& body) {
  return gantry::protocol::canonical_json(gantry::protocol::read_json(body).value());
}

}  // namespace

TEST_CASE("recorded administration is answered as the Java broker answered it") {
  const auto file = gantry::testing::golden("wire/raw-admin.jsonl");
  if (!file) return;
  Rig rig({.settings = {{"auto_create_topics", false}}, .address = "127.0.0.2:27811"});
  REQUIRE(rig.ask(17, {{"topic", "TopicWire"},
                       {"readQueueNums", "4"},
                       {"writeQueueNums", "4"},
                       {"perm", "6"}})
              .code == 0);
  // Java finds it, since it makes groups wherever one is asked for.
  REQUIRE(rig.ask(200, {}, R"({"groupName":"GID_fresh"})").code == 0);
  int compared = 0;
  for (const Recorded& recorded :
       read_recorded(*file, {17,  21,  34,  43,  200, 201, 202, 207, 208, 215, 222,
                             300, 305, 307, 309, 310, 314, 328, 343, 345, 351, 352})) {
    if (!recorded.answer) continue;
    CAPTURE(recorded.step, recorded.request.code);
    const fake::Answer ours = rig.host.request("broker", recorded.request);
    const fake::Answer& java = *recorded.answer;
    CHECK(ours.code == java.code);
    if (recorded.request.code == 310) continue;  // its fields name places in Java's log
    const bool exception = java.remark.starts_with("java.");
    if (!exception && !better_remarks.contains(recorded.step)) CHECK(ours.remark == java.remark);
    CHECK(ours.fields.size() == java.fields.size());
    for (const auto& [key, value] : java.fields) CHECK(ours.field(key).has_value());
    CHECK(ours.body.empty() == java.body.empty());
    if (same_bodies.contains(recorded.step)) CHECK(canonical(ours.body) == canonical(java.body));
    ++compared;
  }
  CHECK(compared > 30);
}
