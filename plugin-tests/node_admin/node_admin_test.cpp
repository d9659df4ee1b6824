// node_admin in the fake host: what operators are answered of the modules beside it.
#include <catch2/catch.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "cpp/capabilities.hpp"
#include "cpp/fake/host.hpp"
#include "protocol/admin_codes.hpp"
#include "protocol/codes.hpp"

using namespace gantry;

namespace bj = boost::json;
namespace fake = sdk::fake;
namespace code = protocol::admin_code;

namespace {

// A module that tells facts, and answers request 9000.
class Talker : public sdk::Module {
 public:
  explicit Talker(const gantry_host* host)
      : Module(host), requests_(host_.service<gantry_requests>(GANTRY_HOST_REQUESTS)) {}
  void facts(const gantry_call&, sdk::Facts& facts) {
    if (silent) throw sdk::Refusal(GANTRY_BUSY, "it rebuilds its index");
    facts.add("script vip", "matches", uint64_t{7});
    facts.add("script vip", "last_error", "line 3: nil");
    facts.add("", "share", 0.25);
    facts.add("", "ready", true);
    for (uint32_t i = 0; i < more; ++i) facts.add("filler", "number", i);
  }
  gantry_status handle(const gantry_call&, const gantry_request&, gantry_token token, uint32_t) {
    gantry_response response{};
    response.struct_size = sizeof response;
    requests_.respond(host_.raw(), token, &response);
    return GANTRY_OK;
  }
  void session_closed(const gantry_call&, gantry_session) {}

  static inline bool silent = false;
  static inline uint32_t more = 0;

 private:
  const gantry_requests& requests_;
};

constexpr gantry_route talk = sdk::route(9000, GANTRY_ACCESS_NONE);
constexpr const gantry_route* routes[] = {&talk};
constexpr gantry_request_handler handler = sdk::request_handler<Talker>(routes);
constexpr gantry_facts facts_table = sdk::facts<Talker>();
constexpr gantry_offer handler_offer = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr gantry_offer facts_offer = sdk::offer(GANTRY_CAP_FACTS, "", &facts_table);
constexpr const gantry_offer* offers[] = {&handler_offer, &facts_offer};
constexpr gantry_module talker_module = sdk::module<Talker>({.name = "talker", .offers = offers});
constexpr const gantry_module* modules[] = {&talker_module};
constexpr gantry_plugin talker_plugin = sdk::plugin("com.acme.talker", "2.5", modules);

struct Fixture {
  Fixture() : talker((Talker::silent = false, Talker::more = 0,
                      host.load(talker_plugin, "talker", {}, "loud"))) {
    host.load(gantry_plugin_v1, "node_admin");
    host.absent({"gone", "gone.so: cannot be loaded"});
    host.absent({"wild", "it crashed 3 times", true});
    host.start();
  }
  bj::object ask(int32_t request_code, const fake::Fields& fields = {}) {
    const fake::Answer answer =
        host.request("node_admin", {.code = request_code, .fields = fields});
    INFO(answer.remark);
    REQUIRE(answer.code == 0);
    return bj::parse(answer.body).as_object();
  }
  bj::object listed(std::string_view name) {
    const bj::object answer = ask(code::list_plugins);
    for (const bj::value& plugin : answer.at("plugins").as_array()) {
      if (plugin.at("name").as_string() == name) return plugin.as_object();
    }
    FAIL(name);
    return {};
  }
  bj::object described(const std::string& name) {
    return ask(code::describe_plugin, {{"name", name}});
  }
  fake::Host host;
  fake::Instance& talker;
};

int64_t number(const bj::object& from, const char* member) {
  return from.at(member).to_number<int64_t>();
}
std::string text(const bj::object& from, const char* member) {
  return std::string(from.at(member).as_string());
}

}  // namespace

TEST_CASE("the list tells every instance with its library, in the order of the configuration") {
  Fixture f;
  const bj::object answer = f.ask(code::list_plugins);
  const bj::array& plugins = answer.at("plugins").as_array();
  REQUIRE(plugins.size() == 4);
  const bj::object& loud = plugins[0].as_object();
  CHECK(text(loud, "name") == "loud");
  CHECK(text(loud, "module") == "talker");
  CHECK(text(loud, "plugin") == "com.acme.talker");
  CHECK(text(loud, "version") == "2.5");
  CHECK(text(loud, "state") == "running");
  CHECK(text(loud, "trouble").empty());
  CHECK(text(plugins[1].as_object(), "name") == "node_admin");
}

