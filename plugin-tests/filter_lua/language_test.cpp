// What a subscription of type LUA may say, and what a script may be.
#include "rig.hpp"

using namespace gantry::filter_lua::testing;

namespace {

const Message eu{{{"region", "eu"}}};
const Message us{{{"region", "us"}}};

}  // namespace

TEST_CASE("an expression is the name of a script in the folder") {
  Rig rig;
  rig.use(function("return message.properties.region == 'eu'"));
  CHECK(rig.judge({eu, us, eu}) == Verdicts{deliver, skip, deliver});
  CHECK(rig.compile(" vip\n") == GANTRY_OK);
  CHECK(rig.verdict(us) == skip);
}

TEST_CASE("a script is a table with match, and open gets the arguments") {
  Rig rig;
  rig.use("local wanted\n"
          "return {\n"
          "  open = function(arguments) wanted = arguments end,\n"
          "  match = function(message) return message.properties.region == wanted end,\n"
          "}\n",
          "vip us");
  CHECK(rig.judge({eu, us}) == Verdicts{skip, deliver});
  REQUIRE(rig.compile("vip on_error=skip eu") == GANTRY_OK);
  CHECK(rig.judge({eu, us}) == Verdicts{deliver, skip});
}

TEST_CASE("two programs with other arguments do not see one another") {
  Rig rig;
  rig.use("local wanted\n"
          "return { open = function(arguments) wanted = arguments end,\n"
          "         match = function(message) return message.properties.region == wanted end }\n",
          "vip us");
  const gantry_compiled first = rig.compiled;
  rig.compiled = {};
  REQUIRE(rig.compile("vip eu") == GANTRY_OK);
  CHECK(rig.verdict(eu) == deliver);
  std::swap(rig.compiled.program, const_cast<gantry_program*&>(first.program));
  CHECK(rig.verdict(eu) == skip);
  rig.table->release(first.program);
}

TEST_CASE("what is no expression is refused with its reason") {
  Rig rig;
  rig.start();
  const auto refusal = [&](std::string_view expression) {
    CHECK(rig.compile(expression) == GANTRY_INVALID);
    CHECK(rig.compiled.program == nullptr);
    return rig.text;
  };
  CHECK(refusal("") == "the name of a script is expected, not ''");
  CHECK(refusal("../secret") == "the name of a script is expected, not '../secret'");
  CHECK(refusal("a/b") == "the name of a script is expected, not 'a/b'");
  CHECK(refusal("vip on_error=maybe") == "on_error is deliver, skip or stop, not 'maybe'");
  CHECK(refusal("return function() return true end") ==
        "the name of a script is expected: texts of Lua are not permitted here");
  CHECK(rig.compiled.line == 1);
}

TEST_CASE("a script that is not there is told by its file, and may come to be there") {
  Rig rig;
  rig.start();
  CHECK(rig.compile("vip") == GANTRY_GONE);
  CHECK_THAT(rig.text, Catch::StartsWith("there is no script vip: no file /"));
  rig.use(function("return true"));
  CHECK(rig.verdict(Message{}) == deliver);
}

TEST_CASE("a script that does not load is refused with file, line and reason") {
  Rig rig;
  rig.start();
  const auto refusal = [&](const std::string& lua) {
    rig.write("vip", lua);
    CHECK(rig.compile("vip") == GANTRY_GONE);
    return rig.text;
  };
  CHECK(refusal("return function(message)\n  retrun true\nend") ==
        "script vip does not load: vip.lua:2: syntax error near 'true'");
  CHECK(refusal("return 5") ==
        "script vip does not load: vip.lua: the function returned number, not a function or a table");
  CHECK(refusal("return {}") ==
        "script vip does not load: vip.lua: match of the table it returns is nil, not a function");
  CHECK(refusal("return { match = function() end, open = 3 }") ==
        "script vip does not load: vip.lua: open of the table it returns is number, not a function");
  CHECK(refusal("error('no')") == "script vip does not load: vip.lua:1: no");
  CHECK(refusal("while true do end") ==
        "script vip does not load: vip.lua:1: over its budget of 10000000 instructions");
  CHECK(refusal("return { match = function() end, open = function() error('bad') end }") ==
        "vip.lua:1: bad");
}

TEST_CASE("with sources = true an expression may be a text of Lua") {
  Rig rig({{"sources", true}});
  REQUIRE(rig.compile("return function(m) return m.properties.region == 'eu' end") == GANTRY_OK);
  CHECK(rig.judge({eu, us}) == Verdicts{deliver, skip});
  REQUIRE(rig.compile("-- mine\nlocal r = 'us'\nreturn function(m) return m.properties.region == r end") ==
          GANTRY_OK);
  CHECK(rig.judge({eu, us}) == Verdicts{skip, deliver});
  CHECK(rig.compile("return\nfunction(m) retrun true end") == GANTRY_INVALID);
  CHECK(rig.text == "source:2: syntax error near 'true'");
  CHECK(rig.compiled.line == 2);
}

TEST_CASE("bytecode is not loaded") {
  Rig rig({{"sources", true}});
  rig.write("vip", "\x1bLua\x54");
  CHECK(rig.compile("vip") == GANTRY_GONE);
  CHECK_THAT(rig.text, Catch::Contains("binary chunk"));
}

TEST_CASE("more scripts than uses_max are refused until one is given up") {
  Rig rig({{"uses_max", 1}, {"sources", true}});
  rig.use(function("return true"));
  const gantry_compiled first = std::exchange(rig.compiled, {});
  CHECK(rig.compile("vip eu") == GANTRY_BUSY);
  CHECK(rig.text == "more than uses_max = 1 different scripts are in use");
  CHECK(rig.compile("vip on_error=skip") == GANTRY_OK);  // the same script
  rig.release();
  rig.table->release(first.program);
  rig.host.advance_ms(1000);
  CHECK(rig.compile("vip eu") == GANTRY_OK);
}
