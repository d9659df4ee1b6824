// Request, Response and who serves them. The fields are those of the C ABI (host/requests.h), so
// kernel/plugin passes them on without rewriting; meaning and ownership are told there.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "base/strong.hpp"
#include "base/text.hpp"
#include "dispatch/call.hpp"

namespace gantry::dispatch {

struct Request {
  int32_t code = 0;
  bool one_way = false;
  bool in_process = false;
  int32_t opaque = 0;
  int32_t language = 0;
  int32_t version = 0;
  SessionId session;
  std::span<const Field> fields;
  Bytes body;
  Buffer* body_owner = nullptr;  // null: keep() before using the body later
  Text remark;
  Bytes peer;  // 4 or 16 address bytes, then the port as a big-endian i32
  const void* principal = nullptr;
};

// Borrowed, except the slices, which are taken over.
struct Response {
  int32_t code = 0;
  Text remark;  // data null: none
  std::span<const Field> fields;
  std::span<Slice> body;
};

enum class Why : uint32_t { first = 0, woken = 1, timed_out = 2 };

enum class Access : uint32_t { admin = 0, none = 1, field = 2, self = 3 };

struct Resource {
  std::string field;
  uint32_t kind = 0;
  uint32_t action = 0;
};

struct Route {
  int32_t code = 0;
  Access access = Access::admin;
  std::vector<Resource> resources;
  bool fallback = false;  // only if no other handler of the door serves the code
};

// RequestHandler: a module's request codes. Owned by kernel/plugin (or a test), outlives Requests.
// Called on shards; calls of different shards overlap.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual const std::string& name() const = 0;  // the instance, for messages
  virtual const std::vector<Route>& routes() const = 0;
  // ok: it was answered. pending: it will be. Else: answered from call.error.
  virtual Status handle(Call& call, const Request& request, Token token, Why why) = 0;
  virtual void session_closed(Call& call, SessionId session) = 0;
};

}  // namespace gantry::dispatch
