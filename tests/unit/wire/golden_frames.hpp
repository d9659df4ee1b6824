// The frames recorded on the wire between Java brokers and real clients.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>

#include "unit/wire/wire_support.hpp"

namespace gantry::wire::testing {

struct GoldenFrame {
  std::string where;  // file, line and side
  const boost::json::object& recorded;
  ByteString bytes;
};

// Calls `each` for every recorded frame; answers how many there were.
uint64_t for_each_golden_frame(const std::function<void(const GoldenFrame&)>& each);

// A recorded value as the text a header holds.
std::string text_of(const boost::json::value& value);

}  // namespace gantry::wire::testing
