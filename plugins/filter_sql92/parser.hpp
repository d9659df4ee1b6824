// Parser: RocketMQ's grammar of SQL92 (filter: SelectorParser.jj), with LIKE and calls of functions,
// into Code. Runs on a worker; what is wrong it throws as an sdk::ExpressionError.
#pragma once

#include <gantry/call.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emitter.hpp"
#include "functions.hpp"
#include "lexer.hpp"

namespace gantry::filter_sql92 {

struct ParseOptions {
  bool java_trailing = false;  // what follows a complete expression is ignored; no LIKE, no calls
  size_t depth_max = 1024;     // parentheses, signs and NOTs inside one another
  size_t terms_max = 8192;     // as of Emitter
};

class Parser {
 public:
  // All are borrowed as long as the parser lives.
  Parser(std::string_view text, const ParseOptions& options, const Functions& functions,
         const gantry_call& call)
      : lexer_(text),
        options_(options),
        functions_(functions),
        call_(call),
        emitter_(options.terms_max) {}

  Code parse();  // once

 private:
  // From the loosest to the closest.
  Operand either();
  Operand both();
  Operand equality();
  Operand comparison();
  Operand unary();
  Operand primary();

  // What a comparison may be, from its operator on; begin: where its left side's code begins.
  Operand ordered(Op op, Operand left);
  Operand between(Operand value, bool inverted);
  Operand search(Op op, Operand left, const Emitter::Mark& begin);
  Operand in(Op op, const Operand& left);
  Operand like(Op op, const Operand& left);
  Operand inverted(const Operand& left, const Emitter::Mark& begin);
  Operand is_null(const Operand& left);

  Operand integer(const Token& token);
  Operand decimal(const Token& token);
  Operand function(const Token& name);
  Prepared prepare(const Token& name, const std::vector<Operand>& arguments);

  Operand condition(Operand operand);
  void check_order(const Operand& operand, const char* comparison) const;
  void check_equality(const Operand& left, const Operand& right) const;
  void check_bounds(const Operand& low, const Operand& high) const;

  Token take();
  bool take(TokenKind kind);
  Token expect(TokenKind kind, const char* what);
  std::string text_literal();
  bool is_next(TokenKind kind) const { return next_.kind == kind; }
  bool is_next_like() const { return !options_.java_trailing && is_word(next_, "LIKE"); }
  // Where it stands: from `begin` to the last token taken.
  Operand placed(Operand operand, size_t begin) const;
  std::string shown(const Operand& operand) const;
  void go_deeper(const Token& token);
  [[noreturn]] void fail(size_t at, const std::string& what) const;

  Lexer lexer_;
  const ParseOptions& options_;
  const Functions& functions_;
  const gantry_call& call_;
  Emitter emitter_;
  Token next_;
  size_t at_ = 0;   // of the last token taken
  size_t end_ = 0;  // behind it
  size_t depth_ = 0;
};

}  // namespace gantry::filter_sql92
