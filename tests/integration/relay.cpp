#include "relay.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace gantry::integration {
namespace {

sockaddr_in loopback(uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

void end(int socket) { ::shutdown(socket, SHUT_RDWR); }

}  // namespace

Relay::Relay(const std::string& target)
    : target_port_(
          static_cast<uint16_t>(std::strtoul(target.c_str() + target.rfind(':') + 1, nullptr, 10))) {
  listen(0);
  address_ = "127.0.0.1:" + std::to_string(port_);
}

Relay::~Relay() {
  close();
  for (std::thread& thread : threads_) thread.join();
  for (const int socket : sockets_) ::close(socket);
}

void Relay::listen(uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at = loopback(port);
  socklen_t size = sizeof at;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&at), size) != 0 ||
      ::listen(listener, 16) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
    ::close(listener);
    throw std::runtime_error("the relay cannot listen");
  }
  port_ = ntohs(at.sin_port);
  const std::lock_guard lock(mutex_);
  listener_ = listener;
  threads_.emplace_back([this] { accept_all(); });
}

void Relay::accept_all() {
  int listener = -1;
  {
    const std::lock_guard lock(mutex_);
    listener = listener_;
  }
  for (int client; (client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in to = loopback(target_port_);
    const bool there = ::connect(server, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    const std::lock_guard lock(mutex_);
    sockets_.push_back(client);
    sockets_.push_back(server);
    if (!there || listener_ < 0) {
      end(client);
      continue;
    }
    threads_.emplace_back([this, client, server] { carry(client, server); });
    threads_.emplace_back([this, client, server] { carry(server, client); });
  }
  ::close(listener);
}

void Relay::carry(int from, int to) {
  std::array<char, 64 * 1024> bytes;
  for (ssize_t got; (got = ::recv(from, bytes.data(), bytes.size(), 0)) > 0;) {
    if (::send(to, bytes.data(), static_cast<size_t>(got), MSG_NOSIGNAL | MSG_WAITALL) < got) break;
  }
  end(from);
  end(to);
}

void Relay::cut() {
  const std::lock_guard lock(mutex_);
  for (const int socket : sockets_) end(socket);
}

void Relay::close() {
  {
    const std::lock_guard lock(mutex_);
    if (listener_ >= 0) end(std::exchange(listener_, -1));
  }
  cut();
}

void Relay::open() { listen(port_); }

}  // namespace gantry::integration
