// lua(...) inside expressions of SQL92: both modules in one host, the other one as its library.
#include "cpp/fake/library.hpp"
#include "rig.hpp"

using namespace gantry::filter_lua::testing;
namespace sdk = gantry::sdk;

namespace {

struct SqlRig {
  explicit SqlRig(const std::string& lua) {
    sql = &rig.host.load(library.plugin(), "filter_sql92");
    rig.write("vip", lua);
    table = &sql->table<gantry_filter>(GANTRY_CAP_FILTER, "SQL92");
    compiled.struct_size = sizeof compiled;
  }
  ~SqlRig() {
    if (compiled.program) table->release(compiled.program);
  }
  gantry_status compile(std::string_view expression) {
    gantry_status status = GANTRY_FAULT;
    rig.host.on_worker([&](const gantry_call& call) {
      status = table->compile(sql->self(), &call, sdk::str(expression), &compiled);
      rig.text = call.error->text;
    });
    return status;
  }
  int verdict(const Message& message) {
    const gantry_message view = message.view();
    const gantry_batch batch{sizeof batch, sizeof view, 1, 0, &view};
    uint8_t verdict = 99;
    rig.host.on_shard([&](const gantry_call& call) {
      CHECK(table->match(compiled.program, &call, &batch, &verdict) == GANTRY_OK);
      rig.text = call.error->text;
    });
    return verdict;
  }

  sdk::fake::Library library{std::string(GANTRY_PLUGIN_DIR) + "/filter_sql92.so"};
  Rig rig;
  sdk::fake::Instance* sql = nullptr;
  const gantry_filter* table = nullptr;
  gantry_compiled compiled{};
};

const Message eu{{{"a", "5"}, {"region", "eu"}}, "", "T"};
const Message us{{{"a", "5"}, {"region", "us"}}, "", "T"};

}  // namespace

TEST_CASE("an SQL92 expression calls a script with its properties") {
  SqlRig sql("return function(message, region) return region == 'eu' and message.topic == 'T' end");
  REQUIRE(sql.compile("a > 3 AND lua('vip', region)") == GANTRY_OK);
  CHECK(sql.verdict(eu) == deliver);
  CHECK(sql.verdict(us) == skip);
  CHECK(sql.verdict(Message{{{"a", "2"}, {"region", "eu"}}, "", "T"}) == skip);
}

TEST_CASE("a script that changes changes the SQL92 expressions that call it") {
  SqlRig sql("return function(message, region) return region == 'eu' end");
  REQUIRE(sql.compile("lua('vip', region)") == GANTRY_OK);
  CHECK(sql.verdict(us) == skip);
  sql.rig.write("vip", "return function(message, region) return region == 'us' end");
  sql.rig.host.advance_ms(1000);
  CHECK(sql.verdict(us) == deliver);
}

TEST_CASE("a script that fails makes the SQL92 expression an error with the script's words") {
  SqlRig sql("return function(message, region)\n  error('cannot judge this')\nend");
  REQUIRE(sql.compile("lua('vip', region)") == GANTRY_OK);
  CHECK(sql.verdict(eu) == error);
  CHECK_THAT(sql.rig.text, Catch::Contains("vip.lua:2: cannot judge this"));
}

TEST_CASE("an SQL92 expression that names no script is refused where it is compiled") {
  SqlRig sql(function("return true"));
  CHECK(sql.compile("lua('nobody')") == GANTRY_GONE);
  CHECK_THAT(sql.rig.text, Catch::Contains("there is no script nobody"));
  CHECK(sql.compile("lua(region)") == GANTRY_INVALID);
  CHECK_THAT(sql.rig.text, Catch::Contains("argument 1 is the name of a script"));
}
