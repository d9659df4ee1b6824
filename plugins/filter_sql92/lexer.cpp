#include "lexer.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "cpp/place.hpp"
#include "protocol/utf8.hpp"

namespace gantry::filter_sql92 {
namespace {

constexpr size_t shown_bytes_max = 40;

struct Word {
  std::string_view image;
  TokenKind kind;
};
constexpr Word words[] = {{"NOT", TokenKind::kw_not},
                          {"AND", TokenKind::kw_and},
                          {"OR", TokenKind::kw_or},
                          {"BETWEEN", TokenKind::kw_between},
                          {"IN", TokenKind::kw_in},
                          {"TRUE", TokenKind::kw_true},
                          {"FALSE", TokenKind::kw_false},
                          {"NULL", TokenKind::kw_null},
                          {"IS", TokenKind::kw_is},
                          {"CONTAINS", TokenKind::kw_contains},
                          {"STARTSWITH", TokenKind::kw_startswith},
                          {"ENDSWITH", TokenKind::kw_endswith}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}
bool continues_name(char c) {
  return begins_name(c) || is_digit(c);
}
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool same_word(std::string_view image, std::string_view upper_case) {
  return image.size() == upper_case.size() &&
         std::equal(image.begin(), image.end(), upper_case.begin(), [](char a, char b) {
           return (a >= 'a' && a <= 'z' ? a - ('a' - 'A') : a) == b;
         });
}

TokenKind word_kind(std::string_view image) {
  const auto* found = std::find_if(std::begin(words), std::end(words),
                                   [&](const Word& word) { return same_word(image, word.image); });
  return found == std::end(words) ? TokenKind::name : found->kind;
}

// From `from`, where an exponent's digits end; from itself when there is none.
size_t exponent_end(std::string_view text, size_t from) {
  if (from >= text.size() || (text[from] | 0x20) != 'e') return from;
  size_t at = from + 1;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  if (at >= text.size() || !is_digit(text[at])) return from;
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

}  // namespace

std::string Token::shown() const {
  if (kind == TokenKind::end) return "the end";
  if (image.size() <= shown_bytes_max) return std::string(image);
  size_t size = shown_bytes_max;
  while (size > 0 && (static_cast<unsigned char>(image[size]) & 0xc0) == 0x80) --size;
  return std::string(image.substr(0, size)) + "...";
}

bool is_word(const Token& token, std::string_view upper_case) {
  return token.kind == TokenKind::name && same_word(token.image, upper_case);
}

Token Lexer::next() {
  skip_blanks();
  Token token{TokenKind::end, at_, {}};
  if (at_ == text_.size()) return token;
  const char c = text_[at_];
  size_t end = at_;
  if (begins_name(c)) {
    while (end < text_.size() && continues_name(text_[end])) ++end;
    token.kind = word_kind(text_.substr(at_, end - at_));
  } else if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
    bool is_decimal = false;
    end = number_end(is_decimal);
    token.kind = is_decimal ? TokenKind::decimal : TokenKind::integer;
  } else if (c == '\'') {
    token.kind = TokenKind::text;
    end = text_end();
  } else {
    return sign();
  }
  token.image = text_.substr(at_, end - at_);
  at_ = end;
  return token;
}

bool Lexer::is_last_comment(const Token& token) const {
  return text_.substr(token.at).starts_with("--");
}

void Lexer::skip_blanks() {
  do {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  } while (skip_comment());
}

// A comment of a line needs the line's end: without one, "--" is two signs.
bool Lexer::skip_comment() {
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with("--")) {
    const size_t end = rest.find_first_of("\r\n");
    if (end == rest.npos) return false;
    at_ += end + 1;
    return true;
  }
  if (!rest.starts_with("/*")) return false;
  const size_t end = rest.find("*/", 2);
  if (end == rest.npos) throw sdk::wrong_at(text_, at_, "the comment is not closed");
  at_ += end + 2;
  return true;
}

// The longest of: "0"; digits without a leading zero, and perhaps an L; a decimal fraction.
size_t Lexer::number_end(bool& is_decimal) const {
  size_t at = at_;
  while (at < text_.size() && is_digit(text_[at])) ++at;
  const size_t digits_end = at;
  if (at < text_.size() && text_[at] == '.') {
    ++at;
    while (at < text_.size() && is_digit(text_[at])) ++at;
  }
  const size_t end = exponent_end(text_, at);
  is_decimal = end > digits_end;
  if (is_decimal) return end;
  if (text_[at_] == '0') return at_ + 1;
  return digits_end < text_.size() && (text_[digits_end] | 0x20) == 'l' ? digits_end + 1
                                                                        : digits_end;
}

size_t Lexer::text_end() const {
  for (size_t at = at_ + 1;; at += 2) {
    at = text_.find('\'', at);
    if (at == text_.npos) throw sdk::wrong_at(text_, at_, "the text in '' is not closed");
    if (at + 1 == text_.size() || text_[at + 1] != '\'') return at + 1;
  }
}

Token Lexer::sign() {
  struct Sign {
    std::string_view image;
    TokenKind kind;
  };
  static constexpr Sign signs[] = {
      {"<>", TokenKind::not_equal}, {">=", TokenKind::greater_equal}, {"<=", TokenKind::less_equal},
      {"=", TokenKind::equal},      {">", TokenKind::greater},        {"<", TokenKind::less},
      {"(", TokenKind::open},       {",", TokenKind::comma},          {")", TokenKind::close},
      {"+", TokenKind::plus},       {"-", TokenKind::minus}};
  const std::string_view rest = text_.substr(at_);
  for (const Sign& sign : signs) {
    if (!rest.starts_with(sign.image)) continue;
    const Token token{sign.kind, at_, rest.substr(0, sign.image.size())};
    at_ += sign.image.size();
    return token;
  }
  unexpected();
}

void Lexer::unexpected() const {
  const protocol::CodePoint point = protocol::decode_utf8(text_.substr(at_));
  char code[16];
  std::snprintf(code, sizeof code, "U+%04X", static_cast<unsigned>(point.value));
  const bool is_shown = point.valid && point.value > ' ' && point.value != 0x7f;
  std::string what = "the character ";
  what += is_shown ? std::string(text_.substr(at_, point.bytes)) : point.valid ? code : "(not UTF-8)";
  what += " has no meaning here";
  if (point.value == '!') what += "; not equal is <>";
  throw sdk::wrong_at(text_, at_, what);
}

}  // namespace gantry::filter_sql92
