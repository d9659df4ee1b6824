// gantryctl plugin, against a node whose modules fail, pause and are missing.
#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>
#include <sstream>

#include "client/connection.hpp"
#include "ctl_run.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "protocol/send_header.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;

namespace bj = boost::json;

namespace {

Shape administered() {
  Shape shape;
  shape.load.push_back("node_admin");
  shape.load.push_back(std::string(GANTRY_BINARY_DIR) + "/lib/gantry/test-plugins/put_hooks.so");
  shape.doors.push_back({"admin", "node_admin"});
  shape.plugins += "[plugins.hook_fault]\nfaults_max = 2\npause_ms = 60000\n[plugins.lost]\n";
  return shape;
}

void start(TestNode& node) {
  const Outcome<void> started = node.start(administered());
  INFO((started.has_value() ? "" : started.error().text));
  REQUIRE(started.has_value());
}

std::string admin(const TestNode& node, const std::string& arguments) {
  const Ran ran = ctl("127.0.0.1:1", "--admin " + node.address("admin") + " " + arguments);
  INFO(arguments << ": " << ran.errors);
  REQUIRE(ran.code == 0);
  return ran.out;
}

bj::object listed(const TestNode& node, std::string_view name) {
  const bj::value answer = bj::parse(admin(node, "--json plugin list"));
  for (const bj::value& plugin : answer.at("plugins").as_array()) {
    if (plugin.at("name").as_string() == name) return plugin.as_object();
  }
  FAIL(name);
  return {};
}

int32_t send(client::Connection& broker, const std::string& properties) {
  protocol::SendMessageHeader header;
  header.producer_group = "p";
  header.topic = "T";
  header.default_topic = protocol::topic::auto_create;
  header.default_topic_queues = 4;
  header.properties = properties;
  const Outcome<client::Reply> reply =
      broker.call(protocol::request_code::send_message_v2,
                  write_send_header(header, protocol::SendForm::v2), "body");
  REQUIRE(reply.has_value());
  return reply->code;
}

std::string members(const bj::object& object) {
  std::string out;
  for (const auto& [key, value] : object) out += (out.empty() ? "" : " ") + std::string(key);
  return out;
}

int64_t number(const bj::object& from, const char* member) {
  return from.at(member).to_number<int64_t>();
}

constexpr const char* figures =
    "calls faults refusals turnedAway overBudget overLimit trips p50Ns p99Ns p999Ns maxNs lastFault "
    "lastFaultAt";

}  // namespace

TEST_CASE("gantryctl plugin's documents keep their members") {
  TestNode node;
  start(node);
  const std::string plugin = std::string("name module plugin version library state required trouble ") +
                             figures + " buffersRetained bytesRetained completionsOpen";
  CHECK(members(listed(node, "messaging")) == plugin);
  const bj::object one = bj::parse(admin(node, "--json plugin show messaging")).as_object();
  CHECK(members(one) == plugin + " offers facts");
  CHECK(members(one.at("offers").as_array().front().as_object()) ==
        std::string("id name tripped ") + figures);
  const bj::object top =
      bj::parse(admin(node, "--json plugin top --once --interval 0.1")).as_object();
  CHECK(members(top) == "seconds plugins");
  CHECK(members(top.at("plugins").as_array().front().as_object()) ==
        plugin + " callsPerSecond faultsPerSecond");
}

TEST_CASE("what a client asks moves the figures of who answers") {
  TestNode node;
  start(node);
  client::Connection broker(node.address("broker"));
  REQUIRE(send(broker, "") == 0);
  const int64_t before = number(listed(node, "messaging"), "calls");
  for (int i = 0; i < 20; ++i) REQUIRE(send(broker, "") == 0);
  const bj::object after = listed(node, "messaging");
  CHECK(number(after, "calls") >= before + 20);
  CHECK(number(after, "p50Ns") > 0);
  CHECK(number(after, "p999Ns") >= number(after, "p50Ns"));
  CHECK(after.at("state").as_string() == "running");
  CHECK(after.at("required").as_bool());
}

