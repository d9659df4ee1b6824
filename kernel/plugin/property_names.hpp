// PropertyNames: names of properties, each with a set of bits, looked for in property texts. Filled
// on the control thread, constant afterwards; looking on any thread, without an allocation.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "plugin/name_sieve.hpp"

namespace gantry::plugin {

class PropertyNames {
 public:
  // `name` is not copied, not empty and has neither 0x01 nor 0x02 in it.
  void add(std::string_view name, uint64_t bits);

  struct Look {
    uint64_t bits = 0;       // of all names that have a value in the text
    bool zero_free = false;  // it has no byte 0; false as well when nobody looked to the end
  };
  // `text`: name 0x01 value 0x02 ...
  Look look(std::string_view text) const {
    if (sieve_.passes(text)) [[likely]] return {0, true};
    return look_closer(text);
  }
  // The bits alone, found by a walk from property to property: look() where there is no sieve.
  uint64_t walk(std::string_view text) const;

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

  Look look_closer(std::string_view text) const;
  uint64_t ending_at(std::string_view text, size_t name_end_at) const;

  std::vector<Length> lengths_;
  NameSieve sieve_;
  uint64_t all_ = 0;
};

}  // namespace gantry::plugin
