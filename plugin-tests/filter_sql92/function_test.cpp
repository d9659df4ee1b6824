// Functions of other modules in expressions.
#include "cpp/fake/library.hpp"
#include "rig.hpp"

using namespace gantry::filter_sql92::testing;
namespace fake = gantry::sdk::fake;

namespace {

// The filter beside a module of functions.
struct FunctionRig : Rig {
  explicit FunctionRig(const fake::Settings& settings = {})
      : Rig(settings), functions(host.load(library.plugin(), "functions")) {
    start();
  }
  ~FunctionRig() {
    release();  // before the library closes
    host.stop();
  }
  static inline const fake::Library library{std::string(GANTRY_BINARY_DIR) +
                                            "/lib/gantry/test-plugins/sql92_functions.so"};
  fake::Instance& functions;
};

}  // namespace

TEST_CASE("what a function says is a value of the expression") {
  FunctionRig rig;
  const Properties given = {{"region", "eu"}, {"n", "7"}};
  CHECK(rig.verdict("yes()", given) == deliver);
  CHECK(rig.verdict("size(region) = 2 AND size('abc') > 2.5", given) == deliver);
  CHECK(rig.verdict("half(size(region)) = 1.0", given) == deliver);
  CHECK(rig.verdict("echo(region) = 'eu' AND echo(n) > 6", given) == deliver);
  CHECK(rig.verdict("n BETWEEN size(region) AND 8 AND echo('x') LIKE '_'", given) == deliver);
  CHECK(rig.verdict("-size(region) < 0 AND -echo('x') IS NULL", given) == deliver);
  CHECK(rig.verdict("echo(region) CONTAINS 'e' AND 'eu' = echo(region)", given) == deliver);
}

TEST_CASE("null of a function is unknown, and what is no truth is no condition") {
  FunctionRig rig;
  CHECK(rig.verdict("size(region) IS NULL", {}) == deliver);
  CHECK(rig.verdict("NOT (size(region) = 2)", {}) == skip);
  CHECK(rig.verdict("NOT size(region)", {}) == skip);
  CHECK(rig.verdict("NOT size(region)", {{"region", "eu"}}) == deliver);
  CHECK(rig.verdict("NOT echo('true')", {}) == deliver);
  CHECK(rig.verdict("echo(TRUE) AND NOT echo(FALSE) AND echo(NULL) IS NULL", {}) == deliver);
}

TEST_CASE("a function is given every argument, whatever it is made of") {
  FunctionRig rig;
  const Properties given = {{"a", "1"}, {"b", "2"}};
  CHECK(rig.verdict("arguments() = 0 AND arguments(a, 'b', 3, c) = 4", given) == deliver);
  CHECK(rig.verdict("kind(a) = 4 AND kind(c) = 0 AND kind(3) = 2 AND kind(1.5) = 3", given) ==
        deliver);
  CHECK(rig.verdict("kind(a = 1) = 1 AND echo(a = 1 AND b = 2) AND NOT echo(a = 2 OR b = 1)",
                    given) == deliver);
  CHECK(rig.verdict("kind(a = 1 AND c = 2) = 0", given) == deliver);
  CHECK(rig.verdict("echo(echo(-echo(5))) = -5", given) == deliver);
}

TEST_CASE("a function is told which of its arguments are constants") {
  FunctionRig rig;
  CHECK(rig.verdict("constants('x', a, 1, TRUE, -2.5, a = 1) = 4", {{"a", "1"}}) == deliver);
  CHECK(rig.verdict("constants() = 0 AND constants(a) = 0", {{"a", "1"}}) == deliver);
}

TEST_CASE("a function sees the message") {
  FunctionRig rig;
  REQUIRE(rig.compile("topic() = 'orders'") == GANTRY_OK);
  gantry_message message = Message(Properties{}).view(true);
  message.topic = gantry::sdk::str("orders");
  std::vector<uint8_t> verdicts;
  REQUIRE(rig.judge({message}, verdicts) == GANTRY_OK);
  CHECK(verdicts[0] == deliver);
}

TEST_CASE("a function that fails makes the verdict an error and says why") {
  FunctionRig rig;
  CHECK(rig.verdict("fail('one')", {}) == error);
  CHECK(rig.text == "failed on purpose: one");
  CHECK(rig.verdict("a = 1 AND NOT fail(a)", {{"a", "1"}}) == error);
  CHECK(rig.text == "failed on purpose: 1");
  CHECK(rig.verdict("odd() = 1", {}) == error);
  CHECK(rig.text == "the function odd gave a value of the unknown kind 5");
}

