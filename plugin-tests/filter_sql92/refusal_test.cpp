// Wrong expressions: what is said, and where.
#include "rig.hpp"

using namespace gantry::filter_sql92::testing;

namespace {

void check_refused(Rig& rig, const std::string& expression, uint32_t line, uint32_t column,
                   const std::string& what) {
  INFO(expression);
  CHECK(rig.compile(expression) == GANTRY_INVALID);
  CHECK(rig.compiled.program == nullptr);
  CHECK(rig.compiled.line == line);
  CHECK(rig.compiled.column == column);
  CHECK(rig.text == "line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + what);
}

std::string repeated(const std::string& part, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += part;
  return out;
}

}  // namespace

TEST_CASE("a wrong expression is told with its place") {
  Rig rig;
  check_refused(rig, "", 1, 1, "a property or a value is expected, not the end");
  check_refused(rig, "a = ", 1, 5, "a property or a value is expected, not the end");
  check_refused(rig, "a == 1", 1, 4, "a property or a value is expected, not =");
  check_refused(rig, "(a = 1", 1, 7, ") is expected, not the end");
  check_refused(rig, "a IS 1", 1, 6, "NULL is expected, not 1");
  check_refused(rig, "a BETWEEN 1 OR 2", 1, 13, "AND is expected, not OR");
  check_refused(rig, "a IN 'x'", 1, 6, "( is expected, not 'x'");
  check_refused(rig, "a IN (1)", 1, 7, "a text in '' is expected, not 1");
  check_refused(rig, "a IN ('x' 'y')", 1, 11, ", or ) is expected, not 'y'");
  check_refused(rig, "a CONTAINS b", 1, 12, "a text in '' is expected, not b");
  check_refused(rig, "a NOT NULL", 1, 7,
                "BETWEEN, IN, LIKE, CONTAINS, STARTSWITH or ENDSWITH is expected behind NOT, not NULL");
}

TEST_CASE("lines and columns are counted in characters") {
  Rig rig;
  check_refused(rig, "a = '\xe8\xae\xa2\xe5\x8d\x95' AND\n  b ! 1", 2, 5,
                "the character ! has no meaning here; not equal is <>");
  check_refused(rig, "a = 'x\ny' b", 2, 4, "the expression is complete before b");
}

TEST_CASE("what the characters of an expression can't be is told") {
  Rig rig;
  check_refused(rig, "a = `x`", 1, 5, "the character ` has no meaning here");
  check_refused(rig, "a\x0b= 1", 1, 2, "the character U+000B has no meaning here");
  check_refused(rig, "a = \xff", 1, 5, "the character (not UTF-8) has no meaning here");
  check_refused(rig, "a = 'x", 1, 5, "the text in '' is not closed");
  check_refused(rig, "a = 'x''", 1, 5, "the text in '' is not closed");
  check_refused(rig, "/* a = 1", 1, 1, "the comment is not closed");
}

TEST_CASE("what follows a complete expression is refused") {
  Rig rig;
  check_refused(rig, "a = 1 b", 1, 7, "the expression is complete before b");
  check_refused(rig, "a = 1)", 1, 6, "the expression is complete before )");
  check_refused(rig, "a = 07", 1, 6, "the expression is complete before 7");
  check_refused(rig, "a = 1 " + std::string(60, 'b'), 1, 7,
                "the expression is complete before " + std::string(40, 'b') + "...");
}

TEST_CASE("operands that an operator can't take are named") {
  Rig rig;
  check_refused(rig, "a = 1 AND 'x'", 1, 11, "a condition is expected, not 'x'");
  check_refused(rig, "- a", 1, 1, "a condition is expected, not - a");
  check_refused(rig, "a > 'x'", 1, 5, "> compares numbers, not 'x'");
  check_refused(rig, "(a > 1) <= 2", 1, 1, "<= compares numbers, not (a > 1)");
  check_refused(rig, "a BETWEEN TRUE AND 2", 1, 11, "BETWEEN compares numbers, not TRUE");
  check_refused(rig, "a BETWEEN 3 AND 1", 1, 17,
                "BETWEEN takes the smaller number first, and 1 is below 3");
  check_refused(rig, "a = NULL", 1, 5, "nothing is equal to NULL: write IS NULL or IS NOT NULL");
  check_refused(rig, "TRUE = 'x'", 1, 8, "TRUE cannot be compared with 'x'");
  check_refused(rig, "1 IN ('1')", 1, 1, "IN is asked of a property, not of 1");
}

TEST_CASE("numbers beyond what RocketMQ takes are refused") {
  Rig rig;
  check_refused(rig, "a = 9223372036854775808", 1, 5,
                "9223372036854775808 is more than 9223372036854775807");
  check_refused(rig, "a = 1e309", 1, 5, "1e309 is more than 1.7976931348623157E308");
  check_refused(rig, "a = 0.0", 1, 5, "0.0 is less than 4.9E-324: write 0 for zero");
}

TEST_CASE("patterns of LIKE that mean nothing are refused") {
  Rig rig;
  check_refused(rig, "a LIKE 1", 1, 8, "a text in '' is expected, not 1");
  check_refused(rig, "a LIKE 'x!y' ESCAPE '!'", 1, 8,
                "behind the escape character stands %, _ or itself");
  check_refused(rig, "a LIKE 'x!' ESCAPE '!'", 1, 8,
                "behind the escape character stands %, _ or itself");
  check_refused(rig, "a LIKE 'x' ESCAPE '!!'", 1, 8, "ESCAPE takes one character");
  check_refused(rig, "a LIKE 'x' ESCAPE ''", 1, 12, "ESCAPE takes one character");
  check_refused(rig, "a LIKE '" + std::string(257, '_') + "'", 1, 8,
                "with a _ there may be 256 bytes between two %");
}

TEST_CASE("depth and size are bounded, and told where they are passed") {
  Rig rig({{"depth_max", 3}, {"terms_max", 4}});
  CHECK(rig.compile("NOT (-1 = 1)") == GANTRY_OK);
  check_refused(rig, "(((NOT TRUE)))", 1, 4, "the expression is more than 3 levels deep");
  CHECK(rig.compile("a = 1 OR a = 2") == GANTRY_OK);
  check_refused(rig, "a = 1 OR a = 2 OR a", 1, 19,
                "the expression has more than 4 properties, constants and calls");
  check_refused(rig, "a IN ('x', 'y', 'z', 'z')", 1, 20,
                "the expression has more than 4 properties, constants and calls");
}

TEST_CASE("an expression names so many properties and no more") {
  Rig rig;
  std::string expression = "p0 = 1";
  for (int i = 1; i < 256; ++i) expression += " OR p" + std::to_string(i) + " = 1";
  REQUIRE(rig.compile(expression) == GANTRY_OK);
  CHECK(rig.verdict({{"p255", "1"}}) == deliver);
  CHECK(rig.compile(expression + " OR p256 = 1") == GANTRY_INVALID);
  CHECK(rig.text.ends_with("the expression names more than 256 properties"));
}

TEST_CASE("hostile expressions are refused or work, whatever their depth and size") {
  Rig rig;
  for (const char* part : {"(", "NOT ", "- ", "+ ", "a = (", "a BETWEEN (", "((a OR "}) {
    CHECK(rig.compile(repeated(part, 60'000)) == GANTRY_INVALID);
  }
  REQUIRE(rig.compile("a" + repeated(" OR a", 8'191)) == GANTRY_OK);
  CHECK(rig.verdict({{"a", "x"}}) == skip);
  CHECK(rig.compile("a" + repeated(" OR a", 8'192)) == GANTRY_INVALID);
  REQUIRE(rig.compile(repeated("(", 1'024) + "TRUE" + repeated(")", 1'024)) == GANTRY_OK);
  CHECK(rig.verdict({}) == deliver);
  const std::string nested = repeated("-(", 500) + "a" + repeated(" BETWEEN 1 AND 2)", 500) + " IS NULL";
  REQUIRE(rig.compile(nested) == GANTRY_OK);
  CHECK(rig.verdict({{"a", "1"}}) == deliver);
}

TEST_CASE("the module drains when its last program is released") {
  Rig rig;
  REQUIRE(rig.compile("a = 1") == GANTRY_OK);
  const gantry_module& module = *gantry_plugin_v1.modules[0];
  gantry_error error{};
  error.struct_size = sizeof error;
  CHECK(module.drain(rig.instance.self(), 7, &error) == GANTRY_PENDING);
  rig.release();
  CHECK(rig.host.late_answers() == 1);  // the completion of token 7, which this test made up
  rig.host.kill();
}
