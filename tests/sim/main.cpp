// gantry_sim: runs seeds of the durability simulation; exit 0 when none found anything.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "base/logging.hpp"
#include "history.hpp"

using namespace gantry;
using namespace gantry::sim;

namespace {

constexpr const char* usage =
    "usage: gantry_sim --seed N [--verbose]\n"
    "       gantry_sim --seeds N [--from M]\n"
    "Runs one seed, or N of them from M (1) on. The last line counts what was found; exit 1 when\n"
    "that isn't all 0.\n";

struct Arguments {
  uint64_t seeds = 0;
  uint64_t from = 1;
  bool verbose = false;
};

bool parse(int argc, char** argv, Arguments& out) {
  for (int i = 1; i < argc; i++) {
    const std::string_view word = argv[i];
    if (word == "--verbose") {
      out.verbose = true;
      continue;
    }
    uint64_t value = 0;
    const char* text = i + 1 < argc ? argv[++i] : "";
    const char* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, value);
    if (error != std::errc{} || stop != end || text == end) return false;
    if (word == "--seed") out.seeds = 1;
    if (word == "--seeds") out.seeds = value;
    if (word == "--seed" || word == "--from") out.from = value;
    if (word != "--seed" && word != "--seeds" && word != "--from") return false;
  }
  return out.seeds > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    std::fputs(usage, stderr);
    return 2;
  }
  logging::set_level(arguments.verbose ? logging::Level::info : logging::Level::off);
  HistoryResult all;
  uint64_t failed = 0;
  for (uint64_t i = 0; i < arguments.seeds; i++) {
    const uint64_t seed = arguments.from + i;
    const HistoryResult one = run_history({.seed = seed, .verbose = arguments.verbose});
    all.findings.add(one.findings);
    all.starts += one.starts;
    all.power_cuts += one.power_cuts;
    all.faults += one.faults;
    all.read_faults += one.read_faults;
    all.records += one.records;
    all.cut_records += one.cut_records;
    if (one.findings.none()) continue;
    failed++;
    std::printf("seed %llu:\n", static_cast<unsigned long long>(seed));
    for (const std::string& text : one.findings.texts) std::printf("  %s\n", text.c_str());
  }
  fmt::print(
      "{} seeds, {} failed: {} starts, {} power cuts, {} disk faults, {} of them reads, {} "
      "records, {} cut\n",
      arguments.seeds, failed, all.starts, all.power_cuts, all.faults, all.read_faults, all.records,
      all.cut_records);
  fmt::print("lost {}, resurrected {}, gaps {}, index errors {}\n", all.findings.lost,
             all.findings.resurrected, all.findings.gaps, all.findings.index_errors);
  return failed == 0 ? 0 : 1;
}
