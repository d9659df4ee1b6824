// Patterns, beside Lua's own library.
#include <catch2/catch.hpp>
#include <iterator>
#include <map>
#include <random>
#include <string>

#include "fuzz/lua/pattern_properties.hpp"

using namespace gantry::lua::fuzz;

namespace {

class Dice {
 public:
  size_t below(size_t count) { return random_() % count; }
  template <size_t N>
  std::string some(const char* const (&pieces)[N], size_t count_max) {
    std::string out;
    for (size_t left = below(count_max + 1); left > 0; --left) out += pieces[below(N)];
    return out;
  }

 private:
  std::mt19937 random_{20'000};
};

constexpr const char* pattern_pieces[] = {
    "a",  "b",  "1",   ".",   "%a",   "%D",     "%w",     "[ab]", "[^a]", "[%d-]", "[]a]", "[1-9b]",
    "(",  ")",  "(",   ")",   "()",   "(.-)",   "(%a*)",  "%1",   "%2",   "%b()",  "%bab", "%f[%w]",
    "%f", "%b", "%z",  "*",   "+",    "-",      "?",      "*",    "%",    "[",     "]",    "^",
    "$",  "%(", "%f[", "%0",  ".*",   ".-",     "%s?",    "[^",   "-",    "%]",    "\xe4", "%%"};
constexpr const char* text_pieces[] = {"a", "b", "1", "(", ")", " ", "ab", "aa", "-", "\xe4", "]"};
constexpr const char* replacements[] = {"", "x", "<%0>", "%1", "%2%1", "%%", "a1(", "%", "%x"};

}  // namespace

TEST_CASE("patterns give and refuse what those of Lua's own library do") {
  constexpr int calls = 20'000;
  Dice dice;
  Patterns patterns;
  std::map<Ended, int> ended;
  for (int i = 0; i < calls; ++i) {
    const std::string pattern = (dice.below(8) == 0 ? "^" : "") + dice.some(pattern_pieces, 6);
    const std::string text = dice.some(text_pieces, 12);
    PatternCall call;
    call.kind = static_cast<PatternCall::Kind>(dice.below(PatternCall::kinds));
    if (dice.below(3) == 0) call.number = static_cast<int8_t>(static_cast<int>(dice.below(12)) - 4);
    call.pattern = pattern;
    call.replacement = replacements[dice.below(std::size(replacements))];
    call.text = text;
    INFO("call " << i << ": " << pattern << " in " << text);
    const Ended how = patterns.compare(call);
    REQUIRE(how != Ended::otherwise);
    ++ended[how];
  }
  CHECK(ended[Ended::value] > calls / 2);
  CHECK(ended[Ended::error] > calls / 20);
  CHECK(ended[Ended::overrun] < calls / 1000);
}

TEST_CASE("a pattern whose steps nobody can pay ends over budget") {
  Patterns patterns;
  PatternCall call;
  const std::string pattern = ".-.-.-.-.-.-.-.-.-b", text(200, 'a');
  call.pattern = pattern;
  call.text = text;
  CHECK(patterns.compare(call) == Ended::overrun);
}

TEST_CASE("a captured place is never found again as a text, and %z is a zero byte") {
  Patterns patterns;
  PatternCall call;
  call.text = {"ab\0c", 4};
  for (const char* const pattern : {"()%1", "b()%1?", "%z", "[%z]c", "%Z+", "%f[%z]"}) {
    INFO(pattern);
    call.pattern = pattern;
    CHECK(patterns.compare(call) == Ended::value);
  }
}

TEST_CASE("captures and nesting end where Lua's do") {
  const auto many = [](int count, const std::string& piece) {
    std::string out;
    for (int i = 0; i < count; ++i) out += piece;
    return out;
  };
  const std::string nested[] = {many(32, "()"),    many(33, "()"),    many(198, "a?"),
                                  many(199, "a?"),   many(200, "a?"),   many(201, "a?"),
                                  many(32, "(") + many(32, ")"),        many(33, "(") + "a",
                                  many(250, "b*"),   many(250, "b-"),   many(250, "b?"),
                                  many(198, "b*") + "a?a?a?"};
  const std::string text(220, 'a');
  Patterns patterns;
  for (const std::string& pattern : nested) {
    for (int kind = 0; kind < PatternCall::kinds; ++kind) {
      INFO(pattern << " in call " << kind);
      PatternCall call;
      call.kind = static_cast<PatternCall::Kind>(kind);
      call.number = 1;
      call.pattern = pattern;
      call.text = text;
      CHECK(patterns.compare(call) != Ended::otherwise);
    }
  }
}
