// Whatever a script does, a run ends within its budget, and the next one is as any other.
#include <chrono>

#include "rig.hpp"

using namespace gantry::filter_lua::testing;

namespace {

// The body of match() fails over its budget; afterwards the same state works.
std::string overrun_of(const std::string& body, const std::string& before = "",
                       const gantry::sdk::fake::Settings& settings = {}) {
  gantry::sdk::fake::Settings all = settings;
  all.emplace("failures_max", 1'000'000);
  all.emplace("run_us_max", 10'000'000);  // whatever slows this test down
  Rig rig(all);
  rig.use(before + "\nreturn function(message)\n  if message.tag == 'fine' then return true end\n  " +
          body + "\n  return true\nend\n");
  INFO(body);
  const auto began = std::chrono::steady_clock::now();
  CHECK(rig.verdict(Message{}) == error);
  const std::string text = rig.text;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CHECK(took.count() < 3);  // seconds, on a machine that does other things
  CHECK(rig.verdict(Message{{{"TAGS", "fine"}}}) == deliver);
  CHECK(rig.fact("use of script vip", "overruns") == "1");
  return text;
}

const std::string spent = "vip.lua:4: over its budget of 100000 instructions";
const std::string texts_spent = "vip.lua:4: texts and tables used up its budget of instructions";

}  // namespace

TEST_CASE("a loop ends at its budget") {
  CHECK(overrun_of("while true do end") == spent);
  CHECK(overrun_of("for i = 1, math.huge do end") == spent);
  CHECK(overrun_of("::again:: goto again") == spent);
  CHECK(overrun_of("repeat until false") == spent);
  CHECK(overrun_of("while true do end", "", {{"instructions_max", 1000}}) ==
        "vip.lua:4: over its budget of 1000 instructions");
}

TEST_CASE("a recursion ends at its budget, or at the stack") {
  CHECK_THAT(overrun_of("local function f() return f() end f()"), Catch::Contains("over its budget"));
  CHECK_THAT(overrun_of("local function f() f() end f()"), Catch::Contains("budget"));
}

TEST_CASE("pcall does not swallow the end of the budget") {
  CHECK(overrun_of("while true do pcall(function() while true do end end) end") == spent);
  CHECK_THAT(overrun_of("local function deep(n) while true do pcall(deep, n + 1) end end deep(1)"),
             Catch::Contains("budget"));
  CHECK(overrun_of("pcall(pcall, pcall, function() while true do end end)") == spent);
  CHECK(overrun_of("local f f = function() pcall(error) return f() end f()") == spent);
}

TEST_CASE("variables to be closed do not go on behind the budget") {
  CHECK(overrun_of("local x <close> = setmetatable({}, { __close = function() while true do end end }) "
                   "while true do end") == spent);
  CHECK_THAT(
      overrun_of("local function deep() local x <close> = setmetatable({}, { __close = function() "
                 "while true do end end }) deep() end deep()"),
      Catch::Contains("budget"));
}

TEST_CASE("memory without end is refused, and is there again afterwards") {
  CHECK(overrun_of("local t = {} for i = 1, 1e9 do t[i] = {} end") == spent);
  CHECK(overrun_of("local t = {} for i = 1, 1e9 do t[i] = { i } end", "",
                   {{"memory_bytes_max", 1 << 20}, {"instructions_max", 10'000'000}}) ==
        "vip.lua:4: over its limit of memory");
  CHECK(overrun_of("local s = 'x' while true do s = s .. s end") == texts_spent);
  CHECK(overrun_of("local s = 'x' while true do s = s .. s end", "",
                   {{"memory_bytes_max", 1 << 20}}) == "vip.lua:4: over its limit of memory");
  CHECK(overrun_of("while true do pcall(function() local s = 'x' while true do s = s .. s end end) "
                   "end", "", {{"memory_bytes_max", 1 << 20}}) ==
        "vip.lua:4: over its limit of memory");
  CHECK(overrun_of("local s = 'x' while true do s = s:rep(2) end", "",
                   {{"memory_bytes_max", 1 << 20}}) == "vip.lua:4: over its limit of memory");
  CHECK(overrun_of("local s = ('x'):rep(100000) while true do local y = s:upper() end") ==
        texts_spent);
}

