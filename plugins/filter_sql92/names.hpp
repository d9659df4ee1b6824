// Names: the properties a program asks for, and one walk over a message that finds all of them.
// Immutable once the program is made; any thread.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "value.hpp"

namespace gantry::filter_sql92 {

// More have no use, and would make each property of a message a long search.
constexpr size_t names_max = 256;

class Names {
 public:
  // The index of a name, which is added if it is new. While compiling.
  uint32_t add(std::string_view name);
  // After the last add, before the first scan.
  void seal();

  uint32_t count() const { return static_cast<uint32_t>(names_.size()); }

  // values[i]: the text of name i, null where the message has none; of namesakes the last one.
  void scan(const gantry_message& message, std::span<Value> values) const;

 private:
  size_t slot_of(std::string_view name) const {
    const auto first = static_cast<unsigned char>(name.front());
    const auto last = static_cast<unsigned char>(name.back());
    return (name.size() * 31 + first * 7u + last) & (slots_.size() - 1);
  }
  void take(std::string_view name, std::string_view value, Value* values) const;

  std::vector<std::string> names_;
  std::vector<uint16_t> slots_;  // the first name of a slot, from 1; 0: none
  std::vector<uint16_t> after_;  // the next name of the same slot
};

}  // namespace gantry::filter_sql92
