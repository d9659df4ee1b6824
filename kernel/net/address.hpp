// HostPort: "host:port" as configured or dialled, taken apart. A value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::net {

struct HostPort {
  std::string host;  // an IPv4 or IPv6 address, without brackets, or a name
  uint16_t port = 0;
};

// "10.1.2.3:9876", "[::1]:9876" or "name:9876"; none if it is not of that form. The port may be 0.
std::optional<HostPort> parse_host_port(std::string_view text);

}  // namespace gantry::net
