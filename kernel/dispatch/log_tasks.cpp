#include "dispatch/log_tasks.hpp"

#include <algorithm>
#include <utility>

namespace gantry::dispatch {

Status LogTasks::add(const LogTask& task) {
  const std::lock_guard lock(mutex_);
  if (closed_) return Status::cancelled;
  if (task.kind != LogTask::Kind::truncate) {
    if (task.value <= epoch_) return Status::invalid;
    epoch_ = task.value;
  }
  tasks_.push_back(task);
  return Status::ok;
}

void LogTasks::add_trim(int64_t below, bool forced) {
  const std::lock_guard lock(mutex_);
  if (!trim_) trim_.emplace();
  int64_t& wanted = forced ? trim_->forced_below : trim_->below;
  wanted = std::max(wanted, below);
}

std::optional<LogTask> LogTasks::front() const {
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) return std::nullopt;
  return tasks_.front();
}

bool LogTasks::role_changes_again() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(tasks_.begin() + 1, tasks_.end(), [](const LogTask& task) {
    return task.kind != LogTask::Kind::truncate;
  });
}

void LogTasks::finish(Status status) {
  TaskDone done;
  {
    const std::lock_guard lock(mutex_);
    done = tasks_.front().done;
    tasks_.pop_front();
  }
  if (done.function) done.function(done.context, status);
}

std::optional<LogTrim> LogTasks::take_trim() {
  const std::lock_guard lock(mutex_);
  return std::exchange(trim_, std::nullopt);
}

void LogTasks::close() {
  std::deque<LogTask> left;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    left.swap(tasks_);
  }
  for (const LogTask& task : left) {
    if (task.done.function) task.done.function(task.done.context, Status::cancelled);
  }
}

}  // namespace gantry::dispatch
