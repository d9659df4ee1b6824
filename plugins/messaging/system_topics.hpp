// The topics a broker has from the start, as RocketMQ's does; they are made anew at each start and
// never stored. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "options.hpp"
#include "topic.hpp"

namespace gantry::messaging {

std::vector<Topic> system_topics(const Options& options, const Node& node);

// A name an application may not give to a topic of its own.
bool is_system_topic(std::string_view name, const Node& node);

}  // namespace gantry::messaging
