// FilterReport: what came of a filter that was tried, and its words. A value of the one thread of
// gantryctl.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "command.hpp"
#include "filter_messages.hpp"
#include "trial/trial.hpp"

namespace gantry::ctl {

struct FilterReport {
  std::string type;
  std::string expression;
  MessagesWanted wanted;
  sdk::trial::Pass pass;                // the first one
  std::vector<size_t> different;        // records of which a later pass said something else
  std::vector<sdk::trial::Fact> facts;  // behind the first pass
  std::vector<uint64_t> pass_ns;
  uint32_t show = 0;

  size_t count(sdk::trial::Verdict verdict) const;
  double ns_per_message() const;  // the median of the passes; 0 for no messages
  // What modules tell of Lua's, or anybody's, instructions; nothing if they don't.
  std::optional<double> instructions_per_message() const;
};

// Prints it; answers the process's exit code.
int show(const Context& context, const FilterReport& report, const StoredMessages& messages);

// The sentence about an expression that was refused, with the line it is about and a mark below the
// place. script: a file the expression names, whose errors may be of a line of it; empty for none.
Failure refusal(const sdk::trial::Wrong& wrong, std::string_view expression,
                const std::string& script);

}  // namespace gantry::ctl
