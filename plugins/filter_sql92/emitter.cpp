#include "emitter.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace gantry::filter_sql92 {

void Emitter::count_term() {
  if (++terms_ > terms_max_) {
    throw std::length_error("the expression has more than " + std::to_string(terms_max_) +
                            " properties, constants and calls");
  }
}

std::string_view Emitter::keep(std::string text) {
  return code_.texts.emplace_back(std::move(text));
}

Operand Emitter::property(std::string_view name) {
  count_term();
  const uint32_t index = code_.names.add(name);
  if (index >= names_max) {
    throw std::length_error("the expression names more than " + std::to_string(names_max) +
                            " properties");
  }
  return {OperandKind::property, property_ref | index};
}

Operand Emitter::constant(OperandKind kind, const Value& value) {
  count_term();
  code_.constants.push_back(value);
  return {kind, constant_ref | static_cast<Ref>(code_.constants.size() - 1)};
}

const Value& Emitter::value_of(const Operand& constant) const {
  return code_.constants[constant.ref & index_mask];
}

Operand Emitter::negated(const Operand& operand) {
  if (operand.is_constant()) return constant(OperandKind::number, filter_sql92::negated(value_of(operand)));
  Operand out = unary(Op::negate, operand);
  out.kind = OperandKind::number;
  return out;
}

Operand Emitter::unary(Op op, const Operand& operand) {
  const Ref out = operand.in_register() ? operand.ref : claim();
  emit({op, out, operand.ref, 0});
  return {OperandKind::truth, write(out)};
}

Operand Emitter::binary(Op op, const Operand& left, const Operand& right) {
  const Ref out = left.in_register() ? left.ref : right.in_register() ? right.ref : claim();
  emit({op, out, left.ref, right.ref});
  return {OperandKind::truth, write(out)};
}

Operand Emitter::binary_keeping(Op op, const Operand& kept, const Operand& right) {
  const Ref out = right.in_register() ? right.ref : claim();
  emit({op, out, kept.ref, right.ref});
  return {OperandKind::truth, write(out)};
}

Operand Emitter::with_needle(Op op, const Operand& operand, std::string_view needle) {
  Operand out = unary(op, operand);
  code_.needles.push_back(needle);
  code_.instructions.back().b = static_cast<uint32_t>(code_.needles.size() - 1);
  return out;
}

Operand Emitter::with_list(Op op, const Operand& property, TextSet texts) {
  Operand out = unary(op, property);
  code_.lists.push_back(std::move(texts));
  code_.instructions.back().b = static_cast<uint32_t>(code_.lists.size() - 1);
  return out;
}

Operand Emitter::with_pattern(Op op, const Operand& operand, LikePattern pattern) {
  Operand out = unary(op, operand);
  code_.patterns.push_back(std::move(pattern));
  code_.instructions.back().b = static_cast<uint32_t>(code_.patterns.size() - 1);
  return out;
}

Operand Emitter::call(Prepared prepared, std::vector<Ref> arguments, Ref base) {
  count_term();
  code_.calls.push_back({std::move(prepared), std::move(arguments)});
  top_ = base;
  const Ref out = claim();
  emit({Op::call, out, 0, static_cast<uint32_t>(code_.calls.size() - 1)});
  return {OperandKind::call, out};
}

Operand Emitter::in_register(const Operand& operand) {
  return operand.in_register() ? operand : unary(Op::move, operand);
}

void Emitter::move(Ref out, const Operand& from) {
  emit({Op::move, out, from.ref, 0});
  write(out);
}

Emitter::Mark Emitter::jump(Op op, const Operand& operand) {
  emit({op, 0, operand.ref, 0});
  Mark jump = mark();
  --jump.instruction;
  return jump;
}

Emitter::Mark Emitter::null_if_null(Ref out, const Operand& operand) {
  code_.registers = std::max(code_.registers, out + 1);
  emit({Op::null_if_null, out, operand.ref, 0});
  Mark jump = mark();
  --jump.instruction;
  return jump;
}

void Emitter::land(const Mark& mark) {
  scanned_ = mark.scanned;
  code_.instructions[mark.instruction].b = static_cast<uint32_t>(code_.instructions.size());
}

void Emitter::go_back(const Mark& mark) {
  code_.instructions.resize(mark.instruction);
  top_ = mark.top;
  scanned_ = mark.scanned;
}

Code Emitter::finish(const Operand& verdict) {
  emit({Op::end, 0, verdict.ref, 0});
  code_.seal();
  return std::move(code_);
}

Ref Emitter::claim() {
  code_.registers = std::max(code_.registers, top_ + 1);
  return top_++;
}

// The register holds the last operand now; those above it are free.
Ref Emitter::write(Ref out) {
  top_ = out + 1;
  return out;
}

void Emitter::emit(const Instruction& instruction) {
  if (!scanned_ && reads_property(instruction)) {
    code_.instructions.push_back({Op::scan});
    scanned_ = true;
  }
  code_.instructions.push_back(instruction);
}

bool Emitter::reads_property(const Instruction& instruction) const {
  const auto is_property = [](Ref ref) { return (ref & property_ref) != 0; };
  if (instruction.op == Op::call) {
    const auto& arguments = code_.calls[instruction.b].arguments;
    return std::any_of(arguments.begin(), arguments.end(), is_property);
  }
  return is_property(instruction.a) || is_property(instruction.b);
}

}  // namespace gantry::filter_sql92
