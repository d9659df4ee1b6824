// EchoServer: the least Asio server that answers frames, a yardstick for the broker. Concrete
// executor, bulk reads, all answers to a read in one write, tried at once. One thread; run() ends
// with the process.
#pragma once

#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "wire/byte_sink.hpp"
#include "wire/frame.hpp"

namespace gantry::bench {

// Responder: what an answer holds. Owned by its server, called on its thread.
class Responder {
 public:
  virtual ~Responder() = default;
  // Appends the whole answer. An error ends the connection.
  virtual ErrorCode respond(const wire::Frame& request, wire::ByteSink& out) = 0;
};

class EchoServer {
 public:
  // Listens on 127.0.0.1; port 0 picks a free one.
  EchoServer(uint16_t port, Responder& responder);
  ~EchoServer();

  uint16_t port() const;
  void run();

 private:
  class Connection;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gantry::bench
