// What expressions mean, beyond the recorded cases: what is Gantry's own, and what Java doesn't tell.
#include "rig.hpp"

using namespace gantry::filter_sql92::testing;

TEST_CASE("a condition of a missing property is unknown, and NOT keeps it so") {
  Rig rig;
  CHECK(rig.verdict("a = 1", {}) == skip);
  CHECK(rig.verdict("NOT (a = 1)", {}) == skip);
  CHECK(rig.verdict("(a = 1) IS NULL", {}) == deliver);
  CHECK(rig.verdict("NOT (a = 1) IS NULL", {}) == deliver);
}

TEST_CASE("AND and OR follow the tables of three truths") {
  Rig rig;
  const char* names[] = {"TRUE", "FALSE", "NULL"};
  const int both[3][3] = {{0, 1, 2}, {1, 1, 1}, {2, 1, 2}};
  const int either[3][3] = {{0, 0, 0}, {0, 1, 2}, {0, 2, 2}};
  const auto is = [&](const std::string& expression, int truth) {
    INFO(expression);
    CHECK(rig.verdict(expression, {}) == (truth == 0 ? deliver : skip));
    CHECK(rig.verdict("NOT (" + expression + ")", {}) == (truth == 1 ? deliver : skip));
    CHECK(rig.verdict("(" + expression + ") IS NULL", {}) == (truth == 2 ? deliver : skip));
  };
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      is(std::string(names[a]) + " AND " + names[b], both[a][b]);
      is(std::string(names[a]) + " OR " + names[b], either[a][b]);
    }
  }
}

TEST_CASE("what Java cannot evaluate matches nothing, unless it is not needed") {
  Rig rig;
  CHECK(rig.verdict("a > 1", {{"a", "x"}}) == skip);
  CHECK(rig.verdict("NOT (a > 1)", {{"a", "x"}}) == skip);
  CHECK(rig.verdict("a > 1 OR b = 'y'", {{"a", "x"}, {"b", "y"}}) == skip);
  CHECK(rig.verdict("b = 'y' OR a > 1", {{"a", "x"}, {"b", "y"}}) == deliver);
  CHECK(rig.verdict("NOT (b = 'z' AND a > 1)", {{"a", "x"}, {"b", "y"}}) == deliver);
  CHECK(rig.verdict("NOT (-(a > 1) CONTAINS '')", {{"a", "x"}}) == deliver);
  CHECK(rig.verdict("(b < -(a > 1)) IS NULL", {{"a", "x"}}) == deliver);
  CHECK(rig.verdict("(b BETWEEN -(a > 1) AND 2) IS NULL", {{"a", "x"}}) == deliver);
  CHECK(rig.verdict("NOT (b BETWEEN 5 AND -(a > 1))", {{"a", "x"}, {"b", "1"}}) == deliver);
}

TEST_CASE("whole numbers are read as Java reads them") {
  Rig rig;
  const Properties most = {{"a", "2147483647"}, {"b", "9223372036854775807"}};
  CHECK(rig.verdict("a = 2147483647 AND b = 9223372036854775807", most) == deliver);
  CHECK(rig.verdict("a > 1 OR TRUE", {{"a", "2147483648"}}) == skip);  // beyond an Integer
  CHECK(rig.verdict("a < 2147483648", {{"a", "-2147483649"}}) == deliver);
  CHECK(rig.verdict("a > -2147483648 OR TRUE", {{"a", "9223372036854775808"}}) == skip);
  CHECK(rig.verdict("a = -2147483648", {{"a", "-2147483648"}}) == deliver);
  for (const char* wrong : {"", "+", "-", "1.0", "1 ", " 1", "0x1", "1e1", "--1"}) {
    INFO(wrong);
    CHECK(rig.verdict("a = 1 OR TRUE", {{"a", wrong}}) == skip);
  }
  CHECK(rig.verdict("a = 12", {{"a", "+0012"}}) == deliver);
  CHECK(rig.verdict("a = 12", {{"a", "\xd9\xa1\xef\xbc\x92"}}) == deliver);  // Arabic 1, wide 2
  CHECK(rig.verdict("a = 12 OR TRUE", {{"a", "1\xc2\xb2"}}) == skip);        // superscript 2
}

