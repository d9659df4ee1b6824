// Emitter: makes Code while the parser reads, without a tree between them. Used by one thread; beyond
// its bounds it throws std::length_error, and the parser adds the place.
//
// Registers are a stack: an operand that is in one has the highest in use, or the one below a later
// operand's. What takes two operands writes the lower one and frees the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "code.hpp"

namespace gantry::filter_sql92 {

// What Java's checks tell apart (filter: ConstantExpression, BooleanExpression, PropertyExpression).
enum class OperandKind {
  property,
  literal,        // a text or a number
  truth_literal,  // TRUE, FALSE, NULL
  truth,          // what a condition came to
  number,         // behind a "-", even if it is none
  call,           // what a function says: anything
};

struct Operand {
  OperandKind kind = OperandKind::literal;
  Ref ref = 0;
  size_t at = 0;   // its first byte in the expression
  size_t end = 0;  // behind its last one

  bool is_literal() const {
    return kind == OperandKind::literal || kind == OperandKind::truth_literal;
  }
  bool is_constant() const { return (ref & constant_ref) != 0; }
  bool in_register() const { return (ref & (property_ref | constant_ref)) == 0; }
};

class Emitter {
 public:
  // A state to go back to, or what a jump is waiting for.
  struct Mark {
    size_t instruction = 0;
    Ref top = 0;
    bool scanned = false;
  };

  // terms_max: properties, constants, texts of lists and calls, each as often as it is written.
  explicit Emitter(size_t terms_max) : terms_max_(terms_max) {}

  void count_term();
  std::string_view keep(std::string text);  // as long as the code

  Operand property(std::string_view name);
  Operand constant(OperandKind kind, const Value& value);
  const Value& value_of(const Operand& constant) const;
  Operand negated(const Operand& operand);
  Operand unary(Op op, const Operand& operand);
  Operand binary(Op op, const Operand& left, const Operand& right);
  // Writes no register of `kept`, which is used again.
  Operand binary_keeping(Op op, const Operand& kept, const Operand& right);
  Operand with_needle(Op op, const Operand& operand, std::string_view needle);
  Operand with_list(Op op, const Operand& property, TextSet texts);
  Operand with_pattern(Op op, const Operand& operand, LikePattern pattern);
  // The arguments' registers begin at `base`.
  Operand call(Prepared prepared, std::vector<Ref> arguments, Ref base);
  Operand in_register(const Operand& operand);
  void move(Ref out, const Operand& from);

  // What is emitted until the mark is passed to land() is left out at times: when the operand, in a
  // register, is false or true; when it is null, and the register `out` is, too.
  Mark jump(Op op, const Operand& operand);
  Mark null_if_null(Ref out, const Operand& operand);
  void land(const Mark& mark);

  Mark mark() const { return {code_.instructions.size(), top_, scanned_}; }
  void go_back(const Mark& mark);
  Ref top() const { return top_; }

  Code finish(const Operand& verdict);

 private:
  Ref claim();
  Ref write(Ref out);
  void emit(const Instruction& instruction);
  bool reads_property(const Instruction& instruction) const;

  const size_t terms_max_;
  size_t terms_ = 0;
  Code code_;
  Ref top_ = 0;           // the lowest free register
  bool scanned_ = false;  // on every way to here
};

}  // namespace gantry::filter_sql92