TEST_CASE("functions of Lua's library pay for what they do") {
  CHECK(overrun_of("('').rep('', 1e18)") == spent);
  CHECK(overrun_of("('x'):rep(1e9)") == spent);
  CHECK(overrun_of("table.move({}, 1, 1e15, 2)") == spent);
  CHECK(overrun_of("table.concat({}, '', 1, 1e15)") == spent);
  CHECK(overrun_of("table.unpack({}, 1, 1e7)") == spent);
  CHECK(overrun_of("while true do table.sort(t) end",
                   "local t = {} for i = 1, 5000 do t[i] = i end") == spent);
  CHECK(overrun_of("while true do table.insert(t, 1, 1) end",
                   "local t = {} for i = 1, 5000 do t[i] = i end") == spent);
  CHECK(overrun_of("while true do local a = s:byte(1, -1) end", "local s = ('x'):rep(10000)") ==
        spent);
  CHECK(overrun_of("while true do utf8.len(s) end", "local s = ('x'):rep(1e6)") == spent);
  CHECK(overrun_of("while true do tonumber(s) end", "local s = (' '):rep(1e6)") == spent);
  CHECK(overrun_of("while true do string.unpack(s, '') end", "local s = (' '):rep(1e6)") == spent);
  CHECK(overrun_of("while true do s:find('no', 1, true) end", "local s = ('x'):rep(1e6)") == spent);
}

TEST_CASE("patterns that go back without end are charged for every step") {
  const std::string long_text = "local s = ('a'):rep(5000)";
  CHECK(overrun_of("s:find(('a*'):rep(20) .. 'b')", long_text) == spent);
  CHECK(overrun_of("s:match('(.-)(.-)(.-)(.-)b')", long_text) == spent);
  CHECK(overrun_of("s:gsub(('.-'):rep(10) .. 'b', '')", long_text) == spent);
  CHECK(overrun_of("for x in s:gmatch(('a?'):rep(30) .. ('a'):rep(30) .. 'b') do end", long_text) ==
        spent);
  CHECK(overrun_of("s:find('%b()')", "local s = ('('):rep(50000)") == spent);
  CHECK(overrun_of("s:find('[' .. ('x'):rep(2000) .. ']')", long_text) == spent);
  CHECK(overrun_of("while true do s:gsub('a', 'b') end", long_text) == spent);
  CHECK(overrun_of("s:gsub('a', function() while true do end end)", long_text) == spent);
}

TEST_CASE("metamethods are charged as everything else") {
  CHECK_THAT(overrun_of("local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) "
                        "pcall(function() return t[1] end) while true do end"),
             Catch::Contains("budget"));
  CHECK(overrun_of("local t = setmetatable({}, { __eq = function() while true do end end }) "
                   "local x = t == setmetatable({}, getmetatable(t))") == spent);
  CHECK(overrun_of("tostring(setmetatable({}, { __tostring = function() while true do end end }))") ==
        spent);
  CHECK(overrun_of("for k in pairs(setmetatable({}, { __pairs = function() return function() "
                   "return 1 end end })) do end") == spent);
}

TEST_CASE("few instructions that take long end by the clock of their thread") {
  // Arguments are copied at each call, which is one instruction.
  CHECK(overrun_of("local function f(...) return f(...) end f(table.unpack(t))",
                   "local t = {} for i = 1, 50000 do t[i] = i end",
                   {{"instructions_max", 1'000'000'000}, {"run_us_max", 2000}}) ==
        "vip.lua:4: it ran for too long");
}

TEST_CASE("what earlier runs left behind is no reason to be over the limit of memory") {
  Rig rig({{"memory_bytes_max", 1 << 20}, {"instructions_max", 1'000'000}});
  rig.use("local kept = ('k'):rep(450000)\n" +
          function("return #message.properties.n:rep(200000) == 200000 and #kept == 450000"));
  for (char n = 'a'; n <= 'z'; ++n) {
    CHECK(rig.verdict(Message{{{"n", std::string(1, n)}}, "", "T"}) == deliver);
  }
}

TEST_CASE("a body is paid for, and a script that looks at large ones lives") {
  Rig rig;
  rig.use(function("return #message.body == 4000000"));
  for (int i = 0; i < 20; ++i) CHECK(rig.verdict(Message{{}, std::string(4'000'000, 'x')}) == deliver);
}
