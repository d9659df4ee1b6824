#include "sql_program.hpp"

#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"

namespace gantry::filter_sql92 {
namespace {

// What an instruction writes; nothing: Java throws.
using Outcome = std::optional<Value>;

Outcome equality(Op op, const Value& a, const Value& b) {
  const Truth truth = equal(a, b);
  if (truth == Truth::impossible) return std::nullopt;
  if (truth == Truth::unknown) return Value{};
  return boolean((truth == Truth::yes) == (op == Op::equal));
}

Outcome comparison(Op op, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value{};
  switch (order(a, b)) {
    case Order::less:
      return boolean(op == Op::less || op == Op::less_equal);
    case Order::same:
      return boolean(op == Op::less_equal || op == Op::greater_equal);
    case Order::greater:
      return boolean(op == Op::greater || op == Op::greater_equal);
    default:
      return std::nullopt;
  }
}

Value both(const Value& a, const Value& b) {
  if (a.is_false() || b.is_false()) return boolean(false);
  return a.is_null() || b.is_null() ? Value{} : boolean(true);
}

Value either(const Value& a, const Value& b) {
  if (a.is_true() || b.is_true()) return boolean(true);
  return a.is_null() || b.is_null() ? Value{} : boolean(false);
}

bool contains(std::string_view text, std::string_view needle) {
  return text.size() >= needle.size() &&
         memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

bool write(Value& out, const Outcome& outcome) {
  if (outcome) out = *outcome;
  return outcome.has_value();
}

}  // namespace

SqlProgram::SqlProgram(Code code, uint32_t shard_count)
    : code_(std::move(code)), states_(shard_count + 1) {
  for (State& state : states_) {
    state.values.resize(code_.values());
    std::copy(code_.constants.begin(), code_.constants.end(),
              state.values.end() - static_cast<ptrdiff_t>(code_.constants.size()));
    state.arguments.resize(code_.arguments_max);
  }
}

void SqlProgram::match(const gantry_call& call, const gantry_batch& batch, uint8_t* verdicts) {
  State& state = states_[call.shard < states_.size() ? call.shard : states_.size() - 1];
  gantry_error unheard{.struct_size = sizeof unheard, .code = 0, .wire_code = 0, .text = {}};
  gantry_call quiet = call;
  quiet.error = &unheard;
  Run run{state, &call};
  const auto* first = reinterpret_cast<const char*>(batch.first);
  for (uint32_t i = 0; i < batch.count; ++i) {
    verdicts[i] =
        judge(run, *reinterpret_cast<const gantry_message*>(first + size_t{i} * batch.stride));
    if (verdicts[i] == GANTRY_VERDICT_ERROR) run.call = &quiet;
  }
}

uint8_t SqlProgram::judge(const Run& run, const gantry_message& message) const {
  const Instruction* const begin = code_.instructions.data();
  Value* const values = run.state.values.data();
  run.state.scanned = false;
  for (const Instruction* step = begin;; ++step) {
    Value& out = values[step->out];
    const Value& a = values[step->a];
    switch (step->op) {
      case Op::equal:
      case Op::not_equal:
        if (!write(out, equality(step->op, a, values[step->b]))) return GANTRY_VERDICT_SKIP;
        break;
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
        if (!write(out, comparison(step->op, a, values[step->b]))) return GANTRY_VERDICT_SKIP;
        break;
      case Op::both:
        out = both(a, values[step->b]);
        break;
      case Op::either:
        out = either(a, values[step->b]);
        break;
      case Op::scan:
        scan(run.state, message);
        break;
      case Op::jump_if_false:
        if (a.is_false()) step = begin + step->b - 1;
        break;
      case Op::jump_if_true:
        if (a.is_true()) step = begin + step->b - 1;
        break;
      case Op::null_if_null:
        if (!a.is_null()) break;
        out = {};
        step = begin + step->b - 1;
        break;
      case Op::call:
        if (!invoke(run, message, *step)) return GANTRY_VERDICT_ERROR;
        break;
      case Op::end:
        return a.is_true() ? GANTRY_VERDICT_DELIVER : GANTRY_VERDICT_SKIP;
      default:
        out = of_one(*step, a);
    }
  }
}

void SqlProgram::scan(State& state, const gantry_message& message) const {
  if (std::exchange(state.scanned, true)) return;
  code_.names.scan(message, {state.values.data() + code_.registers, code_.names.count()});
}

Value SqlProgram::of_one(const Instruction& step, const Value& value) const {
  switch (step.op) {
    case Op::move:
      return value;
    case Op::truth:
      return value.is_null() ? Value{} : boolean(value.is_true());
    case Op::invert:
      return value.is_null() ? Value{} : boolean(!value.is_true());
    case Op::negate:
      return negated(value);
    case Op::is_null:
    case Op::is_not_null:
      return boolean(value.is_null() == (step.op == Op::is_null));
    default:
      return search(step, value);
  }
}

// CONTAINS and its like are false of what is no text; IN and LIKE are unknown of a null.
Value SqlProgram::search(const Instruction& step, const Value& value) const {
  const bool is_text = value.kind == Kind::text;
  const auto holds = [&](bool found, bool wanted) { return boolean(is_text && found == wanted); };
  const std::string_view text = is_text ? value.text() : std::string_view();
  switch (step.op) {
    case Op::contains:
    case Op::not_contains:
      return holds(contains(text, code_.needles[step.b]), step.op == Op::contains);
    case Op::starts_with:
    case Op::not_starts_with:
      return holds(text.starts_with(code_.needles[step.b]), step.op == Op::starts_with);
    case Op::ends_with:
    case Op::not_ends_with:
      return holds(text.ends_with(code_.needles[step.b]), step.op == Op::ends_with);
    case Op::is_in:
    case Op::is_not_in:
      if (!is_text) return {};
      return boolean(code_.lists[step.b].contains(text) == (step.op == Op::is_in));
    default:
      if (value.is_null()) return {};
      return boolean((is_text && code_.patterns[step.b].matches(text)) == (step.op == Op::like));
  }
}

// False: it failed.
bool SqlProgram::invoke(const Run& run, const gantry_message& message,
                        const Instruction& step) const {
  const FunctionCall& call = code_.calls[step.b];
  Value* const values = run.state.values.data();
  gantry_value* const arguments = run.state.arguments.data();
  for (size_t i = 0; i < call.arguments.size(); ++i) arguments[i] = to_abi(values[call.arguments[i]]);
  gantry_value given = sdk::null_value();
  const gantry_status status =
      call.prepared.invoke(*run.call, message, {arguments, call.arguments.size()}, given);
  gantry_error* const error = run.call->error;
  if (status == GANTRY_OK) {
    if (from_abi(given, values[step.out])) return true;
    sdk::set_error(error, GANTRY_FAULT, "the function " + call.prepared.name() +
                                            " gave a value of the unknown kind " +
                                            std::to_string(given.kind));
  } else if (error->text[0] == '\0') {
    sdk::set_error(error, status, "the function " + call.prepared.name() + " failed with status " +
                                      std::to_string(status));
  }
  return false;
}

}  // namespace gantry::filter_sql92
