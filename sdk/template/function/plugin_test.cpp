// The plugin in the fake host: a call is prepared as an expression's would be, and invoked.
#include <gantry/cap/function.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "cpp/fake/host.hpp"
#include "cpp/values.hpp"

using namespace gantry::sdk;

namespace {

constexpr gantry_value property = null_value();  // of arguments: differs by message

struct Rig {
  explicit Rig(const fake::Settings& settings = {})
      : bucket(host.load(gantry_plugin_v1, "plugin_name", settings)) {
    host.start();
  }
  ~Rig() { release(); }

  const gantry_function& table() {
    return bucket.table<gantry_function>(GANTRY_CAP_FUNCTION, "bucket");
  }

  // GANTRY_OK, or why not is in `why`.
  gantry_status prepare(const std::vector<gantry_value>& constants) {
    release();
    gantry_status status = GANTRY_OK;
    host.on_worker([&](const gantry_call& call) {
      status = table().prepare(bucket.self(), &call, constants.data(),
                               static_cast<uint32_t>(constants.size()), &prepared);
      why = call.error->text;
    });
    return status;
  }

  // What it says of these arguments: a number, -1 for unknown, or less when it failed.
  int64_t invoke(const std::vector<gantry_value>& arguments) {
    gantry_message message{};
    message.struct_size = sizeof message;
    gantry_value out = null_value();
    gantry_status status = GANTRY_OK;
    host.on_shard([&](const gantry_call& call) {
      status = table().invoke(prepared, &call, &message, arguments.data(),
                              static_cast<uint32_t>(arguments.size()), &out);
      why = call.error->text;
    });
    if (status != GANTRY_OK) return -1 + status;
    return out.kind == GANTRY_I64 ? out.as.i : -1;
  }

  void release() {
    if (prepared) table().release(prepared);
    prepared = nullptr;
  }

  fake::Host host;
  fake::Instance& bucket;
  gantry_prepared* prepared = nullptr;
  std::string why;
};

}  // namespace

TEST_CASE("a text is in the bucket that its FNV-1a hash says") {
  Rig rig;
  REQUIRE(rig.prepare({property, i64_value(16)}) == GANTRY_OK);
  CHECK(rig.invoke({str_value(""), i64_value(16)}) == 0x5);
  CHECK(rig.invoke({str_value("a"), i64_value(16)}) == 0xc);
  CHECK(rig.invoke({str_value("foobar"), i64_value(16)}) == 0x8);
  REQUIRE(rig.prepare({property, i64_value(1)}) == GANTRY_OK);
  CHECK(rig.invoke({str_value("a"), i64_value(1)}) == 0);
  REQUIRE(rig.prepare({property, i64_value(1000)}) == GANTRY_OK);
  CHECK(rig.invoke({str_value("\xc3\xa4"), i64_value(1000)}) == 562);
}

TEST_CASE("a message without the property is in no bucket") {
  Rig rig;
  REQUIRE(rig.prepare({property, i64_value(16)}) == GANTRY_OK);
  CHECK(rig.invoke({null_value(), i64_value(16)}) == -1);
}

TEST_CASE("what only a message shows to be no text fails there, with a reason") {
  Rig rig;
  REQUIRE(rig.prepare({property, i64_value(16)}) == GANTRY_OK);
  CHECK(rig.invoke({i64_value(7), i64_value(16)}) == -1 + GANTRY_INVALID);
  CHECK(rig.why == "bucket: argument 1 is no text");
}

TEST_CASE("a call that cannot work is refused when the expression is compiled") {
  Rig rig({{"buckets_max", 100}});
  const auto refused = [&](const std::vector<gantry_value>& constants) {
    CHECK(rig.prepare(constants) == GANTRY_INVALID);
    CHECK(rig.prepared == nullptr);
    return rig.why;
  };
  CHECK(refused({}) == "0 arguments, and there are two: a text, and the number of buckets");
  CHECK(refused({property, i64_value(2), i64_value(3)}).substr(0, 11) == "3 arguments");
  CHECK(refused({i64_value(1), i64_value(2)}) == "argument 1 is no text");
  const std::string rule = "argument 2 is the number of buckets, written as a number";
  CHECK(refused({property, property}) == rule);
  CHECK(refused({property, str_value("16")}) == rule);
  CHECK(refused({property, i64_value(0)}) == "argument 2: 0 buckets, and there are 1 to 100");
  CHECK(refused({property, i64_value(101)}) == "argument 2: 101 buckets, and there are 1 to 100");
  CHECK(rig.prepare({property, i64_value(100)}) == GANTRY_OK);
}

TEST_CASE("the module drains when its last prepared call is released") {
  Rig rig;
  REQUIRE(rig.prepare({property, i64_value(16)}) == GANTRY_OK);
  gantry_error error{};
  error.struct_size = sizeof error;
  CHECK(gantry_plugin_v1.modules[0]->drain(rig.bucket.self(), 7, &error) == GANTRY_PENDING);
  CHECK(rig.host.late_answers() == 0);
  rig.release();
  CHECK(rig.host.late_answers() == 1);  // the end of the drain, whose token this test made up
  rig.host.kill();
}
