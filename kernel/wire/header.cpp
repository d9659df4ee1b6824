#include "wire/header.hpp"

#include <array>

namespace gantry::wire {
namespace {

// Their place is their number.
constexpr std::array<std::string_view, 14> language_names = {
    "JAVA",  "CPP",  "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY",
    "OTHER", "HTTP", "GO",     "PHP",    "OMS",    "RUST",   "NODE_JS"};
static_assert(language_names[language::other] == "OTHER");
static_assert(language_names[language::node_js] == "NODE_JS");

bool equal_in_any_case(std::string_view upper, std::string_view text) {
  if (upper.size() != text.size()) return false;
  for (size_t i = 0; i < upper.size(); ++i) {
    const char c = text[i];
    if (upper[i] != (c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c)) return false;
  }
  return true;
}

}  // namespace

int32_t known_language(int32_t number) {
  const bool known = number >= 0 && number < static_cast<int32_t>(language_names.size());
  return known ? number : language::other;
}

std::string_view language_name(int32_t number) {
  return language_names[static_cast<size_t>(known_language(number))];
}

int32_t language_number(std::string_view name) {
  for (size_t i = 0; i < language_names.size(); ++i) {
    if (equal_in_any_case(language_names[i], name)) return static_cast<int32_t>(i);
  }
  return language::other;
}

}  // namespace gantry::wire
