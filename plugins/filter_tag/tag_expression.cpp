#include "tag_expression.hpp"

#include <algorithm>

namespace gantry::filter_tag {
namespace {

constexpr std::string_view separator = "||";

// Java's String.trim(): everything up to the blank, whatever it is.
std::string_view trim(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<TagFault> parse(std::string_view text, size_t tags_max, TagExpression& out) {
  out = {};
  out.everything = text.empty() || text == "*";
  if (out.everything) return std::nullopt;
  bool any_piece = false;  // not empty before it is trimmed, which is what Java's split() counts
  for (size_t from = 0; from <= text.size();) {
    const size_t end = std::min(text.find(separator, from), text.size());
    const std::string_view piece = text.substr(from, end - from);
    any_piece |= !piece.empty();
    out.tags.emplace_back(trim(piece));
    if (out.tags.back().empty()) out.tags.pop_back();
    if (out.tags.size() > tags_max) {
      return TagFault{from, "more than " + std::to_string(tags_max) + " tags"};
    }
    from = end + separator.size();
  }
  if (!any_piece) return TagFault{0, "a tag is expected, not only ||"};
  std::sort(out.tags.begin(), out.tags.end());
  out.tags.erase(std::unique(out.tags.begin(), out.tags.end()), out.tags.end());
  return std::nullopt;
}

}  // namespace gantry::filter_tag
