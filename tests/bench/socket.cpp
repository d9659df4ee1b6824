#include "socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace gantry::bench {

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Socket::reset_on_close() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

Outcome<Address> parse_address(const std::string& text) {
  const size_t colon = text.rfind(':');
  in_addr host{};
  uint16_t port = 0;
  if (colon != text.npos && ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &host) == 1) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error == std::errc{} && stop == end && port > 0) return Address{host.s_addr, htons(port)};
  }
  return fail(fmt::format("address '{}': it is IPv4 address:port", text));
}

Outcome<Socket> dial(const Address& address) {
  Socket made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (made.descriptor() < 0) return fail(fmt::format("socket: {}", std::strerror(errno)));
  const int on = 1;
  ::setsockopt(made.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = address.host;
  to.sin_port = address.port;
  if (::connect(made.descriptor(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    return fail(fmt::format("connect: {}", std::strerror(errno)));
  }
  if (::fcntl(made.descriptor(), F_SETFL, O_NONBLOCK) != 0) {
    return fail(fmt::format("fcntl: {}", std::strerror(errno)));
  }
  return made;
}

uint64_t raise_open_files_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return limit.rlim_max;
  return limit.rlim_cur;
}

}  // namespace gantry::bench
