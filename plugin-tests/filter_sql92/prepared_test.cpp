// Calls of functions whose module was reloaded or stopped, where the test decides when.
#include <catch2/catch.hpp>

#include "cpp/barrier.hpp"
#include "filter_sql92/functions.hpp"
#include "fuzz/filter/sql_functions.hpp"

using namespace gantry;
using filter_sql92::Functions;
using filter_sql92::Prepared;
using filter_sql92::fuzz::FunctionHost;

namespace {

struct Call {
  Call() {
    error.struct_size = sizeof error;
    call.struct_size = sizeof call;
    call.error = &error;
  }
  gantry_error error{};
  gantry_call call{};
};

std::string refusal_of(const Prepared& prepared) {
  Call call;
  gantry_value out{};
  try {
    static_cast<void>(prepared.invoke(call.call, {}, {}, out));
  } catch (const sdk::Refusal& refusal) {
    CHECK(refusal.status() == GANTRY_REFUSED);
    return refusal.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a prepared call is of no use after a reload, and one prepared anew is") {
  FunctionHost host;
  Functions functions;
  functions.bind(host.host());
  Call call;
  const Prepared old = functions.prepare(call.call, "arguments", {});
  CHECK(refusal_of(old).empty());
  host.reload();
  CHECK(refusal_of(old) == "the function arguments was reloaded since the expression was compiled");
  CHECK(refusal_of(functions.prepare(call.call, "arguments", {})).empty());
}

TEST_CASE("a prepared call is refused while its module does not run") {
  FunctionHost host;
  Functions functions;
  functions.bind(host.host());
  Call call;
  const Prepared prepared = functions.prepare(call.call, "arguments", {});
  host.stop();
  CHECK(refusal_of(prepared) == "the function arguments does not run");
}

TEST_CASE("prepared calls are released once each") {
  FunctionHost host;
  Functions functions;
  functions.bind(host.host());
  Call call;
  {
    Prepared one = functions.prepare(call.call, "echo", {});
    const Prepared other = functions.prepare(call.call, "echo", {});
    CHECK(host.prepared() == 2);
    const Prepared moved = std::move(one);
    CHECK(host.prepared() == 2);
  }
  CHECK(host.prepared() == 0);
}
