// Modules that replace the tag code of some topics' records.
#include "hook_node.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

std::vector<commitlog::RecordView> views_of(const Texts& topics) {
  std::vector<commitlog::RecordView> views;
  for (const std::string& topic : topics) {
    views.emplace_back();
    views.back().topic = Text(topic);
    views.back().tag_code = 7;
    views.back().stored_ms = static_cast<int64_t>(views.size());
  }
  return views;
}

}  // namespace

TEST_CASE("records of a claimed topic get the module's code, all others keep the tag's") {
  HookNode node;
  hook_scripts["codes"].code = [&](const gantry_call& call, const gantry_message& message) {
    CHECK(call.now_ms == node.clock.now_ms());
    CHECK(message.tag_code == 7);
    return message.stored_ms * 100;
  };
  REQUIRE(node.start({"codes"}).has_value());
  const Texts topics = {"T", "SCHEDULED", "SCHEDULE", "TIMED", "SCHEDULED"};
  std::vector<commitlog::RecordView> views = views_of(topics);
  node.codes.apply(views);
  CHECK(views[0].tag_code == 7);
  CHECK(views[1].tag_code == 200);
  CHECK(views[2].tag_code == 7);
  CHECK(views[3].tag_code == 400);
  CHECK(views[4].tag_code == 500);
  CHECK(node.calls("codes", code_offer) == 3);
}

TEST_CASE("a module whose code cannot be made leaves the tag's") {
  HookNode node;
  hook_scripts["codes"].code = [](const gantry_call&, const gantry_message&) -> int64_t {
    throw std::runtime_error("no property of that name");
  };
  REQUIRE(node.start({"codes"}).has_value());
  const Texts topics = {"SCHEDULED"};
  std::vector<commitlog::RecordView> views = views_of(topics);
  node.codes.apply(views);
  CHECK(views[0].tag_code == 7);
}

TEST_CASE("a second claim of a topic fails the start, naming both") {
  HookNode node;
  const Outcome<void> started = node.start({"codes", "others = codes"});
  REQUIRE(started.has_error());
  CHECK(started.error().text ==
        "gantry.index_code/0: topic SCHEDULED is claimed by codes and by others");
}

TEST_CASE("without a claim there is nothing to apply") {
  HookNode node;
  REQUIRE(node.start({"plain"}).has_value());
  CHECK(node.codes.empty());
}
