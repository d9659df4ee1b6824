#include "code.hpp"

#include <algorithm>

namespace gantry::filter_sql92 {
namespace {

bool comes_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// Which fields of an instruction are refs.
struct Refs {
  bool out;
  bool a;
  bool b;
};
Refs refs_of(Op op) {
  if (op == Op::scan) return {false, false, false};
  if (op == Op::call) return {true, false, false};
  if (op == Op::jump_if_false || op == Op::jump_if_true || op == Op::end) {
    return {false, true, false};
  }
  return {true, true, op >= Op::equal && op <= Op::either};
}

}  // namespace

TextSet::TextSet(std::vector<std::string_view> texts) : texts_(std::move(texts)) {
  std::sort(texts_.begin(), texts_.end(), comes_before);
}

bool TextSet::contains(std::string_view text) const {
  return std::binary_search(texts_.begin(), texts_.end(), text, comes_before);
}

size_t Code::index(Ref ref) const {
  size_t index = ref & index_mask;
  if ((ref & (property_ref | constant_ref)) != 0) index += registers;
  if ((ref & constant_ref) != 0) index += names.count();
  return index;
}

void Code::seal() {
  names.seal();
  const auto resolve = [this](uint32_t& ref) { ref = static_cast<uint32_t>(index(ref)); };
  for (Instruction& instruction : instructions) {
    const Refs refs = refs_of(instruction.op);
    if (refs.out) resolve(instruction.out);
    if (refs.a) resolve(instruction.a);
    if (refs.b) resolve(instruction.b);
  }
  for (FunctionCall& call : calls) {
    arguments_max = std::max(arguments_max, call.arguments.size());
    for (Ref& argument : call.arguments) resolve(argument);
  }
  // From the last one, so that what is jumped to was joined already. Jumps lead forward only.
  for (size_t i = instructions.size(); i-- > 0;) {
    Instruction& jump = instructions[i];
    if (jump.op != Op::jump_if_false && jump.op != Op::jump_if_true) continue;
    const Instruction& target = instructions[jump.b];
    if (target.op == jump.op && target.a == jump.a) jump.b = target.b;
  }
}

}  // namespace gantry::filter_sql92
