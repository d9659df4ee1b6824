// Tag expressions: `*`, nothing, or `a || b`. Pure; any thread.
//
// As RocketMQ's clients read them (remoting: FilterAPI.buildSubscriptionData): nothing and `*` alone
// are everything; otherwise the text is cut at each `||` from the left, each piece trimmed of what
// Java's String.trim() takes (all up to U+0020), and empty pieces dropped. So ` * ` is a tag named *,
// a text of blanks has no tags and matches nothing, and only a text of nothing but `||` is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::filter_tag {

struct TagExpression {
  bool everything = false;
  std::vector<std::string> tags;  // sorted, each once
};

// What is wrong with an expression: where, as a byte of it, and a sentence.
struct TagFault {
  size_t at = 0;
  std::string text;
};

// Nothing: out is filled.
std::optional<TagFault> parse(std::string_view text, size_t tags_max, TagExpression& out);

}  // namespace gantry::filter_tag
