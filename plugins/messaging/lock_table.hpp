// LockTable: which client of a group consumes a queue in order. Node-wide, since a group's members
// sit on different shards. Owned by the Broker; any thread; in memory only: clients lock anew every
// 20 s (broker: RebalanceLockManager; client: ConsumeMessageOrderlyService).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/body_route.hpp"

namespace gantry::messaging {

// How long a lock holds that its owner does not renew.
inline constexpr int64_t lock_expiry_ms = 60'000;

class LockTable {
 public:
  using Queues = std::vector<protocol::MessageQueue>;

  // locks_max bounds what clients can make the table remember.
  explicit LockTable(int64_t locks_max)
      : locks_max_(static_cast<size_t>(locks_max) / stripe_count + 1) {}

  // Locks or renews; returns the queues that are this client's now, in the order asked. A lock is
  // taken over once it has expired. now_ms is of the steady clock, here and below.
  Queues lock(std::string_view group, std::string_view client, const Queues& queues,
              int64_t now_ms);
  // Other clients' locks stay.
  void unlock(std::string_view group, std::string_view client, const Queues& queues);
  // All the client holds in this group.
  void release(std::string_view group, std::string_view client);
  // Whether any client holds an unexpired lock: the group consumes in order.
  bool holds_any(std::string_view group, int64_t now_ms) const;
  // Forgets expired locks.
  void sweep(int64_t now_ms);

 private:
  struct Lock {
    std::string client;
    int64_t renewed_ms = 0;
    bool is_expired(int64_t now_ms) const { return now_ms - renewed_ms > lock_expiry_ms; }
  };
  using Locks = std::map<protocol::MessageQueue, Lock>;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  struct Stripe {
    mutable std::mutex lock;  // "locks": never held across a host call or another lock
    std::unordered_map<std::string, Locks, Hash, std::equal_to<>> groups;
    size_t count = 0;  // locks of all groups
  };

  static constexpr size_t stripe_count = 64;
  Stripe& stripe(std::string_view group) { return stripes_[Hash()(group) % stripe_count]; }
  const Stripe& stripe(std::string_view group) const {
    return stripes_[Hash()(group) % stripe_count];
  }

  const size_t locks_max_;  // of one stripe
  std::array<Stripe, stripe_count> stripes_;
};

}  // namespace gantry::messaging
