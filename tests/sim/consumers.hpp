// What the simulated node's log consumers have in common. Owned by a Node, one process's life; one
// thread.
#pragma once

#include <string>
#include <vector>

#include "dispatch/log_consumer.hpp"
#include "ledger.hpp"

namespace gantry::sim {

class Consumer : public dispatch::LogConsumer {
 public:
  explicit Consumer(std::string name) : name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  bool is_called(std::string_view name) const override { return name == name_; }

 private:
  const std::string name_;
};

// The queue index of a node.
class Index : public Consumer {
 public:
  using Consumer::Consumer;
  bool runs_inline() const override { return true; }
  bool runs_after(const LogConsumer&) const override { return false; }

  // Before anything else; a failure is the disk's. And a clean end.
  virtual Outcome<void> start() { return boost::system::in_place_value; }
  virtual void stop() {}
  // The log begins at `log_begin` now.
  virtual void trimmed_to(int64_t log_begin) { static_cast<void>(log_begin); }

  // The queue's bounds: min 0 and max 0 for one without entries.
  virtual std::pair<int64_t, int64_t> bounds(const QueueName& queue) = 0;
  // All its entries; an error in words when they cannot be read.
  virtual std::string read(const QueueName& queue, std::vector<commitlog::IndexEntry>& out) = 0;
};

}  // namespace gantry::sim
