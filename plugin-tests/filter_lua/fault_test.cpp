// What becomes of a message that a script fails on, and of a script that fails again and again.
#include "rig.hpp"

using namespace gantry::filter_lua::testing;

namespace {

const Message bad{{{"kind", "bad"}}};
const Message good{{{"kind", "good"}}};

// Fails on bad messages.
const std::string picky = function(
    "if message.properties.kind == 'bad' then error('cannot judge this') end\nreturn true");

}  // namespace

TEST_CASE("without another word a failure is an error verdict with script, line and reason") {
  Rig rig;
  rig.use(picky);
  CHECK(rig.judge({good, bad, good}) == Verdicts{deliver, error, error});
  CHECK(rig.text == "vip.lua:2: cannot judge this");
  CHECK(rig.judge({good, good}) == Verdicts{deliver, deliver});
}

TEST_CASE("what is no boolean is a failure") {
  Rig rig({{"failures_max", 100}});
  const auto said = [&](const std::string& body) {
    CHECK(rig.verdict(function(body), good) == error);
    return rig.text;
  };
  CHECK(said("") == "vip.lua: the function returned nil, not a boolean");
  CHECK(said("return nil") == "vip.lua: the function returned nil, not a boolean");
  CHECK(said("return 'true'") == "vip.lua: the function returned string, not a boolean");
  CHECK(said("return 1") == "vip.lua: the function returned number, not a boolean");
  CHECK(said("return message") == "vip.lua: the function returned userdata, not a boolean");
}

TEST_CASE("errors of every shape are told") {
  Rig rig({{"failures_max", 100}});
  const auto said = [&](const std::string& body) {
    CHECK(rig.verdict(function(body), good) == error);
    return rig.text;
  };
  CHECK(said("error({})") == "vip.lua:2: an error that is no text but a table");
  CHECK(said("error()") == "vip.lua:2: an error that is no text but a nil");
  CHECK(said("error('plain', 0)") == "vip.lua:2: plain");
  CHECK(said("error('two\\nlines')") == "vip.lua:2: two lines");
  CHECK(said("error(setmetatable({}, { __tostring = function() while true do end end }))") ==
        "vip.lua:2: an error that is no text but a table");
  CHECK(said("local x = nil + 1") ==
        "vip.lua:2: attempt to perform arithmetic on a nil value");
  CHECK(said("return message.properties.kind > 3") ==
        "vip.lua:2: attempt to compare number with string");
  CHECK(said("error(('x'):rep(1000))").size() < 244);
  CHECK(said("local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) "
             "return t[k .. 'x'] end local x = t.a") == "vip.lua:2: C stack overflow");
  CHECK(said("assert(false, 'no')") == "vip.lua:2: no");
}

TEST_CASE("on_error says deliver or skip, by expression and by default") {
  Rig rig({{"on_error", std::string("deliver")}});
  rig.use(picky);
  CHECK(rig.judge({good, bad}) == Verdicts{deliver, deliver});
  REQUIRE(rig.compile("vip on_error=skip") == GANTRY_OK);
  CHECK(rig.judge({good, bad}) == Verdicts{deliver, skip});
  REQUIRE(rig.compile("vip on_error=stop") == GANTRY_OK);
  CHECK(rig.judge({good, bad}) == Verdicts{deliver, error});
}