TEST_CASE("calls count from one list to the next, and the clock between them goes on") {
  Fixture f;
  const int64_t before = number(f.listed("loud"), "calls");
  const int64_t began = number(f.ask(code::list_plugins), "steadyNs");
  for (int i = 0; i < 5; ++i) f.host.request("loud", {.code = 9000});
  f.host.advance_ms(1'000);
  CHECK(number(f.listed("loud"), "calls") == before + 5);
  CHECK(number(f.ask(code::list_plugins), "steadyNs") == began + 1'000'000'000);
}

TEST_CASE("an instance that does not run tells why") {
  Fixture f;
  CHECK(text(f.listed("gone"), "state") == "failed");
  CHECK(text(f.listed("gone"), "trouble") == "gone.so: cannot be loaded");
  CHECK(text(f.listed("wild"), "state") == "left out");
  CHECK(text(f.listed("wild"), "trouble") == "it crashed 3 times");
  CHECK(f.described("wild").at("offers").as_array().empty());
}

TEST_CASE("an instance's figures are of all its offers: sums, the longest times, the latest fault") {
  Fixture f;
  gantry_offer_figures& first = f.talker.figures(0);
  first.calls = 10;
  first.faults = 1;
  first.p99_ns = 900;
  first.last_fault = sdk::str("old");
  first.last_fault_ms = 5;
  gantry_offer_figures& second = f.talker.figures(1);
  second.flags = GANTRY_OFFER_TRIPPED;
  second.calls = 3;
  second.faults = 2;
  second.turned_away = 4;
  second.over_budget = 6;
  second.trips = 1;
  second.p99_ns = 700;
  second.max_ns = 800;
  second.last_fault = sdk::str("new");
  second.last_fault_ms = 6;
  f.talker.figures(2).p99_ns = 1'000'000;  // its life
  const bj::object loud = f.listed("loud");
  CHECK(text(loud, "state") == "tripped");
  CHECK(number(loud, "calls") == 13);
  CHECK(number(loud, "faults") == 3);
  CHECK(number(loud, "turnedAway") == 4);
  CHECK(number(loud, "overBudget") == 6);
  CHECK(number(loud, "trips") == 1);
  CHECK(number(loud, "p99Ns") == 900);
  CHECK(number(loud, "maxNs") == 800);
  CHECK(text(loud, "lastFault") == "new");
  CHECK(number(loud, "lastFaultAt") == 6);
}

TEST_CASE("one instance is described offer by offer, its life behind them") {
  Fixture f;
  f.talker.figures(1).flags = GANTRY_OFFER_TRIPPED;
  f.talker.figures(2).calls = 21;
  const bj::object loud = f.described("loud");
  const bj::array& told = loud.at("offers").as_array();
  REQUIRE(told.size() == 3);
  CHECK(text(told[0].as_object(), "id") == GANTRY_CAP_REQUEST_HANDLER);
  CHECK_FALSE(told[0].at("tripped").as_bool());
  CHECK(text(told[1].as_object(), "id") == GANTRY_CAP_FACTS);
  CHECK(told[1].at("tripped").as_bool());
  CHECK(text(told[2].as_object(), "id").empty());
  CHECK(number(told[2].as_object(), "calls") == 21);
}

TEST_CASE("what a module holds rises and falls with its buffers") {
  Fixture f;
  const auto& buffers = *static_cast<const gantry_buffers*>(
      f.talker.host()->service(f.talker.host(), GANTRY_HOST_BUFFERS));
  gantry_slice slice{};
  uint8_t* writable = nullptr;
  REQUIRE(buffers.reserve(f.talker.host(), 4096, &slice, &writable) == GANTRY_OK);
  CHECK(number(f.listed("loud"), "buffersRetained") == 1);
  CHECK(number(f.listed("loud"), "bytesRetained") == 4096);
  buffers.release(f.talker.host(), slice.buffer);
  CHECK(number(f.listed("loud"), "bytesRetained") == 0);
  CHECK(number(f.listed("node_admin"), "bytesRetained") == 0);  // its answers took theirs along
}

TEST_CASE("facts are told as they are, numbers as numbers") {
  Fixture f;
  const bj::object loud = f.described("loud");
  const bj::array& told = loud.at("facts").as_array();
  REQUIRE(told.size() == 4);
  CHECK(told[0] == bj::value({{"subject", "script vip"}, {"name", "matches"}, {"value", 7}}));
  CHECK(text(told[1].as_object(), "value") == "line 3: nil");
  CHECK(told[2].at("value").as_double() == 0.25);
  CHECK(told[3].at("value").as_bool());
  CHECK(f.described("node_admin").at("facts").as_array().empty());  // it tells none
}

TEST_CASE("facts that are more than expected are read again, all of them") {
  Fixture f;
  Talker::more = 1000;
  const bj::object loud = f.described("loud");
  const bj::array& told = loud.at("facts").as_array();
  REQUIRE(told.size() == 1004);
  CHECK(told.back().at("value").to_number<int>() == 999);
}

TEST_CASE("a module that refuses its facts is described without them, with the reason") {
  Fixture f;
  Talker::silent = true;
  const bj::object loud = f.described("loud");
  CHECK(loud.at("facts").as_array().empty());
  CHECK(text(loud, "factsTrouble") == "it rebuilds its index");
  f.host.trip(f.talker);
  CHECK(text(f.described("loud"), "factsTrouble") == "loud is not running");
}

TEST_CASE("a name that is missing or nobody's is refused with what there is") {
  Fixture f;
  const fake::Answer missing = f.host.request("node_admin", {.code = code::describe_plugin});
  CHECK(missing.code == protocol::response_code::invalid_parameter);
  CHECK(missing.remark == "name: which instance? It is missing or empty");
  const fake::Answer unknown =
      f.host.request("node_admin", {.code = code::describe_plugin, .fields = {{"name", "quiet"}}});
  CHECK(unknown.code == protocol::response_code::query_not_found);
  CHECK(unknown.remark ==
        "name: no instance is called quiet, here are: loud, node_admin, gone, wild");
}

TEST_CASE("every code is for administrators") {
  const gantry_module& module = *gantry_plugin_v1.modules[0];
  const auto& table = *static_cast<const gantry_request_handler*>(module.offers[0]->table);
  REQUIRE(table.route_count == 2);
  for (uint32_t i = 0; i < table.route_count; ++i) {
    CHECK(table.routes[i]->access == GANTRY_ACCESS_ADMIN);
    CHECK(table.routes[i]->code / 1000 == 470);
  }
}
