// Requests: from a door to the handler that serves the code, and back; parked and waiting ones;
// sessions. What requests.h and request_handler.h promise is kept here. Owned by Core.
#pragma once

#include <gantry/cap/request_handler.h>

#include <array>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cpp/fake/frame.hpp"

namespace gantry::sdk::fake {

struct Core;
struct InstanceState;

class Requests {
 public:
  explicit Requests(Core& core) : core_(core) {}

  // Checks that no code is served twice on a door; throws std::runtime_error naming both.
  void connect();
  // How a request ended: with an answer, or null when its session ended first.
  using Ended = std::function<void(const Answer*)>;
  std::shared_ptr<Exchange> send(const std::string& door, const Request& request,
                                 Ended ended = nullptr);
  void close_session(gantry_session session);
  gantry_session open_session(gantry_session session, const std::string& door);
  bool is_open(gantry_session session) const { return sessions_.contains(session); }
  uint32_t shard_of(gantry_session session) const;

  // The service.
  gantry_status respond(gantry_token token, const gantry_response& response);
  gantry_status respond_after(gantry_token token, const gantry_response& response, int64_t log_end,
                              uint32_t marks, uint32_t timeout_ms, const int32_t* late_codes,
                              uint32_t late_code_count);
  gantry_status keep(gantry_token token, const gantry_request** out);
  gantry_status park(gantry_token token, uint64_t timeout_ms);
  gantry_status wake(gantry_token token);
  gantry_status call(InstanceState& owner, const std::string& door, const gantry_request& request,
                     uint64_t timeout_ms, gantry_completion then);

  // Answers what waited for marks that have passed.
  void settle();
  // The log will end at log_end: who waits for more, now or later, is answered 1.
  void cut(int64_t log_end);
  // Runs the parked requests of an instance as timed out, before it drains.
  void hand_back_parked(const InstanceState& handler);
  // What is still open for an instance that has stopped is answered with SYSTEM_BUSY.
  void refuse_open(const InstanceState& handler);
  uint64_t late() const { return late_; }
  void count_late() { ++late_; }

 private:
  enum class Phase { running, pending, parked, waiting };
  struct Open {
    std::shared_ptr<Exchange> exchange;  // of a session's request
    Ended ended;                         // of that, who else wants to know
    uint64_t promise = 0;                // of an in-process one
    Place reply;                         // where that completes
    gantry_session session = 0;
    Place place;
    InstanceState* handler = nullptr;
    const gantry_request_handler* table = nullptr;
    bool one_way = false;
    Phase phase = Phase::running;
    std::shared_ptr<const Frame> frame;  // while handle runs, or for good when kept
    bool kept = false;
    uint64_t timer = 0;     // of park and of respond_after
    uint64_t deadline = 0;  // of call
    int64_t cut_at = std::numeric_limits<int64_t>::max();  // the lowest cut since it came
    // waiting
    Answer answer;
    int64_t log_end = 0;
    uint32_t marks = 0;
    std::array<int32_t, 6> late_codes{};
  };
  struct Target {
    InstanceState* instance = nullptr;
    const gantry_request_handler* table = nullptr;
  };
  struct Session {
    uint32_t shard = 0;
    std::set<std::string> doors;
  };

  bool is_door(const std::string& door) const;
  std::vector<Target> handlers(const std::string& door) const;
  Target route(const std::string& door, int32_t code) const;
  void begin(const std::string& door, Open open, std::shared_ptr<const Frame> frame);
  void run(gantry_token token, uint32_t why);
  void finish(gantry_token token, gantry_status status, const gantry_error& error);
  void answer(gantry_token token, Answer answer);
  void refuse(gantry_token token, int32_t code, std::string text);
  void late_mark(gantry_token token);
  bool passed(const Open& open) const;
  int64_t reached(uint32_t mark) const;
  void release_body(const gantry_response& response);
  Open* find(gantry_token token);

  Core& core_;
  std::map<gantry_token, Open> open_;
  std::map<gantry_session, Session> sessions_;
  gantry_token next_ = 0x100000001;  // not small: a module must not take it for an index
  uint64_t late_ = 0;
};

}  // namespace gantry::sdk::fake
