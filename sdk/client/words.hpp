// Words: the protocol's values as tools print them. Pure functions; any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/message.hpp"

namespace gantry::client {

// "read write"; "nothing" without a bit.
std::string perm_text(int32_t perm);
// One line, members in the order they have.
std::string json_text(const boost::json::value& document);
// All of a message's properties in their order; the last of equal names counts.
std::vector<std::pair<std::string, std::string>> properties_of(const Received& message);
// The system's, and those of retries and dead letters.
bool is_internal_topic(std::string_view topic);

}  // namespace gantry::client
