// Changes: roles, cuts and trims of the log that modules ask for, made one at a time as jobs of a
// worker; and who owns REPLICATED. Owned by Core.
#pragma once

#include <gantry/call.h>

#include <cstdint>
#include <deque>

#include "cpp/fake/loop.hpp"

namespace gantry::sdk::fake {

struct Core;
struct InstanceState;

class Changes {
 public:
  explicit Changes(Core& core) : core_(core) {}

  // The service.
  gantry_status claim(const InstanceState& owner, uint32_t mark);
  gantry_status raise(const InstanceState& owner, uint32_t mark, int64_t to);
  gantry_status lead(InstanceState& owner, const gantry_call* call, int64_t epoch,
                     gantry_completion then);
  gantry_status follow(InstanceState& owner, const gantry_call* call, int64_t epoch,
                       gantry_completion then);
  gantry_status truncate(InstanceState& owner, int64_t log_end, gantry_completion then);
  void trim(int64_t below);
  bool leading() const { return leading_; }

  // A consumer has moved: a lead may go on.
  void look_again();
  // What is left is cancelled.
  void stop();

 private:
  enum class Kind { lead, follow, truncate };
  struct Change {
    Kind kind;
    int64_t value;
    uint64_t promise;
  };
  gantry_status add(InstanceState& owner, const char* what, Kind kind, int64_t value,
                    gantry_completion then);
  gantry_status change_role(InstanceState& owner, const gantry_call* call, const char* what,
                            Kind kind, int64_t epoch, gantry_completion then);
  void run();
  bool lead_waits();
  gantry_status make(const Change& change);
  gantry_status cut(int64_t log_end);

  Core& core_;
  std::deque<Change> changes_;
  const InstanceState* replicates_ = nullptr;
  int64_t epoch_ = 0;
  bool leading_ = false;  // a lead was begun: no more raw bytes
};

}  // namespace gantry::sdk::fake
