// Report: what the check says of its results, to people or to machines. Used on the program's
// thread.
#pragma once

#include <string>
#include <vector>

#include "check/sandbox.hpp"

namespace gantry::sdk::check {

struct Tally {
  size_t of[5] = {};  // by Outcome

  void count(Outcome outcome) { ++of[static_cast<size_t>(outcome)]; }
  bool is_good() const;  // nothing failed or crashed
};

// "filter_tag.so filter_tag/life_twice: failed: why", or empty for what passed.
std::string line_of(const Result& result);
// "filter_tag.so: 15 passed, 3 skipped"
std::string summary_of(const std::string& library, const Tally& tally);
// An object on one line.
std::string json_of(const Result& result);

}  // namespace gantry::sdk::check
