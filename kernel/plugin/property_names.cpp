#include "plugin/property_names.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace gantry::plugin {
namespace {

constexpr char name_end = '\x01';
constexpr char property_end = '\x02';

}  // namespace

void PropertyNames::add(std::string_view name, uint64_t bits) {
  all_ |= bits;
  auto length = std::find_if(lengths_.begin(), lengths_.end(),
                             [&](const Length& one) { return one.size == name.size(); });
  if (length == lengths_.end()) length = lengths_.insert(length, {name.size(), {}});
  for (Name& known : length->names) {
    if (known.text == name) {
      known.bits |= bits;
      return;
    }
  }
  length->names.push_back({name, bits});
  std::vector<std::string_view> all;
  for (const Length& one : lengths_) {
    for (const Name& known : one.names) all.push_back(known.text);
  }
  sieve_.fit(all);
}

PropertyNames::Look PropertyNames::look_closer(std::string_view text) const {
  if (!sieve_.takes(text)) return {walk(text), false};
  std::array<size_t, 16> places;
  const size_t count = sieve_.hits(text, places);
  if (count > places.size()) return {walk(text), false};
  Look look;
  for (size_t i = 0; i < count; ++i) look.bits |= ending_at(text, places[i]);
  return look;
}

// The bits of the name that the 0x01 at this place ends, if it does and a value is behind.
uint64_t PropertyNames::ending_at(std::string_view text, size_t name_end_at) const {
  if (name_end_at + 1 == text.size() || text[name_end_at + 1] == property_end) return 0;
  for (const Length& length : lengths_) {
    if (length.size > name_end_at) continue;
    const size_t begin = name_end_at - length.size;
    if (begin != 0 && text[begin - 1] != property_end) continue;
    for (const Name& name : length.names) {
      if (std::memcmp(text.data() + begin, name.text.data(), length.size) == 0) return name.bits;
    }
  }
  return 0;
}

uint64_t PropertyNames::walk(std::string_view text) const {
  uint64_t found = 0;
  while (!text.empty() && found != all_) {
    const size_t size = std::min(text.find(property_end), text.size());
    for (const Length& length : lengths_) {
      if (size <= length.size + 1 || text[length.size] != name_end) continue;
      for (const Name& name : length.names) {
        if (std::memcmp(text.data(), name.text.data(), length.size) == 0) found |= name.bits;
      }
    }
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return found;
}

}  // namespace gantry::plugin
