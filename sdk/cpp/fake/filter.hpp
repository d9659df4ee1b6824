// Filter: a scriptable gantry.filter for tests of modules that read queues. Its expressions are
// `name=value`: messages whose property has that value; anything else is wrong at its end. It always
// looks, unless a test gives it `judge_index`. Owned by the test, outlives the host it is offered
// to, which notes a breach for programs not released. Used on the test's thread.
#pragma once

#include <gantry/cap/filter.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace gantry::sdk::fake {

class Filter {
 public:
  // What judges an entry or message instead; `expression` is the program's.
  std::function<uint8_t(const std::string& expression, const gantry_index_entry&)> judge_index;
  std::function<uint8_t(const std::string& expression, const gantry_message&)> judge;

  std::map<std::pair<std::string, std::string>, std::string> bound;  // (topic, group): expression
  std::set<std::string> missing;   // expressions that compile says are GONE
  std::string trouble = "broken";  // call->error of a match that judges a message to be an ERROR

  int compiles = 0;       // calls of compile, failed ones included
  int64_t looked_at = 0;  // messages that match() was asked about
  int asked = 0;          // calls of match()
  size_t live() const { return live_; }

  static const gantry_filter& vtable();

 private:
  struct Program {
    Filter* filter;
    std::string expression;
  };
  gantry_status compile(const gantry_call& call, std::string expression, gantry_compiled& out);
  uint8_t look(const Program& program, const gantry_message& message);

  size_t live_ = 0;
};

}  // namespace gantry::sdk::fake
