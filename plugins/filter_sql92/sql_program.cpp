#include "sql_program.hpp"

#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"

namespace gantry::filter_sql92 {
namespace {

// False: Java throws.
bool set(Value& out, Truth truth) {
  out = truth == Truth::unknown ? Value{} : boolean(truth == Truth::yes);
  return truth != Truth::impossible;
}

bool set_not(Value& out, Truth truth) {
  return set(out, truth == Truth::yes ? Truth::no : truth == Truth::no ? Truth::yes : truth);
}

template <class Holds>
bool compare(Value& out, const Value& a, const Value& b, Holds holds) {
  if (a.is_null() || b.is_null()) {
    out = {};
    return true;
  }
  const Order found = order(a, b);
  out = boolean(holds(found));
  return found != Order::impossible;
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

Value truth_of(const Value& value) {
  return value.is_null() ? Value{} : boolean(value.is_true());
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
    if (verdicts[i] == GANTRY_ERROR) run.call = &quiet;
  }
}

uint8_t SqlProgram::judge(const Run& run, const gantry_message& message) const {
  Value* const values = run.state.values.data();
  run.state.scanned = false;
  for (const Instruction* step = code_.instructions.data();; ++step) {
    Value& out = values[step->out];
    const Value& a = values[step->a];
    bool possible = true;
    switch (step->op) {
      case Op::move:
        out = a;
        break;
      case Op::truth:
        out = truth_of(a);
        break;
      case Op::invert:
        out = a.is_null() ? Value{} : boolean(!a.is_true());
        break;
      case Op::negate:
        out = negated(a);
        break;
      case Op::is_null:
        out = boolean(a.is_null());
        break;
      case Op::is_not_null:
        out = boolean(!a.is_null());
        break;
      case Op::equal:
        possible = set(out, equal(a, values[step->b]));
        break;
      case Op::not_equal:
        possible = set_not(out, equal(a, values[step->b]));
        break;
      case Op::less:
        possible = compare(out, a, values[step->b], [](Order o) { return o == Order::less; });
        break;
      case Op::less_equal:
        possible = compare(out, a, values[step->b], [](Order o) { return o != Order::greater; });
        break;
      case Op::greater:
        possible = compare(out, a, values[step->b], [](Order o) { return o == Order::greater; });
        break;
      case Op::greater_equal:
        possible = compare(out, a, values[step->b], [](Order o) { return o != Order::less; });
        break;
      case Op::both:
        out = both(a, values[step->b]);
        break;
      case Op::either:
        out = either(a, values[step->b]);
        break;
      case Op::contains:
      case Op::not_contains:
      case Op::starts_with:
      case Op::not_starts_with:
      case Op::ends_with:
      case Op::not_ends_with:
      case Op::is_in:
      case Op::is_not_in:
      case Op::like:
      case Op::not_like:
        out = search(*step, a);
        break;
      case Op::call:
        if (!invoke(run, message, *step)) return GANTRY_ERROR;
        break;
      case Op::scan:
        if (!run.state.scanned) {
          code_.names.scan(message, {values + code_.registers, code_.names.count()});
          run.state.scanned = true;
        }
        break;
      case Op::jump_if_false:
        if (a.is_false()) step = code_.instructions.data() + step->b - 1;
        break;
      case Op::jump_if_true:
        if (a.is_true()) step = code_.instructions.data() + step->b - 1;
        break;
      case Op::null_if_null:
        if (a.is_null()) {
          out = {};
          step = code_.instructions.data() + step->b - 1;
        }
        break;
      case Op::end:
        return a.is_true() ? GANTRY_DELIVER : GANTRY_SKIP;
    }
    if (!possible) return GANTRY_SKIP;
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
