// The C plugin as a black box: loaded as a library, asked as a client would.
#include <catch2/catch.hpp>

#include "cpp/fake/host.hpp"

using namespace gantry::sdk;

namespace {

const std::string library = std::string(GANTRY_BINARY_DIR) + "/lib/gantry/test-plugins/echo_c.so";
constexpr int32_t echo_code = 9000;

}  // namespace

TEST_CASE("a plugin in C answers behind its configured prefix") {
  const fake::Library echo(library);
  fake::Host host;
  host.load(echo.plugin(), "echo_c", {{"prefix", "you said: "}});
  host.start();
  const fake::Answer answer = host.request("echo_c", {.code = echo_code, .body = "hello"});
  REQUIRE(answer.code == 0);
  REQUIRE(answer.body == "you said: hello");
  host.stop();
  REQUIRE(host.live_buffers() == 0);
}

TEST_CASE("a plugin in C has a default and reads the request's fields") {
  const fake::Library echo(library);
  fake::Host host;
  host.load(echo.plugin(), "echo_c");
  host.start();
  REQUIRE(host.request("echo_c", {.code = echo_code, .body = "x"}).body == "echo: x");
  REQUIRE(host.request("echo_c", {.code = echo_code, .fields = {{"prefix", ""}}, .body = "x"})
              .body == "x");
  REQUIRE(host.request("echo_c", {.code = echo_code}).body == "echo: ");
  host.stop();
}

TEST_CASE("a plugin in C refuses with its own code and sentence") {
  const fake::Library echo(library);
  fake::Host host;
  host.load(echo.plugin(), "echo_c");
  host.start();
  const fake::Answer answer =
      host.request("echo_c", {.code = echo_code, .body = std::string(2 << 20, 'x')});
  REQUIRE(answer.code == 29);
  REQUIRE(answer.remark == "body: more than 1048576 bytes with its prefix");
  REQUIRE(host.request("echo_c", {.code = 1}).code == 3);
  host.stop();
}

TEST_CASE("two instances of a plugin in C share nothing but code") {
  const fake::Library echo(library);
  fake::Host host;
  host.load(echo.plugin(), "echo_c", {{"prefix", "a"}}, "first");
  host.load(echo.plugin(), "echo_c", {{"prefix", "b"}}, "second");
  host.start();
  REQUIRE(host.request("first", {.code = echo_code}).body == "a");
  REQUIRE(host.request("second", {.code = echo_code}).body == "b");
  host.stop();
}
