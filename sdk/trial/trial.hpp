// Trial: a filter in a fake host, one expression, and passes over records. Owned and used by one
// thread; what the filter's modules say in their log stays unread.
//
//   Trial trial({.libraries = {"filter_sql92.so"}});
//   if (auto wrong = trial.compile("a > 3")) ...
//   const Pass pass = trial.judge(records);
//   for (const Fact& fact : trial.facts()) ...
//   for (const std::string& breach : trial.end()) ...
#pragma once

#include <gantry/cap/filter.h>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cpp/fake/host.hpp"
#include "trial/modules.hpp"
#include "trial/records.hpp"

namespace gantry::sdk::trial {

enum class Verdict : uint8_t { skip, deliver, error };

// An expression that was refused. Line and column count from 1; 0: no place is to blame.
struct Wrong {
  std::string text;
  uint32_t line = 0;
  uint32_t column = 0;
};

struct Pass {
  std::vector<Verdict> verdicts;  // one a record
  std::string first_error;        // of the first Verdict::error
  uint64_t looked = 0;            // how many match_index could not tell
  uint64_t ns = 0;                // in the filter
};

struct Fact {
  std::string subject;
  std::string name;
  std::variant<bool, int64_t, double, std::string> value;
};

class Trial {
 public:
  // Opens the libraries and starts the modules. Throws std::exception that says what can't be.
  explicit Trial(const TrialOptions& options);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  const std::string& expression_type() const { return modules_.expression_type; }
  // Once.
  std::optional<Wrong> compile(std::string_view expression);
  Pass judge(const Records& records);
  std::vector<Fact> facts();
  // Stops the modules; what they did against their contract.
  std::vector<std::string> end();

 private:
  void judge_batch(const gantry_call& call, std::span<const gantry_message> messages, Pass& pass);
  void look(const gantry_call& call, std::span<const gantry_message> messages, uint8_t* verdicts,
            Pass& pass);
  gantry_status match(const gantry_call& call, std::span<const gantry_message> messages,
                      uint8_t* verdicts, Pass& pass);

  std::list<fake::Library> libraries_;
  fake::Clock clock_;
  std::unique_ptr<fake::Host> host_;  // before the libraries end
  Modules modules_;
  const gantry_filter* table_ = nullptr;
  gantry_program* program_ = nullptr;
};

}  // namespace gantry::sdk::trial
