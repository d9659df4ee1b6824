// lua(...) as other expressions call it: gantry.function in the fake host.
#include "rig.hpp"

using namespace gantry::filter_lua::testing;
namespace sdk = gantry::sdk;

namespace {

struct Call {
  explicit Call(Rig& rig) : rig(rig) {
    rig.start();
    table = &rig.instance.table<gantry_function>(GANTRY_CAP_FUNCTION, "lua");
  }
  ~Call() {
    if (prepared) table->release(prepared);
  }
  gantry_status prepare(const std::vector<gantry_value>& constants) {
    gantry_status status = GANTRY_FAULT;
    rig.host.on_worker([&](const gantry_call& call) {
      status = table->prepare(rig.instance.self(), &call, constants.data(),
                              static_cast<uint32_t>(constants.size()), &prepared);
      rig.text = call.error->text;
    });
    return status;
  }
  // The value as text: "nil", "true", "5", "2.500000", "'x'".
  std::string value(const std::vector<gantry_value>& arguments, const Message& message = {}) {
    std::string out;
    const gantry_message view = message.view();
    rig.host.on_shard([&](const gantry_call& call) {
      gantry_value found{};
      status = table->invoke(prepared, &call, &view, arguments.data(),
                             static_cast<uint32_t>(arguments.size()), &found);
      rig.text = call.error->text;
      switch (found.kind) {
        case GANTRY_NULL: out = "nil"; break;
        case GANTRY_BOOL: out = found.as.i ? "true" : "false"; break;
        case GANTRY_I64: out = std::to_string(found.as.i); break;
        case GANTRY_F64: out = std::to_string(found.as.f); break;
        default: out = "'" + std::string(sdk::view(found.as.s)) + "'"; break;
      }
    });
    return out;
  }

  Rig& rig;
  const gantry_function* table;
  gantry_prepared* prepared = nullptr;
  gantry_status status = GANTRY_FAULT;
};

const gantry_value vip = sdk::str_value("vip");

}  // namespace

TEST_CASE("arguments behind the script's name come behind the message, values of every kind") {
  Rig rig;
  rig.write("vip", "return function(message, a, b, c, d, e)\n"
                   "  assert(a == nil and b == true and c == 7 and d == 2.5)\n"
                   "  return message.tag .. e end");
  Call lua(rig);
  REQUIRE(lua.prepare({vip, {}, {}, {}, {}, {}}) == GANTRY_OK);
  CHECK(lua.value({vip, {}, sdk::bool_value(true), sdk::i64_value(7), {GANTRY_F64, 0, {.f = 2.5}},
                   sdk::str_value("!")},
                  Message{{{"TAGS", "x"}}}) == "'x!'");
  CHECK(rig.text == "");
}

TEST_CASE("what the function returns is the value") {
  Rig rig;
  rig.write("vip", "return function(message, x) return x end");
  Call lua(rig);
  REQUIRE(lua.prepare({vip, {}}) == GANTRY_OK);
  CHECK(lua.value({vip, sdk::null_value()}) == "nil");
  CHECK(lua.value({vip, sdk::bool_value(false)}) == "false");
  CHECK(lua.value({vip, sdk::i64_value(-5)}) == "-5");
  CHECK(lua.value({vip, {GANTRY_F64, 0, {.f = 2.5}}}) == "2.500000");
  CHECK(lua.value({vip, sdk::str_value("")}) == "''");
  CHECK(lua.value({vip, sdk::str_value(std::string(100'000, 'x'))}).size() == 100'002);
  CHECK(lua.value({vip}) == "nil");
}

TEST_CASE("a call that fails is a refusal with the script's words, and no fault of the module") {
  Rig rig;
  rig.write("vip", function("return {}"));
  Call lua(rig);
  REQUIRE(lua.prepare({vip}) == GANTRY_OK);
  lua.value({vip});
  CHECK(lua.status == GANTRY_REFUSED);
  CHECK(rig.text == "vip.lua: the function returned table, not nil, a boolean, a number or a text");
  rig.write("vip", function("while true do end"));
  rig.host.advance_ms(1000);
  lua.value({vip});
  CHECK(rig.text == "vip.lua:2: over its budget of 100000 instructions");
}

TEST_CASE("what cannot work is refused when it is prepared") {
  Rig rig;
  Call lua(rig);
  CHECK(lua.prepare({}) == GANTRY_INVALID);
  CHECK(rig.text == "argument 1 is the name of a script, a text in the expression itself");
  CHECK(lua.prepare({sdk::null_value()}) == GANTRY_INVALID);
  CHECK(lua.prepare({sdk::i64_value(3)}) == GANTRY_INVALID);
  CHECK(lua.prepare({sdk::str_value("a/b")}) == GANTRY_INVALID);
  CHECK(rig.text == "argument 1 is no name of a script: 'a/b'");
  CHECK(lua.prepare({sdk::str_value("nobody")}) == GANTRY_GONE);
  CHECK_THAT(rig.text, Catch::StartsWith("there is no script nobody"));
  CHECK(lua.prepared == nullptr);
}

TEST_CASE("arguments that do not fit into a script's memory are an overrun") {
  Rig rig({{"memory_bytes_max", 1 << 20}});
  rig.write("vip", "return function(message, x) return #x end");
  Call lua(rig);
  REQUIRE(lua.prepare({vip, {}}) == GANTRY_OK);
  CHECK(lua.value({vip, sdk::str_value(std::string(100'000, 'x'))}) == "100000");
  lua.value({vip, sdk::str_value(std::string(2'000'000, 'x'))});
  CHECK(lua.status == GANTRY_REFUSED);
  CHECK(rig.text == "vip.lua: over its limit of memory");
  CHECK(lua.value({vip, sdk::str_value("x")}) == "1");
}

TEST_CASE("the module drains when its last prepared call is released") {
  Rig rig;
  rig.write("vip", function("return true"));
  {
    Call lua(rig);
    REQUIRE(lua.prepare({vip}) == GANTRY_OK);
    gantry_error error{};
    error.struct_size = sizeof error;
    CHECK(gantry_plugin_v1.modules[0]->drain(rig.instance.self(), 7, &error) == GANTRY_PENDING);
  }
  CHECK(rig.host.late_answers() == 1);
  rig.host.kill();
}
