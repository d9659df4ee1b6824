// Messaging: the module. Its life on the control thread, its timers, and which part serves what.
#pragma once

#include <gantry/cap/request_handler.h>
#include <gantry/message.h>

#include <memory>
#include <vector>

#include "cpp/module.hpp"
#include "options.hpp"

namespace gantry::messaging {

struct Broker;

class Messaging : public sdk::Module {
 public:
  explicit Messaging(const gantry_host* host);
  ~Messaging() override;

  gantry_status start(gantry_token ready) override;
  gantry_status quiesce(gantry_token idle) override;
  void resume() override;
  gantry_status drain(gantry_token drained) override;

  // request_handler
  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);
  void session_closed(const gantry_call& call, gantry_session session);

  // log_consumer: it keeps nothing of the log, so it starts at its end and has nothing to persist.
  int64_t position();
  gantry_status consume(const gantry_call& call, const gantry_batch& batch, uint32_t& consumed);
  void live(int64_t log_offset);
  int64_t persist(const gantry_call& call, int64_t stable);
  void truncate(int64_t log_offset);

 private:
  void arm_timers();
  void cancel_timers();

  Options options_;  // constant from start() on
  std::unique_ptr<Broker> broker_;
  std::vector<gantry_token> timers_;  // control thread only
};

}  // namespace gantry::messaging
