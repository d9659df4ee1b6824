// The no-op plugin as a black box: what the bench relies on.
#include <catch2/catch.hpp>

#include "cpp/fake/host.hpp"

using namespace gantry::sdk;

namespace {

const std::string library = std::string(GANTRY_BINARY_DIR) + "/lib/gantry/test-plugins/noop.so";

}  // namespace

TEST_CASE("the no-op module answers its code at once, whatever the request holds") {
  const fake::Library noop(library);
  fake::Host host;
  host.load(noop.plugin(), "noop");
  host.start();
  for (const std::string& body : {std::string(), std::string(1024, 'x')}) {
    const fake::Answer answer = host.request("noop", {.code = 9100, .body = body});
    REQUIRE(answer.code == 0);
    REQUIRE(answer.fields.size() == 6);
    REQUIRE(answer.body.empty());
  }
  REQUIRE(host.request("noop", {.code = 310}).code == 3);
  host.stop();
}
