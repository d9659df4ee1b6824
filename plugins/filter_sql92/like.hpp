// LikePattern: what stands behind LIKE. Immutable; any thread; matching needs no memory.
//
// % is any number of characters, _ is one character of UTF-8, all else is itself, as is a %, a _ or
// the escape character behind the escape character.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::filter_sql92 {

// Between two %, with a _: looking for so many units takes their number of steps at each character.
constexpr size_t like_run_units_max = 256;

class LikePattern {
 public:
  // escape: empty, or one character. Throws std::invalid_argument, which says what is wrong.
  LikePattern(std::string_view pattern, std::string_view escape);

  bool matches(std::string_view text) const;

 private:
  // What stands between two %.
  struct Run {
    std::u16string units;  // a byte each, or any_character
    std::string literal;   // the same when it is bytes only
    bool is_literal = true;
  };

  void add(Run& run, char16_t unit);
  static std::optional<size_t> match_begin(const Run& run, std::string_view text);
  static bool match_end(const Run& run, std::string_view text);
  static bool find(const Run& run, std::string_view& text);

  std::vector<Run> runs_;  // at least one; the first is bound to the begin, the last to the end
};

}  // namespace gantry::filter_sql92
