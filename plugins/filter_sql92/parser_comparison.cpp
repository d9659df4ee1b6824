// The part of Parser between two conditions: comparisons and their like.
#include <stdexcept>
#include <utility>

#include "parser.hpp"

namespace gantry::filter_sql92 {
namespace {

const char* sign_of(Op op) {
  return op == Op::less ? "<" : op == Op::less_equal ? "<=" : op == Op::greater ? ">" : ">=";
}

}  // namespace

Operand Parser::comparison() {
  const auto begin = emitter_.mark();
  Operand left = unary();
  for (;;) {
    switch (next_.kind) {
      case TokenKind::greater:
        left = ordered(Op::greater, left);
        break;
      case TokenKind::greater_equal:
        left = ordered(Op::greater_equal, left);
        break;
      case TokenKind::less:
        left = ordered(Op::less, left);
        break;
      case TokenKind::less_equal:
        left = ordered(Op::less_equal, left);
        break;
      case TokenKind::kw_contains:
        left = search(Op::contains, left, begin);
        break;
      case TokenKind::kw_startswith:
        left = search(Op::starts_with, left, begin);
        break;
      case TokenKind::kw_endswith:
        left = search(Op::ends_with, left, begin);
        break;
      case TokenKind::kw_between:
        left = between(left, false);
        break;
      case TokenKind::kw_in:
        left = in(Op::is_in, left);
        break;
      case TokenKind::kw_not:
        take();
        left = inverted(left, begin);
        break;
      default:
        if (!is_next_like()) return left;
        left = like(Op::like, left);
    }
  }
}

// Behind "a NOT".
Operand Parser::inverted(const Operand& left, const Emitter::Mark& begin) {
  if (is_next(TokenKind::kw_contains)) return search(Op::not_contains, left, begin);
  if (is_next(TokenKind::kw_startswith)) return search(Op::not_starts_with, left, begin);
  if (is_next(TokenKind::kw_endswith)) return search(Op::not_ends_with, left, begin);
  if (is_next(TokenKind::kw_between)) return between(left, true);
  if (is_next(TokenKind::kw_in)) return in(Op::is_not_in, left);
  if (is_next_like()) return like(Op::not_like, left);
  fail(next_.at, "BETWEEN, IN, LIKE, CONTAINS, STARTSWITH or ENDSWITH is expected behind NOT, not " +
                     next_.shown());
}

// Java doesn't evaluate the right side when the left one is null.
Operand Parser::ordered(Op op, Operand left) {
  take();
  const Ref out = left.in_register() ? left.ref : emitter_.top();
  const auto before = emitter_.mark();
  const auto rest = emitter_.null_if_null(out, left);
  const Operand right = unary();
  check_order(left, sign_of(op));
  check_order(right, sign_of(op));
  const bool is_plain = emitter_.mark().instruction == rest.instruction + 1;
  if (is_plain) emitter_.go_back(before);
  const Operand truth = placed(emitter_.binary(op, left, right), left.at);
  if (!is_plain) emitter_.land(rest);
  return truth;
}

// value >= low AND value <= high; inverted, value < low OR value > high. The value is computed once.
Operand Parser::between(Operand value, bool inverted) {
  take();
  const Ref out = value.in_register() ? value.ref : emitter_.top();
  const auto unknown = emitter_.null_if_null(out, value);
  const Operand low = unary();
  Operand truth = emitter_.binary_keeping(inverted ? Op::less : Op::greater_equal, value, low);
  expect(TokenKind::kw_and, "AND");
  const auto decided = emitter_.jump(inverted ? Op::jump_if_true : Op::jump_if_false, truth);
  const Operand high = unary();
  for (const Operand* operand : {&std::as_const(value), &low, &high}) check_order(*operand, "BETWEEN");
  if (!inverted) check_bounds(low, high);
  const Operand other =
      emitter_.binary_keeping(inverted ? Op::greater : Op::less_equal, value, high);
  truth = emitter_.binary(inverted ? Op::either : Op::both, truth, other);
  emitter_.land(decided);
  if (truth.ref != out) emitter_.move(out, truth);
  emitter_.land(unknown);
  truth.ref = out;
  return placed(truth, value.at);
}

// What contains nothing is false in Java, and what it is asked of isn't evaluated.
Operand Parser::search(Op op, Operand left, const Emitter::Mark& begin) {
  take();
  std::string needle = text_literal();
  if (needle.empty()) {
    emitter_.go_back(begin);
    return placed(emitter_.constant(OperandKind::truth, boolean(false)), left.at);
  }
  return placed(emitter_.with_needle(op, left, emitter_.keep(std::move(needle))), left.at);
}

Operand Parser::in(Op op, const Operand& left) {
  take();
  expect(TokenKind::open, "(");
  std::vector<std::string_view> texts;
  do {
    emitter_.count_term();
    texts.push_back(emitter_.keep(text_literal()));
  } while (take(TokenKind::comma));
  expect(TokenKind::close, ", or )");
  if (left.kind != OperandKind::property) {
    fail(left.at, "IN is asked of a property, not of " + shown(left));
  }
  return placed(emitter_.with_list(op, left, TextSet(std::move(texts))), left.at);
}

Operand Parser::like(Op op, const Operand& left) {
  take();
  const size_t at = next_.at;
  const std::string pattern = text_literal();
  std::string escape;
  if (is_word(next_, "ESCAPE")) {
    const size_t escape_at = take().at;
    escape = text_literal();
    if (escape.empty()) fail(escape_at, "ESCAPE takes one character");
  }
  try {
    return placed(emitter_.with_pattern(op, left, LikePattern(pattern, escape)), left.at);
  } catch (const std::invalid_argument& wrong) {
    fail(at, wrong.what());
  }
}

// Only numbers have an order; a property may be one.
void Parser::check_order(const Operand& operand, const char* comparison) const {
  const bool is_text = operand.kind == OperandKind::literal && !emitter_.value_of(operand).is_number();
  if (!is_text && operand.kind != OperandKind::truth_literal && operand.kind != OperandKind::truth) {
    return;
  }
  fail(operand.at, std::string(comparison) + " compares numbers, not " + shown(operand));
}

void Parser::check_equality(const Operand& left, const Operand& right) const {
  for (const Operand* operand : {&left, &right}) {
    if (!operand->is_literal() || !emitter_.value_of(*operand).is_null()) continue;
    fail(operand->at, "nothing is equal to NULL: write IS NULL or IS NOT NULL");
  }
  if (left.kind == OperandKind::truth_literal && right.kind == OperandKind::literal) {
    fail(right.at, shown(left) + " cannot be compared with " + shown(right));
  }
}

void Parser::check_bounds(const Operand& low, const Operand& high) const {
  if (!low.is_literal() || !high.is_literal()) return;
  if (order(emitter_.value_of(high), emitter_.value_of(low)) != Order::less) return;
  fail(high.at, "BETWEEN takes the smaller number first, and " + shown(high) + " is below " +
                    shown(low));
}

}  // namespace gantry::filter_sql92
