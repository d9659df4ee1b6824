#include "names.hpp"

#include <algorithm>

#include "cpp/values.hpp"
#include "protocol/properties.hpp"

namespace gantry::filter_sql92 {

uint32_t Names::add(std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  const auto index = static_cast<uint32_t>(found - names_.begin());
  if (found == names_.end()) names_.emplace_back(name);
  return index;
}

// Four slots a name, so that most properties of a message that nobody asks for meet an empty one.
void Names::seal() {
  size_t slots = 16;
  while (slots < 4 * names_.size()) slots *= 2;
  slots_.assign(slots, 0);
  after_.assign(names_.size(), 0);
  for (uint32_t i = 0; i < names_.size(); ++i) {
    uint16_t& slot = slots_[slot_of(names_[i])];
    after_[i] = slot;
    slot = static_cast<uint16_t>(i + 1);
  }
}

// In both loops of scan, without a call.
inline void Names::take(std::string_view name, std::string_view value, Value* values) const {
  for (uint32_t i = slots_[slot_of(name)]; i != 0; i = after_[i - 1]) {
    const std::string& own = names_[i - 1];
    if (own.size() != name.size() || !same_bytes(own.data(), name.data(), name.size())) continue;
    values[i - 1] = text(value);
    return;
  }
}

void Names::scan(const gantry_message& message, std::span<Value> values) const {
  std::fill(values.begin(), values.end(), Value{});
  if ((message.flags & GANTRY_MSG_PARSED) == 0) {
    for (const auto& [name, value] : protocol::Properties(sdk::view(message.property_text))) {
      take(name, value, values.data());
    }
    return;
  }
  for (uint32_t i = 0; i < message.property_count; ++i) {
    const gantry_property& property = message.properties[i];
    if (property.key.size == 0) continue;
    take(sdk::view(property.key), sdk::view(property.value), values.data());
  }
}

}  // namespace gantry::filter_sql92
