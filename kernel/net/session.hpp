// Session: one connection, seen by whoever serves it. Owned by its shard, used only there;
// other threads go through SessionTable. An interface, so that dispatch is tested with a fake. It
// ends after FrameSink::on_closed; until then a closed session is still valid and ignores sends.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/strong.hpp"
#include "wire/header.hpp"

namespace gantry::net {

// The other end's address as bytes (4 or 16, network order) and port.
struct Peer {
  std::array<uint8_t, 16> address{};
  uint8_t address_size = 0;
  uint16_t port = 0;

  Bytes bytes() const { return {address.data(), address_size}; }
  std::string text() const;  // "10.1.2.3:51000", "[::1]:51000"
};

class Session {
 public:
  virtual ~Session() = default;

  SessionId id() const { return id_; }
  uint32_t shard() const { return shard_; }
  uint32_t door() const { return door_; }  // number of the door it came in by, from 0
  const Peer& peer() const { return peer_; }

  // Queues one frame. `head` is the length word and the header, copied; the slices of `body` follow
  // it without a copy and are taken over, released when written. What is sent while a read is being
  // handled leaves in one write after it, everything else at the end of the loop turn.
  virtual void send(Bytes head, std::span<Slice> body) = 0;

  // Tries to write what is queued, then closes. `reason` goes to the log.
  virtual void close(std::string_view reason) = 0;

 protected:
  Session(SessionId id, uint32_t shard, uint32_t door, const Peer& peer)
      : id_(id), shard_(shard), door_(door), peer_(peer) {}

 private:
  const SessionId id_;
  const uint32_t shard_;
  const uint32_t door_;
  const Peer peer_;
};

}  // namespace gantry::net
