// Adapters: an instance's offers as the C++ interfaces dispatch and the log own. Made by PluginHost
// when the node is composed; live as long as the instance.
#pragma once

#include <gantry/cap/log_consumer.h>
#include <gantry/cap/queue_index.h>
#include <gantry/cap/request_handler.h>

#include <vector>

#include "commitlog/commit_log.hpp"
#include "dispatch/log_consumer.hpp"
#include "dispatch/request.hpp"
#include "plugin/bindings.hpp"

namespace gantry::plugin {

class HandlerAdapter final : public dispatch::RequestHandler {
 public:
  HandlerAdapter(Instance& instance, const gantry_offer& offer);
  const std::string& name() const override { return instance_.name(); }
  const std::vector<dispatch::Route>& routes() const override { return routes_; }
  dispatch::Status handle(dispatch::Call& call, const dispatch::Request& request, Token token,
                          dispatch::Why why) override;
  void session_closed(dispatch::Call& call, SessionId session) override;

 private:
  Instance& instance_;
  Guard& guard_;
  const gantry_request_handler& table_;
  std::vector<dispatch::Route> routes_;
};

class ConsumerAdapter final : public dispatch::LogConsumer {
 public:
  ConsumerAdapter(Instance& instance, const gantry_offer& offer, dispatch::ConsumerPolicy policy);
  const std::string& name() const override { return instance_.name(); }
  bool runs_inline() const override { return (table_.flags & GANTRY_LOG_INLINE) != 0; }
  bool runs_after(const dispatch::LogConsumer& other) const override;
  bool bounds_visibility() const override {
    return (table_.flags & GANTRY_LOG_BOUNDS_VISIBILITY) != 0;
  }
  dispatch::ConsumerPolicy policy() const override { return policy_; }
  bool is_called(std::string_view id_or_name) const override;
  Outcome<int64_t> position() override;
  dispatch::Status consume(dispatch::Call& call, std::span<const commitlog::RecordView> records,
                           uint32_t& consumed) override;
  void live(int64_t log_offset) override;
  dispatch::Status persist(dispatch::Call& call, int64_t stable, int64_t& persisted) override;
  Outcome<void> truncate(int64_t log_offset) override;
  void trimmed(dispatch::Call& call, int64_t min_log_offset) override;

 private:
  Failure refuse(const char* what, gantry_status status, const gantry_error& error) const;

  Instance& instance_;
  Guard& guard_;
  const gantry_offer& offer_;
  const gantry_log_consumer& table_;
  const dispatch::ConsumerPolicy policy_;
  std::vector<gantry_message> messages_;  // one consume at a time
};

// The first bound queue index, as the log's source of numbers.
class IndexNumbers {
 public:
  IndexNumbers(Binding& binding, const Clock& clock) : binding_(binding), clock_(clock) {}
  commitlog::NumberSource source() { return {&IndexNumbers::next, this}; }

 private:
  static ErrorCode next(void* self, Text topic, int32_t queue_id, QueueOffset& next);

  Binding& binding_;
  const Clock& clock_;
};

}  // namespace gantry::plugin
