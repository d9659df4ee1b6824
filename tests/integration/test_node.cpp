#include "test_node.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <stdexcept>

namespace gantry::integration {

std::string configuration(const Shape& shape, const std::filesystem::path& data_dir) {
  std::vector<std::string> load;
  for (const std::string& name : shape.load) load.push_back('"' + name + '"');
  std::vector<std::string> visible_after;
  for (const std::string& mark : shape.visible_after) visible_after.push_back('"' + mark + '"');
  std::string text = fmt::format(R"([node]
data_dir = "{}"
broker = "{}"

[runtime]
shards = {}

[plugin]
experimental = true
directory = "{}"
load = [{}]
{}
[commitlog]
flush = "{}"
flush_interval_ms = {}
segment_bytes = {}
warm_ahead_bytes = 1048576

[dispatch]
visible_after = [{}]

)",
                                 data_dir.string(), shape.broker, shape.shards, GANTRY_PLUGIN_DIR,
                                 fmt::join(load, ", "), shape.plugin_keys, shape.flush,
                                 shape.flush_interval_ms, shape.segment_bytes,
                                 fmt::join(visible_after, ", "));
  for (const Shape::Door& door : shape.doors) {
    text += fmt::format("[[net.door]]\nname = \"{}\"\naddress = \"{}\"\nhandlers = [\"{}\"]\n\n",
                        door.name, door.address, door.handler);
  }
  return text + shape.plugins;
}

TestNode::TestNode()
    : node_([this](const std::string& reason) {
        const std::lock_guard lock(mutex_);
        failure_ = reason;
      }) {}

Outcome<void> TestNode::start(const Shape& shape) { return start_on(data_dir(), shape); }

Outcome<void> TestNode::start_on(const std::filesystem::path& data_dir, const Shape& shape) {
  const std::filesystem::path file = folder_.path() / "node.toml";
  std::ofstream(file) << configuration(shape, data_dir);
  return node_.start(file);
}

void TestNode::stop() { node_.stop(); }

std::string TestNode::address(const std::string& door) const {
  for (const node::DoorFacts& facts : node_.doors()) {
    if (facts.name == door) return facts.address;
  }
  throw std::invalid_argument("the node has no door " + door);
}

std::string TestNode::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace gantry::integration