TEST_CASE("a message that is passed over because of a failure is counted and logged") {
  Rig rig({{"on_error", std::string("skip")}});
  rig.use(picky);
  CHECK(rig.judge({bad, bad, good, bad}) == Verdicts{skip, skip, deliver, skip});
  CHECK(rig.fact("use of script vip", "skipped_by_errors") == "3");
  CHECK(rig.fact("use of script vip", "errors") == "3");
  CHECK(rig.fact("use of script vip", "last_error") == "vip.lua:2: cannot judge this");
  CHECK(rig.host.logged("script vip: vip.lua:2: cannot judge this"));
  const auto lines = [&] {
    return std::count_if(rig.host.lines().begin(), rig.host.lines().end(), [](const auto& line) {
      return line.text.find("cannot judge") != line.text.npos;
    });
  };
  CHECK(lines() == 1);
  rig.host.advance_ms(10'000);
  CHECK(rig.verdict(bad) == skip);
  CHECK(lines() == 2);
  CHECK(rig.host.logged("(and 2 failures before)"));
}

TEST_CASE("a script that fails again and again is left alone for a while, each time longer") {
  Rig rig({{"failures_max", 3}, {"retry_ms", 1000}, {"retry_ms_max", 3000}});
  rig.use(function("while true do end"));
  CHECK(rig.verdict(good) == error);
  CHECK(rig.verdict(good) == error);
  CHECK(rig.fact("use of script vip", "paused") == "0");
  CHECK(rig.verdict(good) == error);
  CHECK(rig.fact("use of script vip", "paused") == "1");
  CHECK(rig.fact("use of script vip", "overruns") == "3");
  CHECK(rig.verdict(good) == error);
  CHECK(rig.text ==
        "script vip is paused after failures, the last: vip.lua:2: over its budget of 100000 "
        "instructions");
  CHECK(rig.fact("use of script vip", "overruns") == "3");  // it was not called
  for (const int pause_ms : {1000, 2000, 3000, 3000}) {
    const std::string before = rig.fact("use of script vip", "calls");
    rig.host.advance_ms(pause_ms - 1);
    rig.verdict(good);
    CHECK(rig.fact("use of script vip", "calls") == before);
    rig.host.advance_ms(1);
    rig.verdict(good);
    CHECK(rig.fact("use of script vip", "calls") == std::to_string(std::stoi(before) + 1));
  }
}

TEST_CASE("a paused script that works again is called as before") {
  Rig rig({{"failures_max", 2}, {"on_error", "deliver"}});
  rig.use(picky);
  CHECK(rig.judge({bad, bad, good}) == Verdicts{deliver, deliver, deliver});
  CHECK(rig.fact("use of script vip", "calls") == "2");
  rig.host.advance_ms(1000);
  CHECK(rig.verdict(good) == deliver);
  CHECK(rig.fact("use of script vip", "paused") == "0");
  CHECK(rig.judge({bad, good, bad, good}) == Verdicts(4, deliver));
  CHECK(rig.fact("use of script vip", "calls") == "7");
}

TEST_CASE("a newer version of a paused script is called at once") {
  Rig rig({{"failures_max", 1}, {"retry_ms", 60'000}});
  rig.use(function("error('no')"));
  CHECK(rig.verdict(good) == error);
  CHECK(rig.verdict(good) == error);
  rig.write("vip", function("return true"));
  rig.host.advance_ms(1000);
  CHECK(rig.verdict(good) == deliver);
}

TEST_CASE("settings that mean nothing are refused with key and value") {
  for (const auto& [settings, said] : std::vector<std::pair<gantry::sdk::fake::Settings, std::string>>{
           {{{"on_error", std::string("ignore")}}, "setting on_error is 'ignore': it is deliver, skip or stop"},
           {{{"bind[0].topic", "T"}, {"bind[0].script", "a/b"}},
            "setting bind[0].script is 'a/b': no name of a script"},
           {{{"bind[0].topic", "T"}, {"bind[0].script", "x"}, {"bind[0].on_error", "no"}},
            "setting bind[0].on_error is 'no': it is deliver, skip or stop"},
           {{{"bind[0].topic", "T"}, {"bind[0].script", "x"}, {"bind[1].topic", "T"},
             {"bind[1].script", "y"}},
            "setting bind[1].topic is 'T': is bound already for group *"}}) {
    Rig rig(settings);
    CHECK_THROWS_WITH(rig.host.start(), Catch::Contains(said));
  }
}
