// Code: what an expression is compiled to, a list of instructions on an array of values. Plain data.
//
// The array holds registers, then the properties the expression names, then its constants. A Ref says
// which of the three, and its index there; seal() turns the refs of all instructions into indexes of
// the array. Each instruction writes a register; a register is written before it is read.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "functions.hpp"
#include "like.hpp"
#include "names.hpp"
#include "value.hpp"

namespace gantry::filter_sql92 {

enum class Op : uint8_t {
  // out = op a; "truth" is true, false or null
  move,
  truth,  // of a property or a function: what is no boolean is false
  invert,
  negate,
  is_null,
  is_not_null,
  // out = a op b
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  both,
  either,
  // out = a op the b-th of its kind
  contains,
  not_contains,
  starts_with,
  not_starts_with,
  ends_with,
  not_ends_with,
  is_in,
  is_not_in,
  like,
  not_like,
  call,  // out = the b-th call
  // control
  scan,           // finds the properties, if they weren't found yet
  jump_if_false,  // of a, to b
  jump_if_true,
  null_if_null,  // when a is null, so is out, and to b
  end,           // the verdict is a
};

struct Instruction {
  Op op;
  uint32_t out = 0;
  uint32_t a = 0;
  uint32_t b = 0;
};

using Ref = uint32_t;
constexpr Ref property_ref = 1u << 30;
constexpr Ref constant_ref = 2u << 30;
constexpr Ref index_mask = property_ref - 1;

// The texts of an IN.
class TextSet {
 public:
  explicit TextSet(std::vector<std::string_view> texts);
  bool contains(std::string_view text) const;

 private:
  std::vector<std::string_view> texts_;  // by size, then by bytes
};

// A call of a function in the expression.
struct FunctionCall {
  Prepared prepared;
  std::vector<Ref> arguments;
};

struct Code {
  std::vector<Instruction> instructions;
  Names names;
  std::vector<Value> constants;           // their texts live in `texts`
  uint32_t registers = 0;
  std::deque<std::string> texts;          // a deque, since they are viewed while it grows
  std::vector<std::string_view> needles;  // of contains and its like
  std::vector<TextSet> lists;
  std::vector<LikePattern> patterns;
  std::vector<FunctionCall> calls;
  size_t arguments_max = 0;

  size_t values() const { return registers + names.count() + constants.size(); }
  size_t index(Ref ref) const;
  // Resolves refs, joins jumps that lead to jumps. Once, when all is emitted.
  void seal();
};

}  // namespace gantry::filter_sql92
