// Requests: from a decoded frame to the module that serves it, and back. Implements net's FrameSink.
// Owned by the node; outlives the network and the shards' last turn. Requests live on the shard of
// their session; answers, wake-ups and in-process calls come from any thread and are posted there.
//
// Life of a request: running (inside handle) -> answered, or pending (kept), or parked (handle runs
// again), or waiting (respond_after holds the answer until the log's marks pass).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatch/in_process_call.hpp"
#include "dispatch/kept_request.hpp"
#include "dispatch/marks.hpp"
#include "dispatch/request.hpp"
#include "dispatch/router.hpp"
#include "net/frame_sink.hpp"
#include "runtime/runtime.hpp"

namespace gantry::dispatch {

struct AfterOptions {
  int64_t log_end = 0;
  uint32_t marks = 0;  // bits 1 << Mark
  uint32_t timeout_ms = 0;
  std::span<const int32_t> late_codes;  // indexed by mark; 0 and beyond its end: system_error
};

struct RequestCounters {
  uint64_t requests = 0;
  uint64_t unknown_codes = 0;
  uint64_t stale_tokens = 0;
  uint64_t faults = 0;  // a handler answered OK without an answer, or failed without a wire code
  uint64_t open = 0;
};

class ShardRequests;

class Requests final : public net::FrameSink {
 public:
  // All outlive it. `marks` may be null: a node without a log.
  Requests(runtime::Runtime& runtime, const Router& router, const Marks* marks);
  ~Requests() override;

  void on_opened(net::Session& session) override;
  void on_request(net::Session& session, const net::InFrame& frame) override;
  void on_closed(SessionId session, uint32_t shard) override;

  // [any] See abi host/requests.h for each.
  Status respond(Token token, const Response& response);
  Status respond_after(Token token, const Response& response, const AfterOptions& after);
  Status wake(Token token);
  Status call(std::string_view door, const Request& request, uint64_t timeout_ms,
              CallCompletion then);
  // [shard] Inside handle() only.
  Status keep(Token token, KeptRequest** out);
  Status park(Token token, uint64_t timeout_ms);

  // [shard] Answers what waited for marks that have passed by now.
  void release(uint32_t shard);
  // [any] Has every shard with waiting answers look again, soon; but not shard `except`.
  void release_all(uint32_t except = runtime::no_shard);
  // [any but a shard] The log will end at log_end: who waits for more is answered 1, and so will be
  // whoever has appended before and asks later.
  void cut(int64_t log_end);
  // [control] Runs parked requests as timed out, so that they are answered before the doors close.
  void hand_back_parked();

  // [control] Both ask every shard in turn.
  RequestCounters counters() const;
  // Requests kept for later and not answered, by the handler that kept them.
  std::map<std::string, uint64_t> unanswered() const;

 private:
  ShardRequests* here() const;  // null off the shards
  ShardRequests* owner(Token token) const;

  const Router& router_;
  runtime::Runtime& runtime_;
  std::vector<std::unique_ptr<ShardRequests>> shards_;
};

}  // namespace gantry::dispatch
