// TestNode: a node of real modules in this process, with a data folder and free ports of its own.
// Owned and used by one thread; stopped when it ends.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "folder.hpp"
#include "node/node.hpp"

namespace gantry::integration {

// What tests vary of a configuration. The rest is small, so that a node starts at once.
struct Shape {
  struct Door {
    std::string name;
    std::string handler;
    std::string address = "127.0.0.1:0";
  };
  std::string broker = "broker-a";
  int shards = 1;
  std::string flush = "async";
  int flush_interval_ms = 500;
  std::vector<std::string> visible_after = {};
  int64_t segment_bytes = 16 << 20;
  std::vector<std::string> load = {"metadata_lmdb", "store_file", "filter_tag", "nameserver",
                                   "messaging"};
  std::string plugin_keys = {};  // further lines of [plugin]
  std::vector<Door> doors = {{"nameserver", "nameserver"}, {"broker", "messaging"}};
  std::string plugins = R"([plugins.messaging]
required = true
nameservers = ["door:nameserver"]
broker_door = "broker"
)";
};

std::string configuration(const Shape& shape, const std::filesystem::path& data_dir);

class TestNode {
 public:
  TestNode();

  // On the data folder of before, if it has been started before.
  Outcome<void> start(const Shape& shape);
  void stop();

  std::string address(const std::string& door) const;
  std::string nameserver() const { return address("nameserver"); }
  std::filesystem::path data_dir() const { return folder_.path() / "data"; }
  // What the node said when it couldn't go on; empty as long as it can.
  std::string failure() const;

  // Starts another one on `data_dir`.
  Outcome<void> start_on(const std::filesystem::path& data_dir, const Shape& shape);

 private:
  Folder folder_;
  mutable std::mutex mutex_;  // guards failure_
  std::string failure_;
  node::Node node_;
};

}  // namespace gantry::integration
