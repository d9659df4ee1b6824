// Broker: a gantry.topics, gantry.groups, gantry.offsets and gantry.clients in memory that a test
// scripts, for modules that require them. It fails what it is asked to make, or holds it until
// released. Owned by the test, outlives the hosts it is offered to. Used on the test's thread.
#pragma once

#include <gantry/cap/clients.h>
#include <gantry/cap/groups.h>
#include <gantry/cap/offsets.h>
#include <gantry/cap/topics.h>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "cpp/fake/loop.hpp"

namespace gantry::sdk::fake {

struct Core;

class Broker {
 public:
  // A topic and a group as RocketMQ makes them unless told otherwise.
  static gantry_topic plain_topic(int32_t queues = 8);
  static gantry_group plain_group();

  // ── what a test prepares, and sees of what a module did
  void put_topic(std::string_view name, gantry_topic topic = plain_topic());
  void put_group(std::string_view name, gantry_group group = plain_group());
  std::optional<gantry_topic> topic(std::string_view name) const;
  std::optional<gantry_group> group(std::string_view name) const;
  bool makes_groups = true;         // false: only operators do
  int32_t topic_queues_max = 1024;  // more are INVALID, of a topic and of an offset's queue

  void set_offset(std::string_view group, std::string_view topic, int32_t queue_id, int64_t offset);
  std::optional<int64_t> offset(std::string_view group, std::string_view topic,
                                int32_t queue_id) const;
  // An operator's reset: what modules commit there counts for nothing until it was heard of.
  void reset_offset(std::string_view group, std::string_view topic, int32_t queue_id,
                    int64_t offset);
  void hear_reset(std::string_view group, std::string_view topic, int32_t queue_id);

  // role: GANTRY_CLIENT_...; the newest session of a client is the one that came last.
  void connect(uint32_t role, std::string_view group, std::string_view client_id,
               gantry_session session);
  void disconnect(gantry_session session);

  void fail_next_ensure(std::string reason);  // completes with FAULT; nothing is made
  void hold();                                // what is to be made waits
  void release();                             // makes and completes what waits, in order
  void lose_held();                           // a crash: completed CANCELLED, not made
  size_t held() const { return held_.size(); }
  int made() const { return made_; }  // topics and groups, by ensure

  // ── the tables' methods
  gantry_status find_topic(const gantry_call& call, gantry_str name, gantry_topic& out);
  gantry_status ensure_topic(const gantry_call& call, gantry_str name, const gantry_topic& wanted,
                             gantry_completion then);
  gantry_status each_topic(gantry_status (*each)(void*, gantry_str, const gantry_topic*),
                           void* context);
  gantry_status find_group(const gantry_call& call, gantry_str name, gantry_group& out);
  gantry_status ensure_group(const gantry_call& call, gantry_str name, gantry_completion then);
  gantry_status get_offset(gantry_str group, gantry_str topic, int32_t queue_id, int64_t& out);
  gantry_status commit_offset(gantry_str group, gantry_str topic, int32_t queue_id, uint32_t how,
                              int64_t offset);
  gantry_status client_sessions(uint32_t role, gantry_str group, std::span<gantry_session> out,
                                uint32_t& count);
  gantry_status find_client(uint32_t role, gantry_str group, gantry_str client_id,
                            gantry_session& out);

  // The host's side: whose loop completes; null when it ends.
  void attach(Core* core) { core_ = core; }

 private:
  struct Wanted {
    std::string name;
    std::optional<gantry_topic> topic;  // none: a group
    gantry_completion then;
    Place place;
    std::string failure;
  };
  struct Client {
    uint32_t role;
    std::string group;
    std::string id;
    gantry_session session;
  };
  using QueueOfGroup = std::tuple<std::string, std::string, int32_t>;

  gantry_status ensure(std::string_view name, std::optional<gantry_topic> topic,
                       gantry_completion then);
  bool is_there(const Wanted& wanted) const;
  void finish(Wanted wanted);
  void complete(const Wanted& wanted);

  std::map<std::string, gantry_topic, std::less<>> topics_;
  std::map<std::string, gantry_group, std::less<>> groups_;
  std::map<QueueOfGroup, int64_t> offsets_;
  std::set<QueueOfGroup> resets_;
  std::vector<Client> clients_;
  std::deque<Wanted> held_;
  std::string failure_;
  Core* core_ = nullptr;
  int made_ = 0;
  bool holding_ = false;
};

}  // namespace gantry::sdk::fake
