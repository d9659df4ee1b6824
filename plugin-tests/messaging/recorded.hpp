// Requests that clients were recorded to send to a Java broker, and its answers (golden data,
// wire/).
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rig.hpp"

namespace gantry::messaging::test {

struct Recorded {
  std::string step;
  std::string peer;
  gantry_session session = 0;
  bool one_way = false;
  fake::Request request;
  std::optional<fake::Answer> answer;
};

// Those of the codes that clients sent to the broker or a nameserver, in their order.
std::vector<Recorded> read_recorded(const std::filesystem::path& file,
                                    const std::set<int32_t>& codes);

}  // namespace gantry::messaging::test
