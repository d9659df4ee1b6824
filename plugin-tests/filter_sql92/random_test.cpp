// Expressions nobody thought of: what is made up means what the reference says, what is broken is
// refused with its place, what is deep or long ends.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "fuzz/filter/sql_functions.hpp"
#include "fuzz/filter/sql_properties.hpp"
#include "filter_sql92/functions.hpp"
#include "cpp/barrier.hpp"
#include "support/rng.hpp"

using namespace gantry::filter_sql92;

namespace {

std::vector<uint8_t> random_bytes(gantry::testing::Rng& rng, size_t size) {
  std::vector<uint8_t> bytes(size);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(rng.below(256));
  return bytes;
}

constexpr const char* expressions[] = {
    "a = 1 AND (b > 2.5 OR NOT c IS NULL)",
    "a BETWEEN 1 AND 3 AND b NOT IN ('x', 'it''s') OR c LIKE '100!%_' ESCAPE '!'",
    "echo(a, 'x', -1.5e3) <> arguments() /* c */ -- d\n",
    "a CONTAINS 'x' AND b NOT STARTSWITH '\xe8\xae\xa2' AND - -c >= 9223372036854775807L",
    "(((TRUE))) = FALSE OR NULL IS NOT NULL",
};

}  // namespace

TEST_CASE("made up expressions mean what a walk over their tree says") {
  for (uint64_t seed = 1; seed <= 20'000; ++seed) {
    gantry::testing::Rng rng(seed);
    INFO("seed " << seed);
    REQUIRE(fuzz::same_meaning(random_bytes(rng, 20 + rng.below(400))));
  }
}

TEST_CASE("damaged expressions are refused with their place, or work") {
  gantry::testing::Rng rng(7);
  for (const std::string whole : expressions) {
    REQUIRE(fuzz::expression(whole) == 0);
    for (int i = 0; i < 2'000; ++i) {
      std::string damaged = whole.substr(0, 1 + rng.below(whole.size()));
      damaged[rng.below(damaged.size())] = static_cast<char>(rng.below(256));
      damaged.insert(rng.below(damaged.size()), 1, "()'-<%1a, \n"[rng.below(11)]);
      REQUIRE(fuzz::expression(damaged) == 0);
    }
  }
}
