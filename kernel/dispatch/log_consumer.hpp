// LogConsumer: a module that gets every record in log order (abi cap/log_consumer.h tells the
// contract). Owned by kernel/plugin (or a test), outlives RecordDispatcher.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "commitlog/record.hpp"
#include "dispatch/call.hpp"

namespace gantry::dispatch {

// What becomes of a consumer whose consume fails again and again: the node ends; it stops and the
// node goes on; the record is passed over.
enum class OnFault : uint8_t { fail_node, pause, skip };
// May a disk that needs room take records from under a consumer that lags?
enum class OnLag : uint8_t { hold, drop };

struct ConsumerPolicy {
  OnFault on_fault = OnFault::fail_node;
  OnLag on_lag = OnLag::hold;
};

class LogConsumer {
 public:
  virtual ~LogConsumer() = default;
  virtual const std::string& name() const = 0;
  virtual bool runs_inline() const = 0;
  // Does it run behind `other`? By the ids other offers, or its name.
  virtual bool runs_after(const LogConsumer& other) const = 0;
  virtual bool is_called(std::string_view id_or_name) const = 0;

  // What it hasn't consumed can't be served: the log takes nothing while it lags too far.
  virtual bool bounds_visibility() const { return false; }
  virtual ConsumerPolicy policy() const { return {}; }

  virtual Outcome<int64_t> position() = 0;                                     // control
  virtual Status consume(Call& call, std::span<const commitlog::RecordView> records,
                         uint32_t& consumed) = 0;                              // log
  virtual void live(int64_t log_offset) = 0;                                   // control
  virtual Status persist(Call& call, int64_t stable, int64_t& persisted) = 0;  // worker
  virtual Outcome<void> truncate(int64_t log_offset) = 0;                      // log
  virtual void trimmed(Call&, int64_t) {}                                      // worker
};

}  // namespace gantry::dispatch
