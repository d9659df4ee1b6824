// Lexer: the tokens of an expression, one at a time (filter: SelectorParser.jj). Borrows the text. Used
// by one thread; what is wrong it throws as an sdk::ExpressionError.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gantry::filter_sql92 {

enum class TokenKind {
  end,
  name,
  integer,
  decimal,
  text,
  // words
  kw_not,
  kw_and,
  kw_or,
  kw_between,
  kw_in,
  kw_true,
  kw_false,
  kw_null,
  kw_is,
  kw_contains,
  kw_startswith,
  kw_endswith,
  // signs
  equal,
  not_equal,
  greater,
  greater_equal,
  less,
  less_equal,
  open,
  comma,
  close,
  plus,
  minus,
};

struct Token {
  TokenKind kind = TokenKind::end;
  size_t at = 0;           // a byte of the expression
  std::string_view image;  // as written, a text with its quotes

  std::string shown() const;  // for a sentence: cut when long
};

// LIKE and ESCAPE are words only where one can stand, so that properties may have these names.
bool is_word(const Token& token, std::string_view upper_case);

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }
  Token next();
  // Whether nothing but a comment without its line's end comes from `token` on.
  bool is_last_comment(const Token& token) const;

 private:
  void skip_blanks();
  bool skip_comment();
  size_t number_end(bool& is_decimal) const;
  size_t text_end() const;
  Token sign();
  [[noreturn]] void unexpected() const;

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace gantry::filter_sql92
