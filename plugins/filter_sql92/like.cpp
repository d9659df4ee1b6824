#include "like.hpp"

#include <cstring>
#include <stdexcept>

#include "protocol/utf8.hpp"

namespace gantry::filter_sql92 {
namespace {

constexpr char16_t any_character = 0x100;
constexpr size_t character_bytes_max = 4;

size_t character_bytes(std::string_view text) {
  return protocol::decode_utf8(text).bytes;
}

bool has_meaning(std::string_view rest, std::string_view escape) {
  return rest.starts_with('%') || rest.starts_with('_') || rest.starts_with(escape);
}

}  // namespace

LikePattern::LikePattern(std::string_view pattern, std::string_view escape) : runs_(1) {
  if (!escape.empty() && character_bytes(escape) != escape.size()) {
    throw std::invalid_argument("ESCAPE takes one character");
  }
  while (!pattern.empty()) {
    const bool escaped = !escape.empty() && pattern.starts_with(escape);
    if (escaped) pattern.remove_prefix(escape.size());
    if (escaped && !has_meaning(pattern, escape)) {
      throw std::invalid_argument("behind the escape character stands %, _ or itself");
    }
    const size_t bytes = character_bytes(pattern);
    if (!escaped && pattern.front() == '%') {
      runs_.emplace_back();
    } else if (!escaped && pattern.front() == '_') {
      add(runs_.back(), any_character);
    } else {
      for (const char c : pattern.substr(0, bytes)) add(runs_.back(), static_cast<unsigned char>(c));
    }
    pattern.remove_prefix(bytes);
  }
}

void LikePattern::add(Run& run, char16_t unit) {
  run.is_literal &= unit != any_character;
  run.units += unit;
  if (run.is_literal) run.literal += static_cast<char>(unit);
  if (!run.is_literal && run.units.size() > like_run_units_max) {
    throw std::invalid_argument("with a _ there may be " + std::to_string(like_run_units_max) +
                                " bytes between two %");
  }
}

bool LikePattern::matches(std::string_view text) const {
  const auto begun = match_begin(runs_.front(), text);
  if (!begun) return false;
  text.remove_prefix(*begun);
  if (runs_.size() == 1) return text.empty();
  for (size_t i = 1; i + 1 < runs_.size(); ++i) {
    if (!find(runs_[i], text)) return false;
  }
  return match_end(runs_.back(), text);
}

// How many bytes the run takes at the head of the text.
std::optional<size_t> LikePattern::match_begin(const Run& run, std::string_view text) {
  if (run.is_literal) {
    return text.starts_with(run.literal) ? std::optional(run.literal.size()) : std::nullopt;
  }
  size_t at = 0;
  for (const char16_t unit : run.units) {
    if (at == text.size()) return std::nullopt;
    if (unit == any_character) {
      at += character_bytes(text.substr(at));
    } else if (static_cast<unsigned char>(text[at++]) != unit) {
      return std::nullopt;
    }
  }
  return at;
}

bool LikePattern::match_end(const Run& run, std::string_view text) {
  if (run.is_literal) return text.ends_with(run.literal);
  const size_t bytes_max = run.units.size() * character_bytes_max;
  size_t at = text.size() > bytes_max ? text.size() - bytes_max : 0;
  const auto is_inside = [&] { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  while (at > 0 && at < text.size() && is_inside()) ++at;
  for (; at < text.size(); at += character_bytes(text.substr(at))) {
    const auto taken = match_begin(run, text.substr(at));
    if (taken && at + *taken == text.size()) return true;
  }
  return false;
}

// The first place where the run matches; the text behind it is left.
bool LikePattern::find(const Run& run, std::string_view& text) {
  if (run.is_literal) {
    if (run.literal.empty()) return true;
    if (text.empty()) return false;
    const void* found = memmem(text.data(), text.size(), run.literal.data(), run.literal.size());
    if (!found) return false;
    text.remove_prefix(static_cast<size_t>(static_cast<const char*>(found) - text.data()) +
                       run.literal.size());
    return true;
  }
  while (!text.empty()) {
    if (const auto taken = match_begin(run, text)) {
      text.remove_prefix(*taken);
      return true;
    }
    text.remove_prefix(character_bytes(text));
  }
  return false;
}

}  // namespace gantry::filter_sql92
