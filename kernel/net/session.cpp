#include "net/session.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace gantry::net {

std::string Peer::text() const {
  char text[INET6_ADDRSTRLEN] = "";
  const bool v4 = address_size == 4;
  ::inet_ntop(v4 ? AF_INET : AF_INET6, address.data(), text, sizeof text);
  return v4 ? fmt::format("{}:{}", text, port) : fmt::format("[{}]:{}", text, port);
}

}  // namespace gantry::net
