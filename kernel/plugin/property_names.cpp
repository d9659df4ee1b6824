#include "plugin/property_names.hpp"

#include <algorithm>
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
}

uint64_t PropertyNames::find(std::string_view text) const {
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
