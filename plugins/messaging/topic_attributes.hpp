// Topic attributes: what a change like "+message.type=FIFO,-reserve.time" makes of the stored ones
// (common: AttributeParser, AttributeUtil, TopicAttributes). Pure; errors are Java's texts.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace gantry::messaging {

using Attributes = std::map<std::string, std::string>;

enum class AttributeChange {
  create,  // the topic is new: every attribute may be set, none removed
  alter,
  again,  // an alter that may have been done by now: what is gone already need not be there
};

protocol::Result<Attributes> change_attributes(const Attributes& current, std::string_view change,
                                               AttributeChange kind);

}  // namespace gantry::messaging
