// SqlProgram: a compiled expression. Its code is immutable, any thread; what it computes with is a
// State of each shard, and one more for calls of no shard. Sized when it is made: judging a message
// takes no memory.
//
// A message whose evaluation is impossible in RocketMQ's Java, as of "a > 1" with a = "x", does not
// match. One where a function failed is an ERROR, and call.error keeps what the first such
// function of a batch said.
#pragma once

#include <gantry/cap/filter.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "code.hpp"

namespace gantry::filter_sql92 {

class SqlProgram {
 public:
  SqlProgram(Code code, uint32_t shard_count);

  // Throws sdk::Refusal REFUSED when a function's module does not run or was reloaded.
  void match(const gantry_call& call, const gantry_batch& batch, uint8_t* verdicts);

 private:
  struct alignas(64) State {
    std::vector<Value> values;  // as Code says
    std::vector<gantry_value> arguments;
    bool scanned = false;
  };
  // One batch: where functions say why they failed.
  struct Run {
    State& state;
    const gantry_call* call;
  };

  uint8_t judge(const Run& run, const gantry_message& message) const;
  void scan(State& state, const gantry_message& message) const;
  Value of_one(const Instruction& step, const Value& value) const;
  Value search(const Instruction& step, const Value& value) const;
  bool invoke(const Run& run, const gantry_message& message, const Instruction& step) const;

  const Code code_;
  std::vector<State> states_;
};

}  // namespace gantry::filter_sql92
