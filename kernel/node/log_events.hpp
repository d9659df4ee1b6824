// LogEvents: ties the log to dispatch: what marks stand at once the queue index has consumed, why
// the log failed, and what a failed consumer means for the node. Owned by Node.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "commitlog/commit_log.hpp"
#include "dispatch/records.hpp"
#include "dispatch/requests.hpp"

namespace gantry::node {

class LogEvents final : public dispatch::Marks, public dispatch::DispatchEvents {
 public:
  // `failed` is called once, from any thread, when the node can't go on. All outlive the log's and
  // the shards' threads.
  LogEvents(commitlog::CommitLog& log, std::function<void(const std::string&)> failed);

  void connect(dispatch::RecordDispatcher& records, dispatch::Requests& requests);

  int64_t reached(uint32_t mark) const override;
  uint32_t visible_after() const override { return log_.visible_after(); }
  void await(int64_t log_end, uint32_t marks, runtime::Job then) const override;
  std::string failure() const override;
  void indexed(uint32_t shard) override;
  void cut(int64_t log_end) override;
  void replaying(const std::string& consumer, int64_t bytes, int64_t bytes_in_all) override;
  void consumer_failed(const std::string& reason) override;

 private:
  void await_end();
  static void visible_rose(void* self);
  static void log_ended(void* self, ErrorCode error);

  commitlog::CommitLog& log_;
  const std::function<void(const std::string&)> failed_;
  dispatch::RecordDispatcher* records_ = nullptr;
  dispatch::Requests* requests_ = nullptr;
  std::atomic<bool> broken_{false};
  mutable std::mutex mutex_;  // guards reason_; a leaf lock
  std::string reason_;
};

}  // namespace gantry::node
