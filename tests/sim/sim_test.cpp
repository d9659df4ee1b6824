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

// The first seed, of 1 to `seeds_max`, that finds something of these kinds while the node or disk
// is broken as `options` say; 0: none. Only what comes back after a start counts: no look at the
// device helps the checker.
uint64_t first_to_find(std::initializer_list<uint64_t Findings::*> kinds, uint64_t seeds_max,
                       HistoryOptions options) {
  const Quiet quiet;
  options.look_at_device = false;
  for (options.seed = 1; options.seed <= seeds_max; options.seed++) {
    const Findings found = run_history(options).findings;
    for (const auto kind : kinds)
      if (found.*kind > 0) return options.seed;
  }
  return 0;
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
    all.read_faults += one.read_faults;
    all.cut_records += one.cut_records;
  }
  // The histories are worth it: power cuts, disk faults, records that recovery cut.
  REQUIRE(all.power_cuts > 3000);
  REQUIRE(all.faults > 1000);
  REQUIRE(all.read_faults > 500);
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
  REQUIRE(first_to_find({&Findings::lost}, 50, {.lies = {.sync_does_nothing = true}}) > 0);
}

TEST_CASE("a log whose cuts and new space are not zeroed is noticed: cut records come back") {
  REQUIRE(first_to_find({&Findings::resurrected}, 2000, {.lies = {.keeps_no_zeros = true}}) > 0);
}

TEST_CASE("a consumer that persists beyond STABLE is noticed") {
  REQUIRE(first_to_find({&Findings::lost, &Findings::index_errors}, 200,
                        {.node_faults = {.persists_beyond_stable = true}}) > 0);
}

TEST_CASE("a further queue that is numbered wrongly is noticed, in the records and in the index") {
  for (const auto kind : {&Findings::gaps, &Findings::index_errors})
    REQUIRE(first_to_find({kind}, 100, {.node_faults = {.misnumbers_further = true}}) > 0);
}

TEST_CASE("an index that takes an inner batch for a single message is noticed") {
  REQUIRE(first_to_find({&Findings::index_errors}, 50, {.node_faults = {.drops_spans = true}}) > 0);
}

TEST_CASE("a failed read that looks like the log's end is noticed") {
  REQUIRE(first_to_find({&Findings::lost}, 200, {.lies = {.bad_pages_read_as_zeros = true}}) > 0);
}

TEST_CASE("an acknowledgement before the bytes are on the device is noticed when it is given") {
  const Quiet quiet;
  const HistoryResult one = run_history({.seed = 1, .lies = {.sync_does_nothing = true}});
  REQUIRE(one.findings.lost > 0);
}
