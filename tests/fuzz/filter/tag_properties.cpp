#include "fuzz/filter/tag_properties.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>

#include "cpp/place.hpp"
#include "filter_tag/tag_expression.hpp"
#include "filter_tag/tag_program.hpp"
#include "protocol/ids.hpp"

namespace gantry::filter_tag::fuzz {
namespace {

void check(bool promise) {
  if (!promise) std::abort();
}

uint8_t look_at(const TagProgram& program, const std::string& tag) {
  const gantry_index_entry entry{0, protocol::tag_code(tag), 1, 0};
  uint8_t verdict = GANTRY_VERDICT_ERROR;
  program.match_index({}, {&entry, 1}, &verdict);
  return verdict;
}

uint8_t match(const TagProgram& program, const std::string& tag) {
  std::string text = "TAGS\x01" + tag + "\x02";
  gantry_message message{};
  message.struct_size = sizeof message;
  message.property_text = {text.data(), text.size()};
  const gantry_batch batch{sizeof batch, sizeof message, 1, 0, &message};
  uint8_t verdict = GANTRY_VERDICT_ERROR;
  program.match({}, batch, &verdict);
  return verdict;
}

}  // namespace

int expression(std::string_view text) {
  TagExpression out;
  const size_t unbounded = std::numeric_limits<size_t>::max();
  if (const auto fault = parse(text, unbounded, out)) {
    check(fault->at <= text.size() && !fault->text.empty());
    check(text.find_first_not_of('|') == text.npos && text.size() % 2 == 0);
    const sdk::Place place = sdk::place_of(text, fault->at);
    check(place.line >= 1 && place.column >= 1);
    return 0;
  }
  check(std::is_sorted(out.tags.begin(), out.tags.end()));
  for (const std::string& tag : out.tags) {
    check(!tag.empty() && tag.find("||") == tag.npos && text.find(tag) != text.npos);
    check(static_cast<unsigned char>(tag.front()) > ' ');
    check(static_cast<unsigned char>(tag.back()) > ' ');
  }
  if (!out.everything && !out.tags.empty()) {
    TagExpression less;
    check(parse(text, out.tags.size() - 1, less).has_value());  // a limit is kept
  }
  const TagProgram program(out);
  for (const std::string& tag : out.tags) {
    check(look_at(program, tag) == GANTRY_VERDICT_LOOK);
    // A property's text can't hold its own separators.
    if (tag.find_first_of("\x01\x02") == tag.npos)
      check(match(program, tag) == GANTRY_VERDICT_DELIVER);
  }
  return 0;
}

}  // namespace gantry::filter_tag::fuzz
