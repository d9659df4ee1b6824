// gantryctl filter test: filters of all types judge what a node has stored, and are told of where
// they fail.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "client/producer.hpp"
#include "ctl_run.hpp"
#include "folder.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;

namespace bj = boost::json;

namespace {

// 40 messages over 4 queues: a = 0 ... 39, a third of tag t0, t1 and t2 each, half of them of eu.
class Orders {
 public:
  Orders() {
    REQUIRE(node_.start(Shape()).has_value());
    REQUIRE(ctl(at(), "topic create -t orders --queues 4").code == 0);
    client::Cluster cluster(at());
    client::Producer producer(cluster, "senders");
    for (int i = 0; i < 40; ++i) {
      client::Message message{.topic = "orders", .body = fmt::format("order {}", i)};
      message.tags = fmt::format("t{}", i % 3);
      message.keys = fmt::format("k{}", i);
      message.properties = {{"a", fmt::format("{}", i)}, {"region", i % 2 == 0 ? "eu" : "us"}};
      REQUIRE(producer.send(message).has_value());
    }
  }
  std::string at() const { return node_.nameserver(); }
  std::string scripts() const { return folder_.path().string(); }
  std::string script(const std::string& name, const std::string& text) const {
    const auto file = folder_.path() / name;
    std::ofstream(file) << text;
    return file.string();
  }
  Ran test(const std::string& arguments) const {
    return ctl(at(), "filter test " + arguments + " --topic orders");
  }
  bj::object document(const std::string& arguments, int code = 0) const {
    const Ran ran = test(arguments + " --json");
    INFO(arguments << ": " << ran.out << ran.errors);
    REQUIRE(ran.code == code);
    return bj::parse(ran.out).as_object();
  }

