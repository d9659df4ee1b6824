// Topic attributes: what a change like "+message.type=FIFO,-reserve.time" makes of the stored ones
// (common: AttributeParser, AttributeUtil, TopicAttributes). Pure; errors are Java's texts.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace gantry::messaging {

using Attributes = std::map<std::string, std::string>;

// creating: the topic is new, so every attribute may be set and none removed.
protocol::Result<Attributes> change_attributes(const Attributes& current, std::string_view change,
                                               bool creating);

}  // namespace gantry::messaging
