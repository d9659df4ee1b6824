// ShardRequests: the requests of one shard. Owned by Requests; every function runs on the shard,
// except the ones marked [any].
#pragma once

#include <unordered_map>

#include "dispatch/mailbox.hpp"
#include "dispatch/owned_response.hpp"
#include "dispatch/requests.hpp"
#include "dispatch/slots.hpp"
#include "dispatch/waiting.hpp"
#include "wire/encode.hpp"

namespace gantry::dispatch {

class ShardRequests {
 public:
  ShardRequests(runtime::Runtime& runtime, runtime::Shard& shard, const Router& router,
                const Marks* marks);

  void opened(net::Session& session);
  void received(net::Session& session, const net::InFrame& frame);
  void closed(SessionId session);

  Status respond(Token token, const Response& response);
  Status respond_after(Token token, const Response& response, const AfterOptions& after);
  Status keep(Token token, KeptRequest** out);
  Status park(Token token, uint64_t timeout_ms);
  void release();
  void cut(int64_t log_end);
  void hand_back_parked();

  // [any] Handed over to the shard.
  bool post_response(OwnedResponse response) { return responses_.put(std::move(response)); }
  bool post_wake(Token token) { return wakes_.put(token); }
  void post_release() {
    if (!release_posted_.exchange(true)) shard_.post({&ShardRequests::run_release, this});
  }
  struct Incoming {
    uint32_t door;
    std::unique_ptr<KeptRequest> request;
    std::unique_ptr<InProcessCall> caller;
    uint64_t timeout_ms;
  };
  bool post_call(Incoming incoming) { return calls_.put(std::move(incoming)); }
  bool has_waiting() const { return has_waiting_.load(); }

  runtime::Shard& shard() { return shard_; }
  void count(RequestCounters& into) const;
  void unanswered(std::map<std::string, uint64_t>& by_handler);

 private:
  struct SessionState {
    uint32_t door = 0;
    uint32_t first = Slot::none;  // slots that wait, doubly linked
  };

  // Around every call into a module: they share the arena, and the outermost resets it.
  class Depth {
   public:
    explicit Depth(ShardRequests& owner);
    ~Depth();

   private:
    ShardRequests& owner_;
  };

  void run(Slot& slot, const Request& request, Why why);
  void finish(Slot& slot, Token token, Status status, const CallError& error);
  void rerun(Slot& slot, Why why);
  void answer_error(Slot& slot, int32_t code, std::string_view text);
  void send(Slot& slot, const Response& response);
  void complete(const InProcessCall& caller, Status status, const Response* response);
  bool write_head(const Slot& slot, const Response& response);
  void hold_back(const Waiting::Entry& entry);
  void send_held(Slot& slot, int32_t code, std::string_view remark);
  void free(Slot& slot);
  void link(Slot& slot);
  void unlink(Slot& slot);
  void start_call(Incoming incoming);
  void arm_waiting_timer();
  Call make_call(CallError& error);

  static void run_release(void* self);
  static void run_responses(void* self);
  static void run_wakes(void* self);
  static void run_calls(void* self);
  static void park_ended(void* slot, runtime::TimerEnd end);
  static void deadline_ended(void* slot, runtime::TimerEnd end);
  static void waiting_due(void* self, runtime::TimerEnd end);

  runtime::Runtime& runtime_;
  runtime::Shard& shard_;
  const Router& router_;
  const Marks* const marks_;
  Slots slots_;
  Waiting waiting_;
  std::atomic<bool> has_waiting_{false};
  std::atomic<bool> release_posted_{false};
  Token waiting_timer_;
  uint64_t waiting_timer_due_ns_ = 0;
  std::unordered_map<SessionId, SessionState> sessions_;
  Mailbox<OwnedResponse> responses_;
  Mailbox<Token> wakes_;
  Mailbox<Incoming> calls_;

  Arena arena_;
  uint32_t depth_ = 0;
  std::vector<std::unique_ptr<KeptRequest>> answered_;  // freed when the outermost call returns
  wire::ByteSink head_;
  uint64_t requests_ = 0;
  uint64_t unknown_codes_ = 0;
  uint64_t faults_ = 0;
};

}  // namespace gantry::dispatch