TEST_CASE("a hook that failed too often shows as tripped, with its last words and what it refused") {
  TestNode node;
  start(node);
  client::Connection broker(node.address("broker"));
  CHECK(listed(node, "hook_fault").at("state").as_string() == "running");
  CHECK(send(broker, "FAULT\x01x\x02") == 1);
  CHECK(listed(node, "hook_fault").at("state").as_string() == "running");
  CHECK(send(broker, "FAULT\x01x\x02") == 1);
  CHECK(send(broker, "FAULT\x01x\x02") == 1);  // it is not asked any more
  CHECK(send(broker, "REFUSE\x01x\x02") == 16);
  const bj::object hook = listed(node, "hook_fault");
  CHECK(hook.at("state").as_string() == "tripped");
  CHECK(number(hook, "faults") == 2);
  CHECK(number(hook, "turnedAway") == 1);
  CHECK(number(hook, "trips") == 1);
  CHECK(hook.at("lastFault").as_string() == "it was asked to fail");
  CHECK(number(hook, "lastFaultAt") > 0);
  CHECK(number(listed(node, "hook_refuse"), "refusals") == 1);
  const std::string shown = admin(node, "plugin show hook_fault");
  CHECK(shown.find("state       tripped\n") != std::string::npos);
  CHECK(shown.find("gantry.put_hook/") != std::string::npos);
  CHECK(admin(node, "plugin list").find("it was asked to fail\n") != std::string::npos);
}

TEST_CASE("an instance that is not there is listed with the reason") {
  TestNode node;
  start(node);
  const bj::object lost = listed(node, "lost");
  CHECK(lost.at("state").as_string() == "failed");
  const std::string trouble(lost.at("trouble").as_string());
  CHECK(trouble.find("plugins.lost: no loaded library has a module lost") != std::string::npos);
  CHECK(admin(node, "plugin list").find(trouble + "\n") != std::string::npos);
}

TEST_CASE("gantryctl plugin top shows the busiest first, as often as it was told") {
  TestNode node;
  start(node);
  const std::string out = admin(node, "plugin top --count 3 --interval 0.1");
  size_t heads = 0;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) heads += line.starts_with("plugin ") ? 1 : 0;
  CHECK(heads == 3);
  const bj::value top = bj::parse(admin(node, "--json plugin top --once --interval 0.2"));
  double busier = 1e18;
  for (const bj::value& plugin : top.at("plugins").as_array()) {
    const double rate = plugin.at("callsPerSecond").to_number<double>();
    CHECK(rate <= busier);
    busier = rate;
  }
  CHECK(top.at("seconds").to_number<double>() >= 0.2);
  CHECK(top.at("plugins").as_array().front().at("callsPerSecond").to_number<double>() > 0);
}

TEST_CASE("gantryctl plugin says what to do when something is wrong") {
  TestNode node;
  start(node);
  const auto said = [](const std::string& arguments, int code, const std::string& part) {
    const Ran ran = ctl("127.0.0.1:1", arguments);
    INFO(arguments << ": " << ran.out << ran.errors);
    CHECK(ran.code == code);
    CHECK((ran.out + ran.errors).find(part) != std::string::npos);
  };
  const std::string door = "--admin " + node.address("admin");
  said("--admin 127.0.0.1:1 plugin list", 1, "--admin or GANTRY_ADMIN say where it is");
  said("--admin " + node.address("broker") + " plugin list", 1, "is it a node's door for administrators");
  said(door + " plugin show nobody", 1, "no instance is called nobody, here are: ");
  said(door + " plugin show", 2, "name is required");
  said(door + " plugin top --once --count 2", 2, "excludes");
  said(door + " plugin top --interval 0", 2, "--interval");
  said(door + " plugin", 2, "A subcommand is required");
  // GANTRY_ADMIN is as good as --admin.
  ::setenv("GANTRY_ADMIN", node.address("admin").c_str(), 1);
  said("plugin list", 0, "messaging");
  ::unsetenv("GANTRY_ADMIN");
}
