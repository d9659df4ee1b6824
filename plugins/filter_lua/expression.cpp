#include "expression.hpp"

#include <algorithm>

namespace gantry::filter_lua {
namespace {

constexpr std::string_view lua_words[] = {
    "and", "break", "do",  "else", "elseif", "end",    "false", "for",  "function", "goto",  "if",
    "in",  "local", "nil", "not",  "or",     "repeat", "return", "then", "true",    "until", "while"};
constexpr std::string_view blanks = " \t\r\n";
constexpr std::string_view on_error_key = "on_error=";

bool is_lua_word(std::string_view word) {
  return std::find(std::begin(lua_words), std::end(lua_words), word) != std::end(lua_words);
}

bool is_name_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

// Takes the first word off a trimmed text.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(blanks));
  text = trim(text.substr(word.size()));
  return word;
}

}  // namespace

std::optional<OnError> on_error_of(std::string_view word) {
  if (word == "deliver") return OnError::deliver;
  if (word == "skip") return OnError::skip;
  if (word == "stop") return OnError::stop;
  return std::nullopt;
}

bool is_script_name(std::string_view name) {
  constexpr size_t bytes_max = 128;
  if (name.empty() || name.size() > bytes_max || is_lua_word(name)) return false;
  return is_name_letter(name.front()) && is_name_letter(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_name_letter(c) || c == '-' || c == '.'; });
}

std::optional<std::string> parse(std::string_view text, Expression& out) {
  out = {};
  std::string_view rest = trim(text);
  const std::string_view first = rest.substr(
      0, std::find_if_not(rest.begin(), rest.end(), is_name_letter) - rest.begin());
  if (rest.starts_with("--") || is_lua_word(first)) {
    out.source = text;
    return std::nullopt;
  }
  const std::string_view name = take_word(rest);
  if (!is_script_name(name)) {
    return "the name of a script is expected, not '" + std::string(name.substr(0, 64)) + "'";
  }
  out.script = name;
  if (rest.starts_with(on_error_key)) {
    const std::string_view word = take_word(rest).substr(on_error_key.size());
    out.on_error = on_error_of(word);
    if (!out.on_error) {
      return "on_error is deliver, skip or stop, not '" + std::string(word.substr(0, 64)) + "'";
    }
  }
  out.arguments = rest;
  return std::nullopt;
}

}  // namespace gantry::filter_lua
