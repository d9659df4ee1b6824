// SessionTable: the connected sessions as seen from any thread. Owned by Network; an interface, so
// that its users are tested with a fake. A session that has gone is not an error: what was meant
// for it is dropped, and a request to it completes with `gone`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/buffer.hpp"
#include "base/strong.hpp"
#include "net/session.hpp"
#include "wire/header.hpp"

namespace gantry::net {

// A frame that owns its bytes, to cross threads with.
struct OutFrame {
  std::vector<uint8_t> head;  // length word and header
  std::vector<Slice> body;
};

// How a request pushed to a client ended. `refused`: its output queue is full.
enum class PushEnd : uint8_t { answered, timed_out, gone, refused };

struct PushResult {
  PushEnd end = PushEnd::gone;
  const wire::Header* header = nullptr;  // the response, only if answered; borrowed for the call
  Bytes body;
  std::string_view reason = {};  // gone: why, naming the other end; borrowed for the call
};

// `done` is called exactly once, on the session's shard; on the caller's thread if that has stopped
// or the number can't be a session's.
struct PushCompletion {
  void (*done)(void* context, const PushResult& result) = nullptr;
  void* context = nullptr;
};

class SessionTable {
 public:
  virtual ~SessionTable() = default;

  // All [any].
  virtual uint32_t shard_of(SessionId session) const = 0;  // no_shard if it can't be a session's
  virtual std::optional<Peer> peer_of(SessionId session) const = 0;  // none if it has gone
  virtual void send(SessionId session, OutFrame frame) = 0;
  virtual void close(SessionId session, std::string_view reason) = 0;

  // Sends `request` in JSON under an opaque of the node's own and waits for the response.
  virtual void request(SessionId session, const wire::Header& request, Bytes body,
                       uint64_t timeout_ms, PushCompletion then) = 0;
  // One way: nothing comes back.
  virtual void notify(SessionId session, const wire::Header& request, Bytes body) = 0;

  // The session, or null; only on its own shard, until the end of the turn.
  virtual Session* find(SessionId session) = 0;
};

}  // namespace gantry::net
