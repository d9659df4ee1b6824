#include <boost/json/value.hpp>
#include <limits>

#include "check.hpp"
#include "protocol/json.hpp"
#include "targets.hpp"

namespace gantry::protocol::fuzz {

int json(std::string_view bytes) {
  const auto value = read_json(bytes);
  if (!value) {
    check(!value.error().text.empty());
    return 0;
  }
  JsonLimits roomy;  // escapes, copies and keys that are objects again take more than they took
  roomy.bytes_max = std::numeric_limits<std::size_t>::max();
  roomy.depth_max = 2 * roomy.depth_max;
  for (const auto style : {JsonStyle::standard, JsonStyle::standard_escaped, JsonStyle::legacy}) {
    const auto again = read_json(write_json(*value, style), roomy);
    check(again.has_value() && canonical_json(*again) == canonical_json(*value));
  }
  return 0;
}

}  // namespace gantry::protocol::fuzz
