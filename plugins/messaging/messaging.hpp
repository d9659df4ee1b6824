// Messaging: the module. Its life on the control thread, its timers, and which part serves what.
#pragma once

#include <gantry/cap/groups.h>
#include <gantry/cap/request_handler.h>
#include <gantry/cap/topics.h>
#include <gantry/message.h>

#include <memory>
#include <span>
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

  // What other modules may ask: topics, groups, offsets, clients (offered.cpp).
  gantry_status find_topic(const gantry_call& call, gantry_str name, gantry_topic& out);
  gantry_status ensure_topic(const gantry_call& call, gantry_str name, const gantry_topic& wanted,
                             gantry_completion then);
  gantry_status each_topic(gantry_status (*each)(void*, gantry_str, const gantry_topic*),
                           void* context);
  gantry_status find_group(const gantry_call& call, gantry_str name, gantry_group& out);
  gantry_status ensure_group(const gantry_call& call, gantry_str name, gantry_completion then);
  gantry_status get_offset(gantry_str group, gantry_str topic, int32_t queue_id, int64_t& out);
  gantry_status commit_offset(gantry_str group, gantry_str topic, int32_t queue_id, uint32_t how,
                              int64_t offset);
  gantry_status client_sessions(uint32_t role, gantry_str group, std::span<gantry_session> out,
                                uint32_t& count);
  gantry_status find_client(uint32_t role, gantry_str group, gantry_str client_id,
                            gantry_session& out);

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