 private:
  TestNode node_;
  Folder folder_;
};

int64_t number(const bj::object& document, const char* member) {
  return document.at(member).to_number<int64_t>();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "filters of tags, by SQL92 and in Lua match as many stored messages as there are to match") {
  const Orders orders;
  const auto matched = [&](const std::string& arguments) {
    const bj::object document = orders.document(arguments);
    CHECK(number(document, "read") == 40);
    CHECK(number(document, "judged") == 40);
    CHECK(number(document, "failed") == 0);
    CHECK(document.at("firstFailure").is_null());
    CHECK(document.at("nanosecondsPerMessage").as_double() > 0);
    return number(document, "matched");
  };
  CHECK(matched("--type TAG 't0 || t1'") == 27);
  CHECK(matched("--type SQL92 \"a > 3 AND region = 'eu'\"") == 18);
  const std::string vip = orders.script("vip.lua",
                                        "local least\n"
                                        "return {\n"
                                        "  open = function(text) least = tonumber(text) end,\n"
                                        "  match = function(m, region)\n"
                                        "    if region then return region == 'eu' end\n"
                                        "    return tonumber(m.properties.a) >= least\n"
                                        "  end,\n"
                                        "}\n");
  orders.script("eu.lua", "return function(m, region) return region == 'eu' end\n");
  CHECK(matched(vip + " --arguments 30") == 10);
  CHECK(matched("--type LUA 'vip 35' --scripts " + orders.scripts()) == 5);
  CHECK(matched("--type LUA 'return function(m) return m.tag == \"t2\" end'") == 13);
  CHECK(matched("--type SQL92 \"a < 10 AND lua('eu', region)\" --scripts " + orders.scripts()) ==
        5);
}

TEST_CASE("what a filter's documents and words tell: the index, instructions, facts, matches") {
  const Orders orders;
  const bj::object tags = orders.document("--type TAG t0");
  CHECK(number(tags, "looked") < 40);
  CHECK(tags.at("instructionsPerMessage").is_null());

  const std::string script =
      orders.script("eu.lua", "return function(m) return m.properties.region == 'eu' end\n");
  const bj::object lua = orders.document(script + " --show 2");
  for (const char* member :
       {"type", "expression", "topic", "group", "queues", "read", "judged", "matched", "failed",
        "firstFailure", "different", "looked", "passes", "nanosecondsPerMessage",
        "instructionsPerMessage", "facts", "matches"}) {
    CHECK(lua.contains(member));
  }
  CHECK(lua.at("type") == "LUA");
  CHECK(lua.at("expression") == "eu");
  CHECK(number(lua, "looked") == 40);
  CHECK(number(lua, "passes") == 5);
  const double instructions = lua.at("instructionsPerMessage").as_double();
  CHECK((instructions > 2 && instructions < 50));
  const auto is_calls = [](const bj::value& fact) {
    return fact.at("name") == "calls" && fact.at("value") == 40;
  };
  const bj::array& facts = lua.at("facts").as_array();
  CHECK(std::count_if(facts.begin(), facts.end(), is_calls) == 1);
  REQUIRE(lua.at("matches").as_array().size() == 2);
  for (const bj::value& match : lua.at("matches").as_array()) {
    CHECK(match.at("properties").at("region") == "eu");
  }

  const Ran words = orders.test(script + " --show 1");
  CHECK(words.code == 0);
  CHECK(has(words.out, "read      40 messages of topic orders, the newest, of 4 queues\n"));
  CHECK(has(words.out, "judged    40, 0 of them from the index\n"));
  CHECK(has(words.out, "matched   20 (50.0 %)\n"));
  CHECK(has(words.out, " ns a message, the median of 5 passes\n"));
  CHECK(has(words.out, " instructions a message\n"));
  CHECK(has(words.out, " region=eu\n"));
  CHECK_FALSE(has(words.out, "UNIQ_KEY"));
}

TEST_CASE("a filter is tried on the newest messages, or on those a group has before it") {
  const Orders orders;
  const auto count = [&](const std::string& arguments, const char* member) {
    return number(orders.document(arguments), member);
  };
  CHECK(count("--type SQL92 'a >= 32' --count 8", "read") == 8);
  CHECK(count("--type SQL92 'a >= 32' --count 8", "matched") == 8);
  REQUIRE(ctl(orders.at(), "consume -t orders -g readers --count 40 --wait 10").code == 0);
  CHECK(count("--type TAG '*' --group readers", "read") == 0);
  REQUIRE(ctl(orders.at(), "send -t orders -p new --count 8 --property a=100").code == 0);
  CHECK(count("--type TAG '*' --group readers", "read") == 8);
  REQUIRE(ctl(orders.at(), "group reset-offset -g readers -t orders --to-begin").code == 0);
  CHECK(count("--type SQL92 'a < 8' --group readers --count 8", "matched") == 8);
  CHECK(count("--type SQL92 'a = 100' --group readers --count 8 --from-last", "matched") == 8);
  const Ran nobody = orders.test("--type TAG '*' --group nobody");
  CHECK(nobody.code == 1);
  CHECK(has(nobody.errors, "group nobody has never consumed of topic orders"));
}

TEST_CASE("messages a filter fails on are counted, with the first reason and its message") {
  const Orders orders;
  const std::string script = orders.script("half.lua",
                                           "return function(m)\n"
                                           "  if m.properties.region == 'us' then\n"
                                           "    error('no ' .. m.keys)\n"
                                           "  end\n"
                                           "  return m.tag == 't0'\n"
                                           "end\n");
  const bj::object document = orders.document(script, 1);
  CHECK(number(document, "judged") == 20);
  CHECK(number(document, "failed") == 20);
  CHECK(number(document, "matched") == 7);
  const bj::object& first = document.at("firstFailure").as_object();
  CHECK(has(std::string(first.at("text").as_string()), "half.lua:3: no k"));
  const Ran found = ctl(orders.at(), fmt::format("message get -t orders -q {} -o {}",
                                                 number(first, "queue"), number(first, "offset")));
  CHECK(has(found.out, "region=us"));

  const Ran words = orders.test(script);
  CHECK(words.code == 1);
  CHECK(has(words.out, "failed    20, the first of them message "));
  CHECK(has(words.errors, "20 of 40 messages could not be judged"));
  const bj::object skipping = orders.document(script + " --setting on_error=skip");
  CHECK(number(skipping, "failed") == 0);
  CHECK(number(skipping, "matched") == 7);
}

TEST_CASE("a filter that says something else of a message the next time is told of") {
  const Orders orders;
  const Ran ran = orders.test(orders.script("fickle.lua",
                                            "local turn = 0\n"
                                            "return function(m)\n"
                                            "  turn = turn + 1\n"
                                            "  return turn <= 40\n"
                                            "end\n"));
  CHECK(ran.code == 1);
  CHECK(has(ran.out, "matched   40 (100.0 %)"));
  CHECK(has(ran.errors, "asked again, the filter says something else of 40 messages"));
}

TEST_CASE("a wrong filter is refused with its place, before anything is read") {
  const auto said = [](const std::string& arguments, int code, const std::string& part) {
    const Ran ran = ctl("127.0.0.1:1", "filter test " + arguments);  // nobody is there
    INFO(arguments << ": " << ran.out << ran.errors);
    CHECK(ran.code == code);
    CHECK(has(ran.out + ran.errors, part));
  };
  said("--type SQL92 -t orders 'a > > 3'", 1, "\n  a > > 3\n      ^\n");
  said("--type SQL92 -t orders \"stadt = 'Köln' AND AND b = 1\"", 1,
       "\n  stadt = 'Köln' AND AND b = 1\n                     ^\n");
  said("--type SQL92 -t orders \"nobody(a)\"", 1, "nobody");
  const Folder folder;
  std::ofstream(folder.path() / "bad.lua") << "return function(m)\n  return m.tag ==\nend\n";
  said("-t orders " + (folder.path() / "bad.lua").string(), 1, "bad.lua:3: ");
  said("-t orders " + (folder.path() / "bad.lua").string(), 1, "\n  3 | end\n");
  said("-t orders " + (folder.path() / "none.lua").string(), 1, "there is no file");
  said("-t orders 'a > 3'", 1, "say of which --type the expression is");
  said("-t orders --type MINE a", 1, "name its library with --plugin");
  said("-t orders --type SQL92 a=1 --setting depth=3", 1, "setting depth: ");
  said("-t orders --type SQL92 a=1 --setting depth_max=deep", 1, "\"deep\" is no number");
  said("-t orders --type SQL92 a=1 --setting depth_max=0", 1, "depth_max is out of bounds");
  said("--type SQL92 a=1", 2, "--topic is required");
  said("-t orders --type SQL92 a=1 --plugin /nowhere.so", 2, "/nowhere.so");
  said("-t orders --type SQL92 a=1", 1, "127.0.0.1:1 cannot be reached");
}

TEST_CASE("--plugin brings filters that are not beside gantryctl") {
  const Orders orders;
  const std::string plugins = std::string(GANTRY_BINARY_DIR) + "/lib/gantry/plugins/";
  const std::string copy = orders.scripts() + "/mine.so";
  std::filesystem::copy_file(plugins + "filter_tag.so", copy);
  CHECK(number(orders.document("--plugin " + copy + " t1"), "matched") == 13);
  const Ran none = orders.test("--plugin " + plugins + "metadata_lmdb.so --type MINE x");
  CHECK(none.code == 1);
  CHECK(has(none.errors, "the libraries offer no filter"));
  const Ran text = orders.test("--plugin " + orders.script("text.so", "no library") + " x");
  CHECK(text.code == 1);
  CHECK(has(text.errors, "cannot open "));
}

TEST_CASE("a node tells what its filters did, and looks at once whether scripts have changed") {
  const Folder scripts;
  const auto write = [&](const std::string& text) {
    std::ofstream(scripts.path() / "vip.lua") << text;
  };
  write("return function(message) return message.body == 'hello 2' end");
  Shape shape;
  shape.load.push_back("filter_lua");
  shape.load.push_back("node_admin");
  shape.doors.push_back({"admin", "node_admin"});
  shape.doors.push_back({"scripts", "filter_lua"});
  shape.plugins += fmt::format("[plugins.filter_lua]\nscan_ms = 3600000\nscripts = \"{}\"\n",
                               scripts.path().string());
  TestNode node;
  REQUIRE(node.start(shape).has_value());
  const auto admin = [&](const char* door, const std::string& arguments) {
    return ctl(node.nameserver(), "--admin " + node.address(door) + " " + arguments);
  };
  REQUIRE(ctl(node.nameserver(), "send -t orders -p hello --count 3").code == 0);
  const Ran consumed =
      ctl(node.nameserver(), "consume -t orders -g mine --type LUA -s vip -c 1 --wait 20");
  CHECK(has(consumed.out, "hello 2"));

  const Ran list = admin("admin", "filter list");
  INFO(list.out << list.errors);
  CHECK(list.code == 0);
  CHECK(has(list.out, "SQL92") == false);
  CHECK(has(list.out, "use of script vip"));
  CHECK(has(list.out, "matches "));
  CHECK_FALSE(has(list.out, "matches 0"));  // a pull that is asked again judges it again
  const bj::object document = bj::parse(admin("admin", "--json filter list").out).as_object();
  CHECK(document.at("plugins").as_array().size() == 2);  // filter_tag and filter_lua

  CHECK(admin("scripts", "filter reload").out == "no script has changed\n");
  write("return function(message) return true -- changed\nend");
  const Ran loaded = admin("scripts", "filter reload");
  CHECK(loaded.code == 0);
  CHECK(loaded.out == "loaded vip\n");
  write("return function(message");
  const Ran failed = admin("scripts", "filter reload");
  CHECK(failed.code == 1);
  CHECK(has(failed.errors, "vip stays as it was: vip.lua:1:"));
}

TEST_CASE("who consumes by an expression that is wrong is told so, and where") {
  Shape shape;
  shape.load.push_back("filter_sql92");
  TestNode node;
  REQUIRE(node.start(shape).has_value());
  REQUIRE(ctl(node.nameserver(), "topic create -t orders").code == 0);
  const auto consume = [&](const std::string& options) {
    return ctl(node.nameserver(), "consume -t orders -g mine --wait 0 " + options);
  };
  const Ran wrong = consume("--type SQL92 -s 'a >'");
  CHECK(wrong.code == 1);
  CHECK(has(wrong.errors, "column 4"));
  const Ran unserved = consume("--type LUA -s vip");
  CHECK(unserved.code == 1);
  CHECK(has(unserved.errors, "filter_lua"));
  CHECK(consume("--type SQL92 -s 'a > 3'").code == 0);
}
