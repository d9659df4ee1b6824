// Network: the doors and everything behind them, and outgoing peers: the kernel's only sockets. Owned
// by the node, used on the control thread; destroyed before the Runtime it was given, and after that
// has stopped.
// Order of life: bind every door, accept, close_listening, stop_serving, shutdown.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/frame_sink.hpp"
#include "net/peer_table.hpp"
#include "net/session_table.hpp"

namespace gantry::runtime {
class Runtime;
}

namespace gantry::net {

struct DoorOptions {
  std::string name;
  std::string address;  // "ip:port", "[ip6]:port"; port 0 takes a free one
  uint64_t frame_bytes_max = 16 * 1024 * 1024;        // length word included
  uint64_t idle_ms = 120'000;                         // neither read nor written
  uint64_t write_queue_bytes_max = 8 * 1024 * 1024;   // above it a session isn't read from
  uint32_t connections_max = 65'536;
};

class Door {
 public:
  virtual ~Door() = default;
  virtual uint32_t number() const = 0;  // as in Session::door()
  virtual const DoorOptions& options() const = 0;
  virtual std::string address() const = 0;  // with the real port
  virtual uint16_t port() const = 0;
};

// What happened since the start, over all shards.
struct Counters {
  uint64_t accepted = 0;
  uint64_t connected = 0;  // to peers
  uint64_t refused = 0;  // over connections_max
  uint64_t closed = 0;
  uint64_t malformed = 0;
  uint64_t idle_closed = 0;
  uint64_t frames = 0;
  uint64_t bytes_read = 0;
  uint64_t bytes_written = 0;
  uint64_t reads = 0;
  uint64_t writes = 0;
  uint64_t paused = 0;             // times a session was stopped reading for its queued output
  uint64_t unknown_responses = 0;  // of clients, to no request of ours
  uint64_t dropped_sends = 0;      // to sessions that had gone
  uint64_t refused_pushes = 0;     // the session's output queue was full
  uint64_t open() const { return accepted + connected - closed; }
};

class Network {
 public:
  // `runtime` outlives it. `sink` is not called after shutdown().
  Network(runtime::Runtime& runtime, FrameSink& sink, const PeerOptions& peers = {});
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Binds without accepting; the failure names the door and its address. The door lives as long as
  // the network.
  Outcome<Door*> bind(DoorOptions options);
  // Starts to listen and accept on every bound door; the runtime is running.
  Outcome<void> accept();
  void close_listening();
  // No further request of a client reaches the sink once it returns; answers still go out, and peers
  // are spoken with.
  void stop_serving();
  // Closes what goes to peers, stops listening and reading, writes what is queued, closes when each
  // client has; what is still open after `grace` is closed hard. Returns when the last session is
  // gone.
  void shutdown(std::chrono::milliseconds grace);

  SessionTable& sessions();
  PeerTable& peers();
  Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Raises the limit of open files to what the system allows; answers the limit now in force.
uint64_t raise_open_files_limit();

}  // namespace gantry::net
