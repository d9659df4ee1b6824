// The simulation finds nothing in a node as it is, and finds a node or disk that is broken.
#include <catch2/catch.hpp>

#include "base/logging.hpp"
#include "history.hpp"

using namespace gantry;
using namespace gantry::sim;

namespace {

struct Quiet {
  Quiet() { logging::set_level(logging::Level::off); }
  ~Quiet() { logging::set_level(logging::Level::info); }
};

// What seeds 1 to `seeds` find, broken as `options` say. Only what comes back after a start counts:
// no look at the device helps the checker.
Findings find(uint64_t seeds, HistoryOptions options) {
  const Quiet quiet;
  Findings all;
  options.look_at_device = false;
  for (options.seed = 1; options.seed <= seeds; options.seed++)
    all.add(run_history(options).findings);
  return all;
}

}  // namespace

TEST_CASE("a thousand histories of crashes and faults lose nothing and bring nothing back") {
  const Quiet quiet;
  HistoryResult all;
  for (uint64_t seed = 1; seed <= 1000; seed++) {
    const HistoryResult one = run_history({.seed = seed});
    if (!one.findings.none()) {
      CAPTURE(seed, one.findings.texts);
      FAIL_CHECK("gantry_sim --seed " << seed << " --verbose");
    }
    all.power_cuts += one.power_cuts;
    all.faults += one.faults;
    all.cut_records += one.cut_records;
  }
  // The histories are worth it: power cuts, disk faults, records that recovery cut.
  REQUIRE(all.power_cuts > 3000);
  REQUIRE(all.faults > 1000);
  REQUIRE(all.cut_records > 3000);
}

TEST_CASE("the same seed is the same history") {
  const Quiet quiet;
  for (uint64_t seed : {7, 8, 9}) {
    const HistoryResult one = run_history({.seed = seed});
    const HistoryResult other = run_history({.seed = seed});
    REQUIRE(one.records == other.records);
    REQUIRE(one.disk_calls == other.disk_calls);
    REQUIRE(one.faults == other.faults);
    REQUIRE(one.cut_records == other.cut_records);
  }
}

TEST_CASE("a sync that does nothing is noticed: acknowledged records are lost") {
  const Findings found = find(40, {.lies = {.sync_does_nothing = true}});
  REQUIRE(found.lost > 0);
}

TEST_CASE("a consumer that persists beyond STABLE is noticed") {
  const Findings found = find(40, {.persist_beyond_stable = true});
  REQUIRE(found.lost + found.index_errors > 0);
}

TEST_CASE("an acknowledgement before the bytes are on the device is noticed when it is given") {
  const Quiet quiet;
  const HistoryResult one = run_history({.seed = 1, .lies = {.sync_does_nothing = true}});
  REQUIRE(one.findings.lost > 0);
}
