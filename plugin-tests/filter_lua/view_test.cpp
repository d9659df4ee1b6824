// What a script sees of a message.
#include "lua/state.hpp"
#include "rig.hpp"

using namespace gantry::filter_lua::testing;
using gantry::sdk::str;

namespace {

const Message order{{{"TAGS", "vip"}, {"KEYS", "o-1 o-2"}, {"region", "eu"}, {"amount", "12"}},
                    "a body"};

bool holds(Rig& rig, const std::string& condition, const Message& message = order) {
  INFO(condition);
  const int verdict = rig.verdict(function("return " + condition), message);
  INFO(rig.text);
  REQUIRE(verdict != error);
  return verdict == deliver;
}

}  // namespace

TEST_CASE("a script sees topic, tag, keys, body and properties") {
  Rig rig;
  CHECK(holds(rig, "message.topic == 'Orders'"));
  CHECK(holds(rig, "message.tag == 'vip'"));
  CHECK(holds(rig, "message.keys == 'o-1 o-2'"));
  CHECK(holds(rig, "message.body == 'a body' and message.body_size == 6"));
  CHECK(holds(rig, "message.properties.region == 'eu'"));
  CHECK(holds(rig, "message.properties['amount'] + 1 == 13"));
  CHECK(holds(rig, "message.properties.nothing == nil and message.properties[1] == nil"));
  CHECK(holds(rig, "message.tag == nil and message.keys == nil", Message{}));
}

TEST_CASE("a script sees the numbers of a message") {
  Rig rig;
  CHECK(holds(rig, "message.queue_id == 3 and message.queue_offset == 41"));
  CHECK(holds(rig, "message.log_offset == 123456 and message.size == 700"));
  CHECK(holds(rig, "message.stored_ms - message.born_ms == 500"));
  CHECK(holds(rig, "message.sys_flag == 8 and message.app_flag == 9"));
  CHECK(holds(rig, "message.reconsume_times == 2"));
}

TEST_CASE("of properties with one name the last counts, as text and parsed") {
  Rig rig;
  rig.use(function("return message.properties.region == 'us' and message.tag == 'b'"));
  CHECK(rig.verdict(Message{{{"region", "eu"}, {"TAGS", "a"}, {"region", "us"}, {"TAGS", "b"}}}) ==
        deliver);
  const gantry_property given[] = {
      {str("region"), str("eu")}, {str("TAGS"), str("b")}, {str("region"), str("us")}};
  gantry_message message = Message{}.view();
  message.property_text = {};
  message.flags = GANTRY_MSG_PARSED;
  message.properties = given;
  message.property_count = 3;
  const gantry_batch batch{sizeof batch, sizeof message, 1, 0, &message};
  uint8_t verdict = 99;
  rig.host.on_shard([&](const gantry_call& call) {
    rig.table->match(rig.compiled.program, &call, &batch, &verdict);
  });
  CHECK(verdict == deliver);
}

TEST_CASE("a message of very many properties shows them all") {
  Rig rig;
  Message many{{{"first", "1"}}, "", "T"};
  for (int i = 0; i < 100; ++i) many.properties.push_back({"p" + std::to_string(i), "x"});
  many.properties.push_back({"p7", "again"});
  many.properties.push_back({"last", "2"});
  rig.use(function("local p = message.properties return p.first == '1' and p.last == '2' and "
                   "p.p31 == 'x' and p.p32 == 'x' and p.p7 == 'again' and p.p100 == nil"));
  CHECK(rig.judge({many, Message{}, many}) == Verdicts{deliver, skip, deliver});
}

TEST_CASE("bytes of a body come through as they are") {
  Rig rig;
  CHECK(holds(rig, "#message.body == 5 and message.body:byte(3) == 0",
              Message{{}, std::string("a\xff\0\x01z", 5)}));
  CHECK(holds(rig, "message.body == '' and message.topic == ''", Message{{}, "", ""}));
}

TEST_CASE("a field a message does not have is an error with its name") {
  Rig rig;
  CHECK(rig.verdict(function("return message.regoin == 'eu'"), order) == error);
  CHECK(rig.text == "vip.lua:2: a message has no field 'regoin'");
  CHECK(rig.verdict(function("message.topic = 'x' return true"), order) == error);
  CHECK(rig.text == "vip.lua:2: a message cannot be changed by a filter");
  CHECK(rig.verdict(function("message.properties.region = 'x' return true"), order) == error);
}

TEST_CASE("a view that was kept shows the message of the run it is looked at in") {
  Rig rig;
  rig.use("local kept\n"
          "return function(message)\n"
          "  local before = kept and kept.properties.n\n"
          "  kept = message\n"
          "  return before == nil or before == message.properties.n\n"
          "end\n");
  CHECK(rig.judge({Message{{{"n", "1"}}}, Message{{{"n", "2"}}}}) == Verdicts{deliver, deliver});
}

TEST_CASE("a message looked at outside of its run is an error, not a crash") {
  using gantry::lua::State;
  State state({});
  REQUIRE(state.load("local kept\n"
                     "return {\n"
                     "  match = function(message) kept = message.properties return true end,\n"
                     "  close = function() return kept.region end,\n"
                     "}\n",
                     "x.lua", "") == State::Outcome::ok);
  bool matched = false;
  {
    const auto short_lived = std::make_unique<Message>(order);
    REQUIRE(state.match(short_lived->view(), matched) == State::Outcome::ok);
  }
  CHECK(state.close() == State::Outcome::error);
  CHECK(state.fault() == "x.lua:4: the message is gone: it is there while the function runs");
}

TEST_CASE("nobody reaches what is behind the view") {
  Rig rig;
  CHECK(holds(rig, "getmetatable(message) == 'message'"));
  CHECK(holds(rig, "getmetatable(message.properties) == 'properties'"));
  CHECK(holds(rig, "not pcall(setmetatable, message, {})"));
  CHECK(holds(rig, "not pcall(function() for k in pairs(message) do end end)"));
  CHECK(holds(rig, "not pcall(function() return #message end)"));
  CHECK(holds(rig, "type(message) == 'userdata'"));
}
