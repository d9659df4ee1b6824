// PropertyIndex: the properties of a run's message, found by one walk over the stored text at the first
// look; of a message that comes parsed, or has very many, nothing is kept. Owned by its State.
#pragma once

#include <gantry/message.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry::lua {

class PropertyIndex {
 public:
  void forget() { is_known_ = false; }
  // Borrowed from the message.
  std::optional<std::string_view> find(const gantry_message& message, std::string_view name);

 private:
  struct Entry {
    std::string_view name;
    std::string_view value;
  };
  void walk(std::string_view text);

  bool is_known_ = false;
  bool is_whole_ = false;  // all of them have an entry
  uint32_t count_ = 0;
  std::array<Entry, 32> entries_;
};

}  // namespace gantry::lua
