#include "net/resolve.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>

namespace gantry::net {
namespace {

Peer peer_of(const void* address, uint8_t size, uint16_t port) {
  Peer peer;
  peer.address_size = size;
  peer.port = port;
  std::memcpy(peer.address.data(), address, size);
  return peer;
}

}  // namespace

std::vector<Peer> literal_address(const HostPort& host) {
  in6_addr bytes{};
  if (::inet_pton(AF_INET, host.host.c_str(), &bytes) == 1) return {peer_of(&bytes, 4, host.port)};
  if (::inet_pton(AF_INET6, host.host.c_str(), &bytes) == 1) {
    return {peer_of(&bytes, 16, host.port)};
  }
  return {};
}

Outcome<std::vector<Peer>> resolve(const HostPort& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.host.c_str(), nullptr, &wanted, &found); error != 0) {
    return fail(::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, &::freeaddrinfo);
  std::vector<Peer> peers;
  for (const addrinfo* at = found; at; at = at->ai_next) {
    if (at->ai_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(at->ai_addr);
      peers.push_back(peer_of(&v4->sin_addr, 4, host.port));
    } else if (at->ai_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(at->ai_addr);
      peers.push_back(peer_of(&v6->sin6_addr, 16, host.port));
    }
  }
  if (peers.empty()) return fail("the name has no IP address");
  return peers;
}

}  // namespace gantry::net
