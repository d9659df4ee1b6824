// Socket: one TCP connection of a load tool, non-blocking. Owned by whoever dialled; closed by the
// destructor. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace gantry::bench {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket();

  int descriptor() const { return descriptor_; }
  // Closing sends a reset instead of a goodbye, and leaves nothing in TIME_WAIT.
  void reset_on_close();

 private:
  int descriptor_ = -1;
};

// "a.b.c.d:port" for connect(), checked once.
struct Address {
  uint32_t host = 0;  // both in network order
  uint16_t port = 0;
};
Outcome<Address> parse_address(const std::string& text);

// Connects, waiting for the peer.
Outcome<Socket> dial(const Address& address);

// As many open files as the system allows; answers how many.
uint64_t raise_open_files_limit();

}  // namespace gantry::bench
