// PropertyNames: names of properties, each with a set of bits, looked for in property texts. Filled
// on the control thread, constant afterwards; find() on any thread, without an allocation.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::plugin {

class PropertyNames {
 public:
  // `name` is not copied, not empty and has neither 0x01 nor 0x02 in it.
  void add(std::string_view name, uint64_t bits);

  // The bits of all names that have a value in `text` (name 0x01 value 0x02 ...).
  uint64_t find(std::string_view text) const;

 private:
  struct Name {
    std::string_view text;
    uint64_t bits;
  };
  // A property can have one of these names only if its name is as long.
  struct Length {
    size_t size;
    std::vector<Name> names;
  };

  std::vector<Length> lengths_;
  uint64_t all_ = 0;
};

}  // namespace gantry::plugin
