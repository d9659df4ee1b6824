// Relay: a port of loopback in front of another; what goes through it can be cut. Threads of its
// own; used by one thread of the test. Nothing of it is left when it ends.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gantry::integration {

class Relay {
 public:
  explicit Relay(const std::string& target);  // "127.0.0.1:port"
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  const std::string& address() const { return address_; }
  // Ends every connection through it; while it is closed, new ones are refused.
  void cut();
  void close();
  void open();

 private:
  void accept_all();
  void carry(int from, int to);
  void listen(uint16_t port);

  const uint16_t target_port_;
  std::string address_;
  uint16_t port_ = 0;
  std::mutex mutex_;  // guards what follows
  int listener_ = -1;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
};

}  // namespace gantry::integration
