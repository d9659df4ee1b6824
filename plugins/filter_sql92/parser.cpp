#include "parser.hpp"

#include <stdexcept>

#include "cpp/place.hpp"

namespace gantry::filter_sql92 {

Code Parser::parse() {
  try {
    next_ = lexer_.next();
    const Operand verdict = condition(either());
    if (!options_.java_trailing && !is_next(TokenKind::end) && !lexer_.is_last_comment(next_)) {
      fail(next_.at, "the expression is complete before " + next_.shown());
    }
    return emitter_.finish(verdict);
  } catch (const std::length_error& bound) {
    fail(at_, bound.what());
  }
}

Operand Parser::either() {
  Operand left = both();
  while (take(TokenKind::kw_or)) {
    left = placed(emitter_.in_register(condition(left)), left.at);
    const auto rest = emitter_.jump(Op::jump_if_true, left);
    const Operand right = condition(both());
    left = placed(emitter_.binary(Op::either, left, right), left.at);
    emitter_.land(rest);
  }
  return left;
}

Operand Parser::both() {
  Operand left = equality();
  while (take(TokenKind::kw_and)) {
    left = placed(emitter_.in_register(condition(left)), left.at);
    const auto rest = emitter_.jump(Op::jump_if_false, left);
    const Operand right = condition(equality());
    left = placed(emitter_.binary(Op::both, left, right), left.at);
    emitter_.land(rest);
  }
  return left;
}

Operand Parser::equality() {
  Operand left = comparison();
  for (;;) {
    if (is_next(TokenKind::equal) || is_next(TokenKind::not_equal)) {
      const Op op = take().kind == TokenKind::equal ? Op::equal : Op::not_equal;
      const Operand right = comparison();
      check_equality(left, right);
      left = placed(emitter_.binary(op, left, right), left.at);
    } else if (take(TokenKind::kw_is)) {
      left = is_null(left);
    } else {
      return left;
    }
  }
}

Operand Parser::is_null(const Operand& left) {
  const Op op = take(TokenKind::kw_not) ? Op::is_not_null : Op::is_null;
  expect(TokenKind::kw_null, "NULL");
  return placed(emitter_.unary(op, left), left.at);
}

Operand Parser::unary() {
  const Token token = next_;
  if (!is_next(TokenKind::plus) && !is_next(TokenKind::minus) && !is_next(TokenKind::kw_not)) {
    return primary();
  }
  go_deeper(token);
  take();
  Operand operand = unary();
  --depth_;
  if (token.kind == TokenKind::minus) operand = emitter_.negated(operand);
  if (token.kind == TokenKind::kw_not) operand = emitter_.unary(Op::invert, condition(operand));
  return placed(operand, token.at);
}

// A condition, or what may be asked whether it is true.
Operand Parser::condition(Operand operand) {
  switch (operand.kind) {
    case OperandKind::property:
    case OperandKind::call: {
      const Operand truth = emitter_.unary(Op::truth, operand);
      operand.kind = truth.kind;
      operand.ref = truth.ref;
      return operand;
    }
    case OperandKind::truth:
    case OperandKind::truth_literal:
      return operand;
    default:
      fail(operand.at, "a condition is expected, not " + shown(operand));
  }
}

Token Parser::take() {
  const Token token = next_;
  at_ = token.at;
  end_ = token.at + token.image.size();
  next_ = lexer_.next();
  return token;
}

bool Parser::take(TokenKind kind) {
  if (!is_next(kind)) return false;
  take();
  return true;
}

Token Parser::expect(TokenKind kind, const char* what) {
  if (!is_next(kind)) fail(next_.at, std::string(what) + " is expected, not " + next_.shown());
  return take();
}

Operand Parser::placed(Operand operand, size_t begin) const {
  operand.at = begin;
  operand.end = end_;
  return operand;
}

std::string Parser::shown(const Operand& operand) const {
  return Token{TokenKind::name, operand.at, lexer_.text().substr(operand.at, operand.end - operand.at)}
      .shown();
}

void Parser::go_deeper(const Token& token) {
  if (++depth_ <= options_.depth_max) return;
  fail(token.at, "the expression is more than " + std::to_string(options_.depth_max) + " levels deep");
}

void Parser::fail(size_t at, const std::string& what) const {
  throw sdk::wrong_at(lexer_.text(), at, what);
}

}  // namespace gantry::filter_sql92
