// Admin: what an operator asks and tells brokers and nameservers. It has no state: used by any
// threads but the cluster's, with a Cluster that outlives it. Calls wait.
//
// What concerns a topic or a group is told to every master that is known; a refusal names the
// broker and what it said.
//
//   client::Admin admin(cluster);
//   auto created = admin.create_topic({.name = "orders", .read_queues = 4, .write_queues = 4});
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/cluster.hpp"
#include "client/message.hpp"
#include "protocol/bodies.hpp"

namespace gantry::client {

using protocol::MessageQueue;

struct Master {
  std::string broker;
  std::string address;
  std::string cluster;
};

struct TopicOptions {
  std::string name;
  int32_t read_queues = 8;
  int32_t write_queues = 8;
  int32_t perm = 6;
  bool order = false;
  std::string attributes = {};  // "+message.type=FIFO,-cleanup.policy"
};

// A group's members, as far as one broker knows.
struct GroupMembers {
  std::vector<protocol::ClientConnection> members;
  protocol::MessageModel model = protocol::MessageModel::clustering;
  protocol::ConsumeType type = protocol::ConsumeType::passively;
  std::map<std::string, protocol::SubscriptionData> subscriptions;
  std::map<std::string, std::string> brokers;  // client id -> address of a broker that lists it
};

// Whether a group's members subscribe alike, by their own words.
struct Agreement {
  std::string difference;                      // a sentence; empty while those known agree
  std::map<std::string, std::string> unknown;  // client id -> why it isn't known
};

struct MessageQuery {
  std::string topic;
  std::string key;
  bool unique = false;      // it is a unique key, not one the application gave
  int32_t messages_max = 64;
  int64_t begin_ms = 0;     // when stored
  int64_t end_ms = INT64_MAX;
};

// Records of a queue, whole and one after the other, as they are stored.
struct StoredRecords {
  std::string bytes;        // maybe none
  int64_t next_offset = 0;  // where to go on
};

class Admin {
 public:
  explicit Admin(Cluster& cluster) : cluster_(cluster) {}

  // admin_topics.cpp. `cluster`: only that one's brokers; empty: all.
  Outcome<std::vector<Master>> masters(std::string_view cluster = {});
  // Creates or changes the topic; answers where (17).
  Outcome<std::vector<Master>> create_topic(const TopicOptions& topic,
                                            std::string_view cluster = {});
  // The topic as a broker has it (351).
  Outcome<protocol::TopicConfig> topic_config(const std::string& address, std::string_view topic);
  // From the brokers, then from the nameservers (215, 216).
  Outcome<std::vector<Master>> delete_topic(std::string_view topic);
  // Sorted (206; from the brokers, 21, where the nameserver doesn't serve that).
  Outcome<std::vector<std::string>> topics();
  Outcome<protocol::TopicStatsTable> topic_stats(std::string_view topic);  // 202, of all brokers
  Outcome<std::vector<std::string>> groups_of_topic(std::string_view topic);  // 300

  // admin_groups.cpp
  Outcome<std::map<std::string, protocol::SubscriptionGroupConfig>> groups();  // 201, of all
  Outcome<std::vector<Master>> create_group(const protocol::SubscriptionGroupConfig& group);
  Outcome<std::vector<Master>> delete_group(std::string_view group, bool with_offsets);  // 207
  Outcome<protocol::ConsumeStats> consume_stats(std::string_view group,
                                                std::string_view topic = {});  // 208
  // To what was stored at that time, -1: to the end (222). Answers the new offsets.
  Outcome<protocol::QueueOffsetTable> reset_offsets(std::string_view group, std::string_view topic,
                                                    int64_t time_ms);
  // One queue, to one offset (222).
  Outcome<protocol::QueueOffsetTable> reset_offset(std::string_view group, const MessageQueue& queue,
                                                   int64_t offset);
  // (314) `topic` empty: of all topics.
  Outcome<std::vector<Master>> clone_offsets(std::string_view from_group, std::string_view to_group,
                                             std::string_view topic);
  Outcome<void> set_offset(std::string_view group, const MessageQueue& queue, int64_t offset);

  // admin_members.cpp
  // Nobody if the group is not online.
  Outcome<GroupMembers> group_members(std::string_view group);  // 203
  Outcome<std::vector<protocol::ClientConnection>> producers(std::string_view group,
                                                             std::string_view topic);  // 204
  // What each member says of itself; all are asked at once, silent ones for 10 s (307).
  std::map<std::string, Outcome<protocol::ConsumerRunningInfo>> running_infos(
      std::string_view group, const GroupMembers& members);
  Agreement agreement(std::string_view group, const GroupMembers& members);

  // admin_messages.cpp
  Outcome<Received> message_by_offset_id(std::string_view offset_id);  // 33
  Outcome<Received> message_at(const MessageQueue& queue, int64_t offset);  // 11
  // What a pull of everything ("*") answers there; none, and where to go on, also where the queue
  // has a gap.
  Outcome<StoredRecords> records(std::string_view topic, const Queue& queue, int64_t offset,
                                 int32_t messages_max);  // 11
  Outcome<std::vector<Received>> query(const MessageQuery& query);  // 12
  Outcome<int64_t> min_offset(const MessageQueue& queue);
  Outcome<int64_t> max_offset(const MessageQueue& queue);

 private:
  // Asks a broker; a refusal is a failure.
  Outcome<Reply> ask(const std::string& address, int32_t code, const Fields& fields,
                     std::string_view body = {});
  // Tells all masters of the topic's route, or of the cluster when it has none.
  Outcome<std::vector<Master>> masters_of(std::string_view topic);
  Outcome<std::vector<std::string>> topics_of_brokers();
  Outcome<std::string> address_of(const MessageQueue& queue);
  Outcome<std::vector<Master>> tell(const std::vector<Master>& masters, int32_t code,
                                    const Fields& fields, std::string_view body = {});
  Outcome<int64_t> offset(const MessageQueue& queue, int32_t code);
  Outcome<Reply> pull(const std::string& address, const MessageQueue& queue, int64_t offset,
                      int32_t messages_max);

  Cluster& cluster_;
};

}  // namespace gantry::client
