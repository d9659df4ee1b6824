#include "send_properties.hpp"

#include <cstring>

#include "protocol/properties.hpp"

namespace gantry::messaging {
namespace {

namespace property = protocol::property;

constexpr std::string_view dead_letter_delay = "-1";

char* put(char* out, std::string_view text) {
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

char* put(char* out, std::string_view name, std::string_view value) {
  out = put(out, name);
  *out++ = protocol::name_value_separator;
  out = put(out, value);
  *out++ = protocol::property_separator;
  return out;
}

bool is_replaced(std::string_view name, const AddedProperties& added) {
  switch (name.size()) {
    case 5:
      return added.dead_letter && name == property::delay;
    case 6:
      return name == property::pop_check;
    case 7:
      return name == property::cluster;
    case 8:
      return name == property::trace_on;
    case 10:
      return name == property::region;
    case 24:
      return name == property::multi_queue_offset;
    default:
      return false;
  }
}

}  // namespace

SendProperties SendProperties::scan(std::string_view text) {
  SendProperties found;
  for (const protocol::Property& piece : protocol::Properties(text)) {
    const auto [name, value] = piece;
    switch (name.size()) {
      case 4:
        if (name == property::keys) found.keys = value;
        if (name == property::wait) found.wait = value;
        break;
      case 5:
        if (name == property::delay) found.delay = value;
        break;
      case 8:
        if (name == property::unique_key) found.unique_key = value;
        if (name == property::transaction_prepared) found.transaction = value;
        break;
      default:
        if (name.size() < 14 || !name.starts_with("TIMER_DEL")) break;
        if (name == property::timer_delay_sec || name == property::timer_delay_ms ||
            name == property::timer_deliver_ms) {
          found.timer_name = name;
          found.timer_value = value;
        }
    }
  }
  return found;
}

size_t stored_properties_bound(std::string_view text, const AddedProperties& added) {
  constexpr size_t separators = 2;
  size_t bound = text.size() + 1;  // the last piece may lack its separator
  for (const auto& [name, value] : {protocol::Property{property::region, added.region},
                                    protocol::Property{property::trace_on, added.trace_on},
                                    protocol::Property{property::cluster, added.cluster},
                                    protocol::Property{property::unique_key, added.unique_key},
                                    protocol::Property{property::delay, dead_letter_delay}}) {
    bound += name.size() + value.size() + separators;
  }
  return bound;
}

size_t write_stored_properties(std::string_view text, const AddedProperties& added, char* out) {
  char* const begin = out;
  for (const protocol::Property& piece : protocol::Properties(text)) {
    if (!is_replaced(piece.name, added)) out = put(out, piece.name, piece.value);
  }
  if (!added.unique_key.empty()) out = put(out, property::unique_key, added.unique_key);
  if (added.dead_letter) out = put(out, property::delay, dead_letter_delay);
  out = put(out, property::region, added.region);
  out = put(out, property::trace_on, added.trace_on);
  out = put(out, property::cluster, added.cluster);
  return static_cast<size_t>(out - begin);
}

bool has_light_numbers(std::string_view text) {
  return text.find(property::multi_queue_offset) != std::string_view::npos;
}

std::string_view without_light_numbers(std::string_view text, char* out) {
  char* const begin = out;
  for (const protocol::Property& piece : protocol::Properties(text)) {
    if (piece.name != property::multi_queue_offset) out = put(out, piece.name, piece.value);
  }
  return {begin, static_cast<size_t>(out - begin)};
}

}  // namespace gantry::messaging
