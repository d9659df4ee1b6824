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

class LogConsumer {
 public:
  virtual ~LogConsumer() = default;
  virtual const std::string& name() const = 0;
  virtual bool runs_inline() const = 0;
  // Does it run behind `other`? By the ids other offers, or its name.
  virtual bool runs_after(const LogConsumer& other) const = 0;
  virtual bool is_called(std::string_view id_or_name) const = 0;

  virtual Outcome<int64_t> position() = 0;                                              // control
  virtual Status consume(Call& call, std::span<const commitlog::RecordView> records,
                         uint32_t& consumed) = 0;                                       // log
  virtual void live(int64_t log_offset) = 0;                                            // control
  virtual Status persist(Call& call, int64_t stable, int64_t& persisted) = 0;           // worker
  virtual Outcome<void> truncate(int64_t log_offset) = 0;                               // control
};

}  // namespace gantry::dispatch
