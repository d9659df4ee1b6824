#include "node/log_events.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include "base/logging.hpp"
#include "commitlog/errc.hpp"

namespace gantry::node {

using commitlog::Mark;

LogEvents::LogEvents(commitlog::CommitLog& log, std::function<void(const std::string&)> failed)
    : log_(log), failed_(std::move(failed)) {}

void LogEvents::connect(dispatch::RecordDispatcher& records, dispatch::Requests& requests) {
  records_ = &records;
  requests_ = &requests;
  log_.on_visible({&LogEvents::visible_rose, this});
  await_end();
}

// Nothing ever gets there: this wait ends when the log fails, stops, or is cut.
void LogEvents::await_end() {
  const LogOffset never(std::numeric_limits<int64_t>::max());
  log_.await(never, mark_bit(Mark::durable), {&LogEvents::log_ended, this});
}

int64_t LogEvents::reached(uint32_t mark) const {
  const int64_t at = log_.mark(static_cast<Mark>(mark)).value;
  return mark == dispatch::mark_visible ? std::min(at, records_->indexed()) : at;
}

std::string LogEvents::failure() const {
  if (!broken_.load()) return {};
  const std::lock_guard lock(mutex_);
  return reason_;
}

void LogEvents::await(int64_t log_end, uint32_t marks, runtime::Job then) const {
  struct Wait {
    runtime::Job then;
  };
  auto wait = std::make_unique<Wait>(Wait{then});
  log_.await(LogOffset(log_end), marks,
             {[](void* at, ErrorCode) {
                const std::unique_ptr<Wait> ended(static_cast<Wait*>(at));
                ended->then.run(ended->then.context);
              },
              wait.release()});
}

void LogEvents::indexed(uint32_t shard) {
  requests_->release(shard);
  requests_->release_all(shard);
}

void LogEvents::cut(int64_t log_end) { requests_->cut(log_end); }

void LogEvents::replaying(const std::string& consumer, int64_t bytes, int64_t bytes_in_all) {
  logging::info("node", "{} reads the log again: {} of {} MiB", consumer, bytes >> 20,
                bytes_in_all >> 20);
}

void LogEvents::consumer_failed(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    reason_ = reason;
  }
  if (broken_.exchange(true)) return;
  requests_->release_all();
  failed_(reason);
}

void LogEvents::visible_rose(void* at) {
  auto& self = *static_cast<LogEvents*>(at);
  self.records_->visible_rose();
}

void LogEvents::log_ended(void* at, ErrorCode error) {
  auto& self = *static_cast<LogEvents*>(at);
  if (error == make_error_code(commitlog::Errc::stopped)) return;
  if (error == make_error_code(commitlog::Errc::cut)) return self.await_end();
  logging::error("node",
                 "the log takes nothing more: {}. Unanswered sends were refused; mend the disk and "
                 "start the node again: it recovers what was acknowledged",
                 error.message());
  self.consumer_failed("the log failed: " + error.message());
}

}  // namespace gantry::node
