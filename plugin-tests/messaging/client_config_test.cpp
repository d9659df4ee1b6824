// Code 46: whether a consumer's expression can be served.
#include <catch2/catch.hpp>

#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

std::string body(const std::string& type, const std::string& expression) {
  return R"({"clientId":"127.0.0.1@c","group":"G","subscriptionData":{"classFilterMode":false,)"
         R"("codeSet":[],"expressionType":")" +
         type + R"(","subString":")" + expression +
         R"(","subVersion":1,"tagsSet":[],"topic":"T"}})";
}

}  // namespace

TEST_CASE("tags are fine, and so is a request that asks nothing") {
  Rig rig({.tag_filter = false});
  for (const std::string& text : {body("TAG", "A || B"), body("TAG", "||"), std::string("{}"),
                                  std::string(), std::string(R"({"group":"G"})")}) {
    const auto answer = rig.ask(46, {}, text);
    CHECK(answer.code == 0);
    CHECK(answer.remark.empty());
  }
}

TEST_CASE("an expression is compiled, and what is wrong is answered 23") {
  Rig rig({.sql_filter = true});
  CHECK(rig.ask(46, {}, body("SQL92", "a=5")).code == 0);
  for (int i = 0; i < 2; ++i) {
    const auto answer = rig.ask(46, {}, body("SQL92", "a > 5"));
    CHECK(answer.code == 23);
    CHECK(answer.remark == "column 6: = is expected");
  }
  CHECK(rig.sql.compiles == 2);
}

TEST_CASE("an expression type without a module is answered 1 with the module's name") {
  Rig rig;
  const auto answer = rig.ask(46, {}, body("SQL92", "a=5"));
  CHECK(answer.code == 1);
  CHECK(answer.remark ==
        "The broker does not support consumer to filter message by SQL92: it has no module for it, "
        "as filter_sql92 would be");
}

TEST_CASE("an expression that is too long, or a body that is none, is refused by name") {
  Rig rig({.settings = {{"expression_bytes_max", 3}}, .sql_filter = true});
  CHECK(rig.ask(46, {}, body("SQL92", "a=5")).code == 0);
  const auto longer = rig.ask(46, {}, body("SQL92", "a=55"));
  CHECK(longer.code == 23);
  CHECK_THAT(longer.remark, Catch::StartsWith("subString: 4 bytes"));
  const auto none = rig.ask(46, {}, "[");
  CHECK(none.code == 1);
  CHECK_THAT(none.remark, Catch::StartsWith("client config: "));
}