TEST_CASE("numbers with a fraction are read as Java reads them") {
  Rig rig;
  for (const char* text : {"1.5", " 1.5\t", "+1.5", "15e-1", "0.15E+1", "1.5f", "1.5D", "0x1.8p0",
                           "0x.cp1", "0X18P-4d", "1.50000000000000000000000000000000000000001"}) {
    INFO(text);
    CHECK(rig.verdict("a = 1.5", {{"a", text}}) == deliver);
  }
  for (const char* wrong : {"", ".", "1.5x", "1e", "1e+", "0x1.8", "0x", "NaNf", "nan", "inf",
                            "1 .5", "1.5.", "1_0", "--1.5", "0x1p"}) {
    INFO(wrong);
    CHECK(rig.verdict("a = 1.5 OR TRUE", {{"a", wrong}}) == skip);
  }
  CHECK(rig.verdict("a > 1.7e308", {{"a", "1e999"}}) == deliver);
  CHECK(rig.verdict("a > 1.7e308", {{"a", "0x1p99999999999999999999"}}) == deliver);
  CHECK(rig.verdict("a > 1.7e308", {{"a", "NaN"}}) == deliver);  // above all, to Java
  CHECK(rig.verdict("a < -1.7e308", {{"a", "-Infinity"}}) == deliver);
  CHECK(rig.verdict("a < 4.9e-324 AND a > -4.9e-324", {{"a", "1e-999"}}) == deliver);
  CHECK(rig.verdict("a < 4.9e-324 AND a > -4.9e-324", {{"a", "0x1p-2000"}}) == deliver);
  CHECK(rig.verdict("a < b", {{"a", "-0.0"}, {"b", "0"}}) == deliver);
}

TEST_CASE("of namesakes the last one counts, and pieces that are none are passed over") {
  Rig rig;
  REQUIRE(rig.compile("a = '2' AND b = '3'") == GANTRY_OK);
  const auto verdict_of = [&](std::string_view text) {
    gantry_message message{};
    message.struct_size = sizeof message;
    message.property_text = gantry::sdk::str(text);
    std::vector<uint8_t> verdicts;
    REQUIRE(rig.judge({message}, verdicts) == GANTRY_OK);
    return int{verdicts[0]};
  };
  CHECK(verdict_of("a\x01" "1\x02" "b\x01" "3\x02" "a\x01" "2\x02") == deliver);
  CHECK(verdict_of("a\x01" "2\x02" "b\x01" "3\x02" "a\x01" "1") == skip);
  CHECK(verdict_of("\x02" "junk\x02" "a\x01" "2\x02\x01\x02" "b\x01" "3") == deliver);
  CHECK(verdict_of("") == skip);
}

TEST_CASE("LIKE knows any characters, one character and an escape") {
  Rig rig;
  const auto like = [&](const char* pattern, const char* text) {
    INFO(pattern << " " << text);
    const int verdict = rig.verdict("a LIKE '" + std::string(pattern) + "'", {{"a", text}});
    CHECK(rig.verdict("a NOT LIKE '" + std::string(pattern) + "'", {{"a", text}}) ==
          (verdict == deliver ? skip : deliver));
    return verdict == deliver;
  };
  CHECK(like("abc", "abc"));
  CHECK_FALSE(like("abc", "abcd"));
  CHECK_FALSE(like("abc", "ABC"));
  CHECK(like("%", "anything"));
  CHECK(like("a%", "a"));
  CHECK(like("%c", "abc"));
  CHECK(like("a%b%c", "a-b-b-c"));
  CHECK_FALSE(like("a%b%c", "acb"));
  CHECK_FALSE(like("ab%bc", "abc"));
  CHECK(like("a_c", "abc"));
  CHECK(like("a_c", "a\xe8\xae\xa2" "c"));
  CHECK_FALSE(like("a__c", "a\xe8\xae\xa2" "c"));
  CHECK(like("%_b%", "xab"));
  CHECK_FALSE(like("%_b", "b"));
  CHECK(like("%_b_", "\xe8\xae\xa2" "b\xe8\xae\xa2"));
  CHECK(like("_%_", "ab"));
  CHECK_FALSE(like("_%_", "\xe8\xae\xa2"));
  CHECK_FALSE(like("%__%", "\xe8\xae\xa2"));
  CHECK_FALSE(like("%__", "\xe8\xae\xa2"));
  CHECK(like("%__%", "\xe8\xae\xa2\xe5\x8d\x95"));
  CHECK(like("%aab", "aaab"));
  CHECK(like("%a_b%c", "xaabaybc"));
  CHECK(like("100\\%", "100\\off"));  // no escape unless it is named
}

