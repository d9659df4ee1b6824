// Subscriptions: what the groups' heartbeats subscribe to, for pulls that don't say it themselves;
// and whether a group's members agree. Owned by the Broker.
//
// Each shard reads an immutable snapshot, so a pull takes no lock for it. A heartbeat changes its
// own shard's before it is answered: the pull that comes behind it finds it. Other shards follow in
// a later turn. What is subscribed is the group's one table of ClientTable, RocketMQ's rules and
// all: members that differ overwrite one another there, so each misses messages. That is told.
#pragma once

#include <gantry/call.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client_table.hpp"
#include "protocol/subscription_compare.hpp"
#include "services.hpp"
#include "snapshot_map.hpp"

namespace gantry::messaging {

class Subscriptions {
 public:
  Subscriptions(const Services& services, const ClientTable& clients);

  // After the client joined the group in the table. [shard]
  void heard(const gantry_call& call, const Client& client, const protocol::ConsumerData& consumer,
             bool without_subscriptions);
  // After it left. [any]
  void left(gantry_session session, std::string_view group);

  // Null for a group without members. Valid until the call returns. [shard]
  const GroupSubscriptions* on_shard(const gantry_call& call, std::string_view group) const {
    return shards_[call.shard].snapshot->find(group);
  }
  // How the group's members differ, as a sentence for people; nothing while they agree. [any]
  std::optional<std::string> difference(std::string_view group) const;

 private:
  using Snapshot = SnapshotMap<GroupSubscriptions>;
  using Member = protocol::MemberSubscriptions;
  struct Group {
    std::map<gantry_session, Member> members;
    std::string difference;
  };
  struct alignas(64) Shard {
    std::shared_ptr<const Snapshot> snapshot;  // read and written on its shard only
    std::atomic<bool> posted = false;          // a swap is on its way
  };

  bool refresh(std::string_view group);  // needs lock_; whether pulls have to know
  // Whether the members differ since now, or no more. Needs lock_.
  std::optional<bool> compare(Group& group);
  void tell(std::string_view group, std::optional<bool> differs) const;
  void publish();
  void swap(Shard& shard);

  const Services& services_;
  const ClientTable& clients_;
  std::vector<Shard> shards_;

  mutable std::mutex lock_;  // "subscriptions": before clients.group; never across a host call
  std::map<std::string, Group, std::less<>> groups_;
  std::shared_ptr<const Snapshot> latest_;
};

}  // namespace gantry::messaging
