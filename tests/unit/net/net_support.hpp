// What the net suites share: a node of runtime and network on free ports, a sink that records and
// answers, and a blocking client. Every wait has a deadline and waits for an event.
#pragma once

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/network.hpp"
#include "runtime/runtime.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace gantry::net::testing {

inline constexpr int deadline_ms = 20'000;

// One frame as sent by a client: code, opaque, flag and body, JSON header.
std::vector<uint8_t> frame_bytes(int32_t code, int32_t opaque, std::string_view body = {},
                                 int32_t flag = 0);

struct Reply {
  int32_t code = 0;
  int32_t opaque = -1;
  int32_t flag = 0;
  std::string body;
};

class Client {
 public:
  explicit Client(uint16_t port, int receive_buffer_bytes = 0);
  static Client of(int socket) { return Client(socket, Accepted{}); }
  ~Client();
  Client(Client&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

  bool connected() const { return socket_ >= 0; }
  bool send(Bytes bytes);
  bool send_frame(int32_t code, int32_t opaque, std::string_view body = {}, int32_t flag = 0) {
    return send(frame_bytes(code, opaque, body, flag));
  }
  // The next frame; none if the connection ended or nothing came in time.
  std::optional<Reply> receive();
  std::string receive_body() {
    const auto reply = receive();
    return reply ? reply->body : "(no reply)";
  }
  // Waits for the end of the stream; false if bytes come first or nothing in time.
  bool ended();
  void reset();  // closes with RST
  void close();

 private:
  struct Accepted {};
  Client(int socket, Accepted) : socket_(socket) {}
  bool read_exactly(uint8_t* to, size_t bytes);
  int socket_ = -1;
};

// A server that only accepts: what comes over a connection is read and answered by its Client.
class Listener {
 public:
  explicit Listener(uint16_t port = 0);
  ~Listener() { close(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // The next connection; not connected() if none came in time.
  Client accept();
  void close();

 private:
  int socket_ = -1;
  uint16_t port_ = 0;
};

// What codes ask of the sink.
enum Code : int32_t {
  echo = 1,          // answers the body
  silent = 2,        // no answer
  large = 3,         // answers as many bytes as the body says in digits
  close_after = 4,   // answers, then closes
};

class Sink final : public FrameSink {
 public:
  void on_opened(Session& session) override;
  void on_request(Session& session, const InFrame& frame) override;
  void on_closed(SessionId session, uint32_t shard) override;

  // Waits until `count` sessions were opened, or closed, or requests seen.
  std::vector<SessionId> opened(size_t count);
  std::vector<SessionId> closed(size_t count);
  bool requests(uint64_t count);
  uint64_t kept_frames() const { return own_buffers_; }
  // The most bytes of answers that were alive at once, and those that still are.
  static std::atomic<int64_t> live_bytes;
  static std::atomic<int64_t> live_bytes_max;

 private:
  template <class Ready>
  void wait(Ready ready);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SessionId> opened_, closed_;
  std::atomic<uint64_t> own_buffers_{0};
  uint64_t requests_ = 0;
};

// Answers `request` of a session with this body.
void answer(Session& session, const wire::Header& request, wire::Serialize serialize, Slice body);

struct Node {
  explicit Node(uint32_t shards, DoorOptions options = {}, PeerOptions peers = {});
  ~Node();
  uint16_t port() const { return door->port(); }
  // Runs once round every shard, so what they were doing is done and counted.
  void settle();
  void stop();

  ManualClock clock{1'000'000};
  Sink sink;
  runtime::Runtime runtime;
  Network network;
  Door* door = nullptr;
  bool stopped = false;
};

}  // namespace gantry::net::testing