TEST_CASE("a function that is not needed is not called") {
  FunctionRig rig;
  const Properties given = {{"a", "1"}};
  CHECK(rig.verdict("a = 1 OR fail('x')", given) == deliver);
  CHECK(rig.verdict("NOT (a = 2 AND fail('x'))", given) == deliver);
  CHECK(rig.verdict("(b < fail('x')) IS NULL", given) == deliver);
  CHECK(rig.verdict("(b BETWEEN fail('x') AND fail('y')) IS NULL", given) == deliver);
  CHECK(rig.verdict("NOT (a BETWEEN 2 AND fail('x'))", given) == deliver);
  CHECK(rig.verdict("a NOT BETWEEN 2 AND fail('x')", given) == deliver);
  CHECK(rig.verdict("NOT (fail('x') CONTAINS '')", given) == deliver);
  CHECK(rig.verdict("b = 1 AND fail('x')", given) == error);  // unknown is not false
  CHECK(rig.verdict("fail('x') OR a = 1", given) == error);
  CHECK(rig.verdict("b = fail('x')", given) == error);
}

TEST_CASE("a message a function failed on does not change what is said of the next") {
  FunctionRig rig;
  REQUIRE(rig.compile("a = 'ok' OR fail(a)") == GANTRY_OK);
  const Message first(Properties{{"a", "first"}}), second(Properties{{"a", "second"}});
  const Message fine(Properties{{"a", "ok"}});
  std::vector<uint8_t> verdicts;
  REQUIRE(rig.judge({first.view(false), fine.view(false), second.view(false)}, verdicts) ==
          GANTRY_OK);
  CHECK(verdicts == std::vector<uint8_t>{GANTRY_VERDICT_ERROR, GANTRY_VERDICT_DELIVER,
                                         GANTRY_VERDICT_ERROR});
  CHECK(rig.text == "failed on purpose: first");
}

TEST_CASE("wrong calls of functions are told with their place") {
  FunctionRig rig;
  CHECK(rig.compile("a = 1 AND\n upper(a) = 'X'") == GANTRY_INVALID);
  CHECK(rig.text ==
        "line 2, column 2: there is no function upper; this node has arguments, constants, echo, "
        "fail, half, kind, odd, size, topic, yes");
  CHECK(rig.compiled.line == 2);
  CHECK(rig.compiled.column == 2);
  CHECK(rig.compile("a = 1 AND echo(a, 'bad')") == GANTRY_INVALID);
  CHECK(rig.text == "line 1, column 11: echo: argument 2 is bad");
  CHECK(rig.compile("echo(a b)") == GANTRY_INVALID);
  CHECK(rig.text == "line 1, column 8: , or ) is expected, not b");
  CHECK(rig.compile("echo(") == GANTRY_INVALID);
  CHECK(rig.text == "line 1, column 6: a property or a value is expected, not the end");
  CHECK(rig.compile("yes() IN ('x')") == GANTRY_INVALID);
  CHECK(rig.text == "line 1, column 1: IN is asked of a property, not of yes()");
}

TEST_CASE("a node without functions says so") {
  Rig rig;
  CHECK(rig.compile("vip(region)") == GANTRY_INVALID);
  CHECK(rig.text == "line 1, column 1: there is no function vip; this node has none");
}

TEST_CASE("with java_trailing there are no functions, as in RocketMQ") {
  FunctionRig rig({{"java_trailing", true}});
  CHECK(rig.verdict("(echo) IS NULL", {}) == deliver);
  CHECK(rig.verdict("NOT echo('x') IS NOT NULL", {{"echo", "1"}}) == deliver);
}

TEST_CASE("nothing is judged while the functions' module does not run") {
  FunctionRig rig;
  REQUIRE(rig.compile("a = 1 OR yes()") == GANTRY_OK);
  rig.host.trip(rig.functions);
  const Message needs_it(Properties{}), other(Properties{{"a", "1"}});
  std::vector<uint8_t> verdicts;
  CHECK(rig.judge({needs_it.view(false)}, verdicts) == GANTRY_REFUSED);
  CHECK(rig.text == "the function yes does not run");
  CHECK(rig.judge({other.view(false)}, verdicts) == GANTRY_OK);
  CHECK(rig.compile("yes()") == GANTRY_REFUSED);
  rig.host.trip(rig.functions, false);
  CHECK(rig.verdict("yes()", {}) == deliver);
}

TEST_CASE("the functions' module drains when the last program that calls them is released") {
  FunctionRig rig;
  REQUIRE(rig.compile("yes()") == GANTRY_OK);
  const gantry_module& module = *FunctionRig::library.plugin().modules[0];
  gantry_error error{};
  error.struct_size = sizeof error;
  CHECK(module.drain(rig.functions.self(), 7, &error) == GANTRY_PENDING);
  rig.release();
  CHECK(rig.host.late_answers() == 1);  // the completion of token 7, which this test made up
  rig.host.kill();
}
