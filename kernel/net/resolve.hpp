// The addresses a host stands for.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/session.hpp"

namespace gantry::net {

// The address itself when the host is one; none when it is a name, which only resolve() knows.
std::vector<Peer> literal_address(const HostPort& host);

// May block on the network: for a worker. The failure says what the system said.
Outcome<std::vector<Peer>> resolve(const HostPort& host);

}  // namespace gantry::net
