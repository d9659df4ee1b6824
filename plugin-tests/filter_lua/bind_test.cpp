// What the operator binds on the server.
#include "rig.hpp"

using namespace gantry::filter_lua::testing;

namespace {

std::string bound(Rig& rig, std::string_view topic, std::string_view group) {
  std::string found = "nothing";
  rig.start();
  rig.host.on_shard([&](const gantry_call& call) {
    gantry_str expression{};
    const gantry_status status =
        rig.table->bound(rig.instance.self(), &call, gantry::sdk::str(topic),
                         gantry::sdk::str(group), &expression);
    if (status == GANTRY_OK) found = gantry::sdk::view(expression);
    else REQUIRE(status == GANTRY_GONE);
  });
  return found;
}

}  // namespace

TEST_CASE("without bindings nothing is bound") {
  Rig rig;
  CHECK(bound(rig, "Orders", "g") == "nothing");
}

TEST_CASE("the binding that names topic and group comes before those that name less") {
  Rig rig({{"bind[0].topic", "*"}, {"bind[0].script", "all"},
           {"bind[1].topic", "*"}, {"bind[1].group", "billing"}, {"bind[1].script", "group"},
           {"bind[2].topic", "Orders"}, {"bind[2].script", "topic"},
           {"bind[3].topic", "Orders"}, {"bind[3].group", "billing"}, {"bind[3].script", "both"}});
  CHECK(bound(rig, "Orders", "billing") == "both");
  CHECK(bound(rig, "Orders", "other") == "topic");
  CHECK(bound(rig, "Other", "billing") == "group");
  CHECK(bound(rig, "Other", "other") == "all");
}

TEST_CASE("a binding for one topic leaves others alone") {
  Rig rig({{"bind[0].topic", "Orders"}, {"bind[0].group", "billing"}, {"bind[0].script", "vip"}});
  CHECK(bound(rig, "Orders", "billing") == "vip");
  CHECK(bound(rig, "Orders", "billin") == "nothing");
  CHECK(bound(rig, "Order", "billing") == "nothing");
}

TEST_CASE("what is bound is an expression with the binding's policy and arguments") {
  Rig rig({{"on_error", "stop"},
           {"bind[0].topic", "Orders"}, {"bind[0].script", "vip"}, {"bind[0].on_error", "deliver"},
           {"bind[0].arguments", "eu, us"}});
  CHECK(bound(rig, "Orders", "g") == "vip on_error=deliver eu, us");
  rig.write("vip",
            "local wanted\n"
            "return { open = function(arguments) wanted = arguments end,\n"
            "         match = function(message) assert(message.tag ~= 'bad') "
            "return wanted == 'eu, us' and message.tag == 'x' end }");
  REQUIRE(rig.compile(bound(rig, "Orders", "g")) == GANTRY_OK);
  CHECK(rig.judge({Message{{{"TAGS", "x"}}}, Message{{{"TAGS", "bad"}}}, Message{}}) ==
        Verdicts{deliver, deliver, skip});
}

TEST_CASE("a script that is bound and not there is told at the start") {
  Rig rig({{"bind[0].topic", "Orders"}, {"bind[0].script", "vip"}});
  rig.start();
  CHECK(rig.host.logged("script vip is bound, and there is none"));
  CHECK(rig.compile("vip") == GANTRY_GONE);
  rig.use(function("return true"));
  CHECK(rig.verdict(Message{}) == deliver);
}
