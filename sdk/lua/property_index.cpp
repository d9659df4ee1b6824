#include "lua/property_index.hpp"

#include "cpp/values.hpp"
#include "protocol/properties.hpp"

namespace gantry::lua {

void PropertyIndex::walk(std::string_view text) {
  count_ = 0;
  is_known_ = is_whole_ = true;
  for (const auto& [name, value] : protocol::Properties(text)) {
    if (count_ == entries_.size()) {
      is_whole_ = false;
      return;
    }
    entries_[count_++] = {name, value};
  }
}

// Of namesakes the last counts.
std::optional<std::string_view> PropertyIndex::find(const gantry_message& message,
                                                    std::string_view name) {
  if ((message.flags & GANTRY_MSG_PARSED) != 0) {
    for (uint32_t i = message.property_count; i-- > 0;) {
      if (sdk::view(message.properties[i].key) == name) return sdk::view(message.properties[i].value);
    }
    return std::nullopt;
  }
  const std::string_view text = sdk::view(message.property_text);
  if (!is_known_) walk(text);
  if (!is_whole_) return protocol::find_property(text, name);
  for (uint32_t i = count_; i-- > 0;) {
    if (entries_[i].name == name) return entries_[i].value;
  }
  return std::nullopt;
}

}  // namespace gantry::lua
