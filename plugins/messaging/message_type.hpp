// The types of messages and the one type a topic may be bound to by its attribute message.type
// (common: TopicMessageType). Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "topic.hpp"

namespace gantry::messaging {

// Told from the properties: "NORMAL", "FIFO", "DELAY", "TRANSACTION", "PRIORITY" or "LITE".
std::string_view message_type_of(std::string_view properties);

// The type the topic's messages must have; nothing if it takes all, as one without the attribute
// does: automatic topics get every type.
std::optional<std::string_view> type_of_messages(const Topic& topic);

// What is wrong with a message of these properties, or nothing. To FIFO topics NORMAL messages may go
// as well.
std::string wrong_type(const Topic& topic, std::string_view properties);

}  // namespace gantry::messaging
