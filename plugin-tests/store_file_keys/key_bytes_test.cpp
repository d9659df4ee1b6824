// The properties that the fuzz target checks, on files written by the index and damaged at random:
// they stay compiled and true in every build.
#include <cstdlib>

#include "fuzz/store_file/key_index_properties.hpp"
#include "key_fixture.hpp"
#include "support/rng.hpp"

namespace gantry::testing {
namespace {

// A header and two files, as the index leaves them.
std::string whole_files() {
  Keys keys(1, {.slots = 4, .entries = 12});
  keys.open();
  for (int64_t i = 0; i < 15; ++i) {
    keys.add({.properties = property("KEYS", i % 2 == 0 ? "a" : "b"),
              .log_offset = i * 100,
              .stored_ms = 1'000'000 + i});
  }
  keys.index->save(Keys::ever);
  keys.index->close();
  const auto files = keys.files();
  REQUIRE(files.size() == 2);
  const std::string newest = keys.bytes(files[1]);
  return newest.substr(0, key_header_bytes) + keys.bytes(files[0]) + newest;
}

std::string broken(const std::string& bytes) {
  return broken_key_index({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace

TEST_CASE("a key index on files of any bytes opens or is made anew, and serves") {
  const char* rounds = std::getenv("GANTRY_ROUNDS");
  const int last = rounds ? std::atoi(rounds) : 2000;
  const std::string whole = whole_files();
  REQUIRE(broken(whole) == "");
  REQUIRE(broken("") == "");
  for (int round = 0; round < last; ++round) {
    CAPTURE(round);
    Rng rng(static_cast<uint64_t>(round));
    std::string bytes = rng.below(8) == 0 ? std::string(rng.below(700), '\0') : whole;
    const uint64_t changes = rng.below(8) == 0 ? bytes.size() : rng.below(6);
    for (uint64_t i = 0; i < changes && !bytes.empty(); ++i) {
      const uint64_t value = rng.below(3) == 0 ? rng.below(256) : rng.below(14);
      bytes[rng.below(bytes.size())] = static_cast<char>(value);
    }
    if (rng.below(8) == 0) bytes.resize(rng.below(bytes.size() + 1));
    REQUIRE(broken(bytes) == "");
  }
}

}  // namespace gantry::testing
