// NodeConfig: what the kernel itself reads of a configuration file: [node], [runtime], [plugin],
// [[net.door]], [commitlog] and [dispatch]. Keys of modules, [plugins.<instance>], are read by
// kernel/plugin, which learns them from the modules.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/document.hpp"

namespace gantry::config {

struct DoorConfig {
  std::string name;
  std::string address;
  std::string advertise;  // empty: derived from the address once it is bound
  List handlers;
  Integers except;  // request codes this door does not serve
  int64_t frame_bytes_max = 0;
  int64_t idle_ms = 0;
  int64_t write_queue_bytes_max = 0;
  int64_t connections_max = 0;
};

struct NodeConfig {
  std::string data_dir;
  std::string cluster;
  std::string broker;
  int64_t broker_id = 0;

  int64_t shards = 1;
  int64_t workers = 0;

  bool experimental = false;
  std::string plugin_directory;
  List load;
  int64_t stall_ms = 0;
  int64_t crashes_max = 0;
  int64_t end_ms_max = 0;

  std::vector<DoorConfig> doors;

  bool sync_flush = false;
  int64_t flush_interval_ms = 0;
  int64_t segment_bytes = 0;
  int64_t warm_ahead_bytes = 0;
  int64_t message_bytes_max = 0;

  int64_t lag_bytes_max = 0;
  List visible_after;  // "written", "durable", "replicated"; empty: as the flush says

  static Outcome<NodeConfig> read(const Document& document);
};

// Every kernel key, by section, for documentation ("node", "runtime", ...).
struct SectionKeys {
  std::string section;
  std::vector<Key> keys;
};
const std::vector<SectionKeys>& kernel_keys();

}  // namespace gantry::config
