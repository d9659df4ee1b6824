// What a script cannot reach.
#include "rig.hpp"

using namespace gantry::filter_lua::testing;

namespace {

bool holds(const std::string& condition) {
  Rig rig;
  INFO(condition);
  const int verdict = rig.verdict(function("return " + condition), Message{});
  INFO(rig.text);
  return verdict == deliver;
}

}  // namespace

TEST_CASE("there is nothing that reaches out of a script") {
  for (const char* name :
       {"io", "os", "debug", "load", "loadstring", "loadfile", "dofile", "require", "package", "ffi",
        "collectgarbage", "print", "warn", "coroutine", "xpcall", "rawloadstring", "newproxy",
        "string.dump", "math.random", "math.randomseed"}) {
    CHECK(holds(std::string(name) + " == nil"));
  }
}

TEST_CASE("what is there is what the README says, and nothing else") {
  CHECK(holds("(function() local n = 0 for k in pairs(_G) do n = n + 1 end return n end)() == 22"));
  CHECK(holds("_G._G == _G and _VERSION == 'Lua 5.4'"));
  CHECK(holds("(function() local n = 0 for k in pairs(string) do n = n + 1 end return n end)() == 16"));
}

TEST_CASE("the metatable of texts is a word, and a finalizer is refused") {
  CHECK(holds("getmetatable('') == 'string'"));
  CHECK(holds("not pcall(setmetatable, {}, { __gc = function() end })"));
  CHECK(holds("not pcall(setmetatable, setmetatable({}, { __metatable = 1 }), {})"));
  CHECK(holds("(function() local m = {} local t = setmetatable({}, m) m.__gc = function() "
              "while true do end end t = nil for i = 1, 10000 do local x = {} end return true end)()"));
}

TEST_CASE("texts are numbers as in Lua, and a long one is none") {
  CHECK(holds("'10' + 5 == 15 and '3' * '4' == 12 and -'2' == -2 and '7' // 2 == 3"));
  CHECK(holds("'0x10' - 1 == 15 and 10 % '4' == 2 and 2 ^ '3' == 8.0 and '1' / 2 == 0.5"));
  CHECK(holds("not pcall(function() return 'x' + 1 end)"));
  CHECK(holds("not pcall(function() return ((' '):rep(300) .. '1') + 1 end)"));
}

TEST_CASE("patterns mean what Lua's manual says") {
  CHECK(holds("('key=value'):match('(%w+)=(%w+)') == 'key'"));
  CHECK(holds("select(2, ('key=value'):match('^(%w+)=(%w+)$')) == 'value'"));
  CHECK(holds("('hello world'):find('wor') == 7 and ('hello'):find('l+') == 3"));
  CHECK(holds("select(2, ('hello'):find('l+')) == 4 and ('a.b'):find('.', 1, true) == 2"));
  CHECK(holds("('x'):find('') == 1 and ('x'):find('', 10) == nil and ('abc'):find('b', -2) == 2"));
  CHECK(holds("('THE (quick) fox'):match('%((%a+)%)') == 'quick'"));
  CHECK(holds("('f(a(b)c)d'):match('%b()') == '(a(b)c)'"));
  CHECK(holds("('THE (quick) fox'):find('%f[%a]%a+%f[%A]', 5) == 6"));
  CHECK(holds("('\"it\\'s\"'):match('([\"\\'])(.-)%1') == '\"'"));
  CHECK(holds("('abc'):match('()b()') == 2 and ('2024-05-06'):match('^%d%d%d%d%-') == '2024-'"));
  CHECK(holds("('a-b_c'):match('[%w_-]+') == 'a-b_c' and ('x]y'):match('[]]') == ']'"));
  CHECK(holds("('abc'):match('[^a-b]') == 'c' and ('aXb'):match('%u') == 'X'"));
  CHECK(holds("('<<a>>'):match('<-(%a)') == 'a' and ('aaa'):match('a-$') == 'aaa'"));
  CHECK(holds("('ab'):match('a?b?c?') == 'ab' and ('%d'):match('%%d') == '%d'"));
  CHECK(holds("(function() local n = 0 for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do "
              "n = n + v end return n end)() == 3"));
  CHECK(holds("(function() local n = 0 for w in ('abc'):gmatch('') do n = n + 1 end return n end)() == 4"));
  CHECK(holds("('hello world'):gsub('o', '0') == 'hell0 w0rld'"));
  CHECK(holds("select(2, ('hello world'):gsub('o', '0', 1)) == 1"));
  CHECK(holds("('hello'):gsub('', '-') == '-h-e-l-l-o-'"));
  CHECK(holds("('abc'):gsub('%w', '%0%0') == 'aabbcc' and ('a b'):gsub('(%w) (%w)', '%2 %1') == 'b a'"));
  CHECK(holds("('$name'):gsub('%$(%w+)', { name = 'x' }) == 'x'"));
  CHECK(holds("('abc'):gsub('b', function(c) return nil end) == 'abc'"));
  CHECK(holds("('abc'):gsub('^a', 'x') == 'xbc' and ('aaa'):gsub('^a', 'x') == 'xaa'"));
}

TEST_CASE("wrong patterns are errors") {
  for (const char* call : {"('x'):match('[a')", "('x'):match('%')", "('x'):match('(x')",
                           "('x'):match('x)')", "('x'):match('%b')", "('x'):match('%1')",
                           "('x'):match('%f')", "('x'):gsub('x', '%2')", "('x'):gsub('x', '%x')",
                           "('x'):gsub('x', true)", "('x'):gsub('x', function() return {} end)",
                           "('x'):match(('('):rep(33))",
                           "('x'):rep(300):match(('x?'):rep(300))"}) {
    CHECK(holds("not pcall(function() return " + std::string(call) + " end)"));
  }
}

TEST_CASE("tables with metatables are not for table's functions") {
  CHECK(holds("not pcall(table.insert, setmetatable({}, { __len = function() return 1e15 end }), 1, 1)"));
  CHECK(holds("not pcall(table.concat, setmetatable({}, { __index = tostring }), '', 1, 5)"));
  CHECK(holds("(function() local t = { 3, 1, 2 } table.sort(t) table.insert(t, 4) table.insert(t, 1, 0) "
              "table.remove(t, 1) return table.concat(t, ',') end)() == '1,2,3,4'"));
  CHECK(holds("select('#', table.unpack({ 1, 2, 3 })) == 3 and table.pack(1, nil).n == 2"));
  CHECK(holds("table.move({ 1, 2 }, 1, 2, 2)[3] == 2"));
}
