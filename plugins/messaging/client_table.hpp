// ClientTable: who is connected, in which roles, subscribed to what. Node-wide: the members of a
// group sit on different shards. Keyed by session, since one client id may have several
// connections. Owned by the Broker; any thread; in memory only, clients tell it anew within 30 s of
// a start.
//
// Calls about one session come from its own shard, one at a time; expired() may come from anywhere.
#pragma once

#include <gantry/base.h>

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/body_clients.hpp"

namespace gantry::messaging {

struct Client {
  gantry_session session = 0;
  std::string id;
  int32_t language = 0;
  int32_t version = 0;
  std::string address;  // "10.9.8.7:51000"
  uint64_t came = 0;    // the table's: greater for a session that came later
};

// Of a heartbeat. Tools are told the wall clock's time; who is silent is a matter of the steady one,
// which nobody sets.
struct Heard {
  int64_t wall_ms = 0;
  int64_t steady_ms = 0;
};

struct Producer {
  Client client;
  int64_t heard_ms = 0;  // its last heartbeat
};

// A group as tools see it.
struct GroupView {
  protocol::ConsumeType type;
  protocol::MessageModel model;
  protocol::ConsumeFromWhere from_where;
  std::vector<protocol::SubscriptionData> subscriptions;
  std::vector<Client> members;
};

// What a heartbeat changed for one group.
struct Joined {
  bool changed = false;              // a member came, or the group's topics changed
  bool fingerprint_changed = false;  // the client should send its subscriptions in full
};

struct Left {
  std::string group;
  bool broadcasting = false;
  std::string client;  // empty while the client has another session in the group
};

// What a group is subscribed to, for its pulls.
struct Subscription {
  int64_t version = 0;
  std::string expression;
  std::string expression_type;
  bool class_filter = false;  // the client filters by a class of its own: it gets everything

  friend bool operator==(const Subscription&, const Subscription&) = default;
};
struct GroupSubscriptions {
  std::string name;
  bool broadcasting = false;
  std::map<std::string, Subscription, std::less<>> topics;

  friend bool operator==(const GroupSubscriptions&, const GroupSubscriptions&) = default;
};

class ClientTable {
 public:
  Joined join(const Client& client, const protocol::ConsumerData& consumer, int32_t fingerprint,
              bool without_subscriptions, const Heard& heard);
  // False: the session produces in as many groups as one may, and this one is new.
  static constexpr size_t producer_groups_max = 1024;
  bool join_producer(const Client& client, const std::string& group, const Heard& heard);
  // Whether it was a member.
  bool leave(gantry_session session, std::string_view group, Left& left);
  void leave_producer(gantry_session session, std::string_view group);
  // Of every role; the consumer groups it was in.
  std::vector<Left> close(gantry_session session);

  // Nothing for a group without members.
  std::optional<GroupSubscriptions> subscriptions(std::string_view group) const;
  std::vector<gantry_session> members(std::string_view group) const;
  std::vector<std::string> client_ids(std::string_view group) const;  // each once, in order
  // Nothing when nobody of the group is connected.
  std::optional<GroupView> group(std::string_view group) const;
  // The newest session of a member.
  std::optional<Client> member(std::string_view group, std::string_view client_id) const;
  std::optional<protocol::SubscriptionData> subscription(std::string_view group,
                                                         std::string_view topic) const;
  std::vector<std::string> groups_on(std::string_view topic) const;

  std::vector<Producer> producers(std::string_view group) const;
  std::map<std::string, std::vector<Producer>> producers() const;  // by group
  // The newest connection of a client that produces, in the group if one is named; 0 when there is
  // none.
  gantry_session producer_session(std::string_view client_id) const;
  gantry_session producer_session(std::string_view group, std::string_view client_id) const;
  std::vector<gantry_session> producer_sessions(std::string_view group) const;

  // Sessions whose last heartbeat is older than `before_ms`, of the steady clock.
  std::vector<gantry_session> expired(int64_t before_ms) const;

 private:
  struct Group {
    protocol::MessageModel model = protocol::MessageModel::clustering;
    protocol::ConsumeType type = protocol::ConsumeType::passively;
    protocol::ConsumeFromWhere from_where = protocol::ConsumeFromWhere::last_offset;
    int32_t fingerprint = 0;
    std::map<std::string, protocol::SubscriptionData, std::less<>> subscriptions;
    std::map<gantry_session, Client> members;

    bool subscribe(const std::vector<protocol::SubscriptionData>& subscriptions);
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  struct Stripe {
    mutable std::mutex lock;  // "clients.group": never held across a host call or another lock
    std::unordered_map<std::string, Group, Hash, std::equal_to<>> groups;
  };
  struct Roles {
    Client client;
    Heard heard;
    std::set<std::string, std::less<>> consumer_groups;
    std::set<std::string, std::less<>> producer_groups;
  };

  static constexpr size_t stripe_count = 64;
  Stripe& stripe(std::string_view group) { return stripes_[Hash()(group) % stripe_count]; }
  const Stripe& stripe(std::string_view group) const {
    return stripes_[Hash()(group) % stripe_count];
  }
  // Both with roles_lock_ held.
  Roles& roles_of(const Client& client, const Heard& heard);
  void forget_producer(gantry_session session, std::string_view group);
  void forget_producer_client(gantry_session session, const std::string& client_id);
  bool remove_member(gantry_session session, std::string_view group, Left& left);

  std::array<Stripe, stripe_count> stripes_;
  mutable std::mutex roles_lock_;  // "clients.roles"
  uint64_t came_ = 0;
  std::unordered_map<gantry_session, Roles> roles_;
  std::map<std::string, std::set<gantry_session>, std::less<>> producers_;  // by group
  std::unordered_map<std::string, gantry_session, Hash, std::equal_to<>> producer_clients_;
};

}  // namespace gantry::messaging