TEST_CASE("LIKE escapes with the character it is told") {
  Rig rig;
  CHECK(rig.verdict("a LIKE '100!%' ESCAPE '!'", {{"a", "100%"}}) == deliver);
  CHECK(rig.verdict("a LIKE '100!%' ESCAPE '!'", {{"a", "1000"}}) == skip);
  CHECK(rig.verdict("a LIKE '!_!!%' escape '!'", {{"a", "_!x"}}) == deliver);
  CHECK(rig.verdict("a LIKE '\xe8\xae\xa2%' ESCAPE '\xe8\xae\xa2'", {{"a", "%"}}) == deliver);
}

TEST_CASE("LIKE of a missing property is unknown, of what is no text false") {
  Rig rig;
  CHECK(rig.verdict("(a LIKE 'x') IS NULL", {}) == deliver);
  CHECK(rig.verdict("(a NOT LIKE 'x') IS NULL", {}) == deliver);
  CHECK(rig.verdict("1 LIKE '1'", {}) == skip);
  CHECK(rig.verdict("'x' LIKE '_'", {}) == deliver);
}

TEST_CASE("like and escape are still names of properties") {
  Rig rig;
  CHECK(rig.verdict("like LIKE 'x' AND escape = '1'", {{"like", "x"}, {"escape", "1"}}) == deliver);
  CHECK(rig.verdict("NOT like", {{"like", "x"}}) == deliver);
}

TEST_CASE("a comment may be the last thing, with no end of its line") {
  Rig rig;
  CHECK(rig.verdict("a = 1 -- what matters", {{"a", "1"}}) == deliver);
  CHECK(rig.verdict("-- first\na = 1 /* then */", {{"a", "1"}}) == deliver);
}

TEST_CASE("what two sides compute is kept apart") {
  Rig rig;
  const Properties given = {{"a", "1"}, {"b", "2"}, {"c", "3"}};
  CHECK(rig.verdict("(a = 1) = (b = 2)", given) == deliver);
  CHECK(rig.verdict("((a = 1) = (b = 1)) = ((c = 3) = (c = 4))", given) == deliver);
  CHECK(rig.verdict("(a = 2 OR (b = 2 AND (c = 4 OR (a = 1 AND NOT (b = 3)))))", given) == deliver);
  CHECK(rig.verdict("(b BETWEEN a AND c) = (c NOT BETWEEN a AND b)", given) == deliver);
  CHECK(rig.verdict("-(a = 1) BETWEEN 1 AND 2 IS NULL", given) == deliver);
}

TEST_CASE("IN finds each of many texts, and no other") {
  Rig rig;
  std::string list;
  for (int i = 0; i < 700; ++i) list += (i ? ",'" : "'") + std::string(i % 5, 'x') + std::to_string(i) + "'";
  REQUIRE(rig.compile("a IN (" + list + ")") == GANTRY_OK);
  for (int i = 0; i < 700; ++i) {
    CHECK(rig.verdict({{"a", std::string(i % 5, 'x') + std::to_string(i)}}) == deliver);
    CHECK(rig.verdict({{"a", "y" + std::to_string(i)}}) == skip);
  }
}
