// Options: the module's settings, read and checked at create; and what it knows of its node, read
// at start. Values owned by the module, constant from start() on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cpp/host.hpp"
#include "protocol/host.hpp"

namespace gantry::messaging {

// Where a nameserver is: a door of this node, or another node.
struct NameserverAddress {
  bool is_door = false;
  std::string name;  // of the door; else "host:port", "[ip6]:port"
};

struct Options {
  explicit Options(const sdk::Host& host);  // throws Refusal naming setting and value
  // At start: what only a node that runs can tell. Throws likewise.
  void fit(const sdk::Host& node);

  // The bits of a topic's permission that this broker gives to nobody.
  int32_t withheld_perm() const;

  std::vector<NameserverAddress> nameservers;
  std::string broker_door;
  bool auto_create_topics;
  bool auto_create_groups;
  int32_t default_topic_queues;
  int32_t topic_queues_max;
  int64_t topics_max;
  int64_t groups_max;
  int64_t queue_locks_max;
  int64_t message_bytes_max;
  int64_t batch_messages_max;
  std::string region;
  bool trace_on;
  bool message_type_check;
  uint32_t store_timeout_ms;
  uint32_t metadata_timeout_ms;
  uint32_t register_interval_ms;
  uint32_t register_timeout_ms;
  bool register_compressed;
  bool register_forced;
  uint32_t client_expiry_ms;
  uint32_t client_scan_interval_ms;
  uint32_t offset_flush_interval_ms;
  bool server_side_reset;
  bool send_enabled;
  bool pull_enabled;
  bool lite_pull_enabled;
  bool slave_read;
  bool long_polling;
  uint32_t short_polling_ms;
  uint32_t pull_hold_ms_max;
  int64_t pull_held_max;
  // One pull's answer: from memory, and from disk.
  int32_t pull_messages_max;
  int64_t pull_bytes_max;
  int32_t pull_cold_messages_max;
  int64_t pull_cold_bytes_max;
  int64_t pull_scan_entries_max;  // index entries one pull walks over for its subscription
  int64_t expression_bytes_max;
  int64_t filter_cache_bytes_max;
  int64_t memory_bytes;  // a record nearer to the log's end counts as in memory
};

// What the node says of itself. The broker's address is known once its door is bound.
struct Node {
  Node(const sdk::Host& host, const Options& options);  // throws Refusal

  std::string cluster;
  std::string broker;
  int64_t broker_id;
  std::string address;     // as clients dial it: "10.1.2.3:10911"
  std::string ha_address;  // RocketMQ's HA port is the next one
  protocol::Host host;     // the address
  std::string store_host;  // the same as records hold it
};

}  // namespace gantry::messaging
