#include "message_type.hpp"

#include <algorithm>

#include "protocol/headers.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"
#include "protocol/property_names.hpp"

namespace gantry::messaging {
namespace {

namespace property = protocol::property;

// In the order in which they count: a message may have properties of several types.
enum Type { normal, lite, priority, fifo, delay, transaction };

constexpr std::string_view names[] = {"NORMAL", "LITE", "PRIORITY", "FIFO", "DELAY", "TRANSACTION"};

Type told_by(const protocol::Property& piece) {
  const auto [name, value] = piece;
  if (name == property::transaction_prepared) {
    return protocol::parse_bool(value) ? transaction : normal;
  }
  if (name == property::delay || name == property::timer_delay_sec ||
      name == property::timer_delay_ms || name == property::timer_deliver_ms) {
    return delay;
  }
  if (name == property::sharding_key || name == property::go_sharding_key) return fifo;
  if (name == property::priority) return priority;
  if (name == property::lite_topic) return lite;
  return normal;
}

}  // namespace

std::string_view message_type_of(std::string_view properties) {
  Type type = normal;
  for (const protocol::Property& piece : protocol::Properties(properties)) {
    type = std::max(type, told_by(piece));
  }
  return names[type];
}

std::optional<std::string_view> type_of_messages(const Topic& topic) {
  if (topic.attributes.empty()) return std::nullopt;
  const auto stored = topic.attributes.find("message.type");
  if (stored == topic.attributes.end()) return std::nullopt;
  const std::string_view type = stored->second;
  if (type == "MIXED" || type == "UNSPECIFIED") return std::nullopt;
  // What comes again, or is given up, had its type when it was sent.
  if (protocol::is_retry_topic(topic.name) || protocol::is_dlq_topic(topic.name)) {
    return std::nullopt;
  }
  return type;
}

std::string wrong_type(const Topic& topic, std::string_view properties) {
  const auto expected = type_of_messages(topic);
  if (!expected) return {};
  const std::string_view actual = message_type_of(properties);
  if (actual == *expected) return {};
  // Remoting clients send in order by choosing the queue, and put no mark on the message.
  if (*expected == names[fifo] && actual == names[normal]) return {};
  // Carried over from another cluster, where it was judged.
  if (protocol::find_property(properties, property::transfer_flag)) return {};
  return std::string("TopicMessageType validate failed, the expected type is ")
      .append(*expected)
      .append(", but actual type is ")
      .append(actual)
      .append(": topic[")
      .append(topic.name)
      .append("] has the attribute message.type=")
      .append(*expected)
      .append(", a message's type is told by its properties");
}

}  // namespace gantry::messaging
