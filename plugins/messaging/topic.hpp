// Topic and Group: what the broker knows of a topic and of a consumer group: RocketMQ's own
// configuration records. Values; immutable once they are in the catalog.
#pragma once

#include <string>

#include "protocol/body_tables.hpp"
#include "protocol/body_topics.hpp"

namespace gantry::messaging {

using Topic = protocol::TopicConfig;
using Group = protocol::SubscriptionGroupConfig;

// Java's TopicConfig.toString(), which remarks quote.
std::string topic_text(const Topic& topic);

Topic make_topic(std::string name, int32_t queues, int32_t perm);
// One queue that is read and written: what %RETRY% and %DLQ% topics are.
Topic single_queue_topic(std::string name);
Group make_group(std::string name);
// %RETRY%group with the queues the group asks for.
Topic make_retry_topic(const Group& group);

}  // namespace gantry::messaging
