// The part of Parser that reads what operators work on: values, properties, calls of functions.
#include <limits>
#include <utility>

#include "java_number.hpp"
#include "parser.hpp"

namespace gantry::filter_sql92 {
namespace {

// Without its quotes, and one for each pair inside.
std::string unquoted(std::string_view image) {
  std::string text;
  text.reserve(image.size());
  for (size_t i = 1; i + 1 < image.size(); ++i) {
    text += image[i];
    if (image[i] == '\'') ++i;
  }
  return text;
}

}  // namespace

Operand Parser::primary() {
  const Token token = take();
  const auto constant = [&](OperandKind kind, const Value& value) {
    return placed(emitter_.constant(kind, value), token.at);
  };
  switch (token.kind) {
    case TokenKind::open: {
      go_deeper(token);
      const Operand inside = either();
      --depth_;
      expect(TokenKind::close, ")");
      return placed(inside, token.at);
    }
    case TokenKind::name:
      if (!options_.java_trailing && is_next(TokenKind::open)) return function(token);
      return placed(emitter_.property(token.image), token.at);
    case TokenKind::text:
      return constant(OperandKind::literal, text(emitter_.keep(unquoted(token.image))));
    case TokenKind::integer:
      return integer(token);
    case TokenKind::decimal:
      return decimal(token);
    case TokenKind::kw_true:
      return constant(OperandKind::truth_literal, boolean(true));
    case TokenKind::kw_false:
      return constant(OperandKind::truth_literal, boolean(false));
    case TokenKind::kw_null:
      return constant(OperandKind::truth_literal, Value{});
    default:
      fail(token.at, "a property or a value is expected, not " + token.shown());
  }
}

std::string Parser::text_literal() {
  return unquoted(expect(TokenKind::text, "a text in ''").image);
}

Operand Parser::integer(const Token& token) {
  std::string_view digits = token.image;
  if (digits.back() == 'l' || digits.back() == 'L') digits.remove_suffix(1);
  const auto number = java_int64(digits);
  if (!number) fail(token.at, token.shown() + " is more than " + std::to_string(INT64_MAX));
  const bool is_small = *number <= std::numeric_limits<int32_t>::max();
  const Value value = whole(is_small ? Kind::int32 : Kind::int64, *number);
  return placed(emitter_.constant(OperandKind::literal, value), token.at);
}

// RocketMQ takes no 0.0, since it is below Java's Double.MIN_VALUE.
Operand Parser::decimal(const Token& token) {
  const double number = java_double(token.image).value_or(0);
  if (number > std::numeric_limits<double>::max()) {
    fail(token.at, token.shown() + " is more than 1.7976931348623157E308");
  }
  if (number < std::numeric_limits<double>::denorm_min()) {
    fail(token.at, token.shown() + " is less than 4.9E-324: write 0 for zero");
  }
  return placed(emitter_.constant(OperandKind::literal, float64(number)), token.at);
}

// name(argument, ...); the ( is next.
Operand Parser::function(const Token& name) {
  if (!functions_.has(name.image)) {
    const std::string known = functions_.names();
    fail(name.at, "there is no function " + name.shown() + "; " +
                      (known.empty() ? "this node has none" : "this node has " + known));
  }
  go_deeper(name);
  take();
  const Ref base = emitter_.top();
  std::vector<Operand> arguments;
  if (!is_next(TokenKind::close)) {
    do {
      arguments.push_back(either());
    } while (take(TokenKind::comma));
  }
  expect(TokenKind::close, arguments.empty() ? ")" : ", or )");
  --depth_;
  Prepared prepared = prepare(name, arguments);
  std::vector<Ref> refs;
  for (const Operand& argument : arguments) refs.push_back(argument.ref);
  return placed(emitter_.call(std::move(prepared), std::move(refs), base), name.at);
}

Prepared Parser::prepare(const Token& name, const std::vector<Operand>& arguments) {
  std::vector<gantry_value> constants;
  for (const Operand& argument : arguments) {
    constants.push_back(argument.is_constant() ? to_abi(emitter_.value_of(argument))
                                               : sdk::null_value());
  }
  try {
    return functions_.prepare(call_, name.image, constants);
  } catch (const sdk::Refusal& refusal) {
    const std::string why = std::string(name.image) + ": " + refusal.what();
    if (refusal.status() != GANTRY_INVALID) throw sdk::Refusal(refusal.status(), why);
    fail(name.at, why);
  }
}

}  // namespace gantry::filter_sql92
