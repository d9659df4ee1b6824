// Scripts that change, break, come and go while the node runs.
#include <boost/json.hpp>

#include "protocol/admin_codes.hpp"
#include "rig.hpp"

using namespace gantry::filter_lua::testing;
namespace code = gantry::protocol::admin_code;

namespace {

const std::string yes = function("return true");
const std::string no = function("return false");
const Message any;

boost::json::object reload(Rig& rig) {
  const auto answer = rig.host.request("filter_lua", {.code = code::filter_reload});
  REQUIRE(answer.code == 0);
  return boost::json::parse(answer.body).as_object();
}

}  // namespace

TEST_CASE("a changed script is taken by programs that run, without a restart") {
  Rig rig;
  rig.use(yes);
  CHECK(rig.verdict(any) == deliver);
  const std::string version = rig.fact("script vip", "version");
  rig.write("vip", no);
  CHECK(rig.verdict(any) == deliver);  // nobody has looked yet
  rig.host.advance_ms(1000);
  CHECK(rig.verdict(any) == skip);
  CHECK(rig.fact("script vip", "version") != version);
  CHECK(rig.fact("use of script vip", "version") == rig.fact("script vip", "version"));
  CHECK(rig.host.logged("script vip has changed and is taken"));
}

TEST_CASE("a broken script is kept out, and the one before goes on") {
  Rig rig;
  rig.use(yes);
  rig.write("vip", "return function( end");
  rig.host.advance_ms(1000);
  CHECK(rig.verdict(any) == deliver);
  CHECK(rig.fact("script vip", "load_error") == "vip.lua:1: <name> or '...' expected near 'end'");
  CHECK(rig.host.logged("script vip is not taken, the one before goes on: vip.lua:1:"));
  CHECK(rig.compile("vip") == GANTRY_OK);
  CHECK(rig.verdict(any) == deliver);
  rig.write("vip", no);
  rig.host.advance_ms(1000);
  CHECK(rig.verdict(any) == skip);
  CHECK(rig.fact("script vip", "load_error").empty());
}

TEST_CASE("a script whose open fails is kept out of the use it fails in") {
  Rig rig;
  rig.use("return { open = function(a) end, match = function(m) return true end }", "vip eu");
  rig.write("vip", "return { open = function(a) assert(a ~= 'eu', 'no more eu') end, "
                   "match = function(m) return false end }");
  rig.host.advance_ms(1000);
  CHECK(rig.verdict(any) == deliver);
  CHECK(rig.fact("use of script vip (eu)", "last_error") == "vip.lua:1: no more eu");
  CHECK(rig.compile("vip us") == GANTRY_OK);
  CHECK(rig.verdict(any) == skip);
}

TEST_CASE("close of the old version runs, and its state starts anew") {
  Rig rig;
  const std::string counting =
      "local n = 0\nreturn { match = function(m) n = n + 1 return n > 1 end, close = function() "
      "n = nil end }";
  rig.use(counting);
  CHECK(rig.judge({any, any}) == Verdicts{skip, deliver});
  rig.write("vip", counting + " -- changed");
  rig.host.advance_ms(1000);
  CHECK(rig.judge({any, any}) == Verdicts{skip, deliver});
  rig.host.advance_ms(1000);
}

TEST_CASE("a new file is found, and one that is only touched is not taken again") {
  Rig rig;
  rig.start();
  CHECK(rig.fact("script vip", "version").empty());
  rig.write("vip", yes);
  rig.host.advance_ms(1000);
  CHECK_FALSE(rig.fact("script vip", "version").empty());
  const std::string loaded = rig.fact("script vip", "loaded_ms");
  rig.write("vip", yes);
  rig.host.advance_ms(5000);
  CHECK(rig.fact("script vip", "loaded_ms") == loaded);
}

TEST_CASE("a removed file is told, and what was loaded goes on until the node restarts") {
  Rig rig;
  rig.use(yes);
  fs::remove(rig.path("vip"));
  rig.host.advance_ms(1000);
  CHECK(rig.verdict(any) == deliver);
  CHECK(rig.host.logged("script vip: its file is gone"));
  CHECK(rig.fact("script vip", "file_missing") == "1");
  CHECK(rig.compile("vip") == GANTRY_OK);
  rig.write("vip", no);
  rig.host.advance_ms(1000);
  CHECK(rig.verdict(any) == skip);
  CHECK(rig.fact("script vip", "file_missing") == "0");
}

TEST_CASE("a file that never loaded and is removed is forgotten") {
  Rig rig;
  rig.write("vip", "return 1 +");
  rig.host.advance_ms(1000);
  CHECK_FALSE(rig.fact("script vip", "load_error").empty());
  fs::remove(rig.path("vip"));
  rig.host.advance_ms(1000);
  CHECK(rig.fact("script vip", "load_error").empty());
}

TEST_CASE("what is no script is told by name and does not stop others") {
  Rig rig({{"script_bytes_max", 2000}});
  rig.start();
  rig.write("a b", yes);
  rig.write("large", "--" + std::string(2000, 'x'));
  fs::create_directory(rig.path("folder"));
  rig.write("vip", yes);
  rig.host.advance_ms(1000);
  CHECK_THAT(rig.fact("script a b", "load_error"), Catch::Contains("is no name for a script"));
  CHECK_THAT(rig.fact("script large", "load_error"), Catch::Contains("script_bytes_max"));
  CHECK_THAT(rig.fact("script folder", "load_error"), Catch::Contains("is no file"));
  CHECK(rig.compile("vip") == GANTRY_OK);
}

TEST_CASE("a request makes it look at once, and tells what came of it") {
  Rig rig({{"scan_ms", 3'600'000}});
  rig.use(yes);
  rig.write("vip", no);
  rig.write("new", yes);
  rig.write("bad", "return");
  const auto told = reload(rig);
  CHECK(boost::json::serialize(told.at("loaded")) == R"(["new","vip"])");
  CHECK(boost::json::serialize(told.at("failed")) ==
        R"([{"script":"bad","error":"bad.lua: the function returned nil, not a function or a table"}])");
  CHECK(told.at("scripts").as_array().size() == 2);
  CHECK(rig.verdict(any) == skip);
  const auto again = reload(rig);
  CHECK(again.at("loaded").as_array().empty());
  CHECK(again.at("failed").as_array().size() == 1);
}

TEST_CASE("the request is for administrators") {
  const auto& handler = *static_cast<const gantry_request_handler*>(
      gantry_plugin_v1.modules[0]->offers[3]->table);
  REQUIRE(handler.route_count == 1);
  CHECK(handler.routes[0]->code == 470101);
  CHECK(handler.routes[0]->access == GANTRY_ACCESS_ADMIN);
}

TEST_CASE("a folder of the operator's is looked at, and told if it is not there") {
  Rig rig({{"scripts", std::string("/nowhere/at/all")}});
  rig.start();
  CHECK(rig.host.logged("scripts cannot be looked for: /nowhere/at/all: No such file or directory"));
  CHECK(rig.compile("vip") == GANTRY_GONE);
}
