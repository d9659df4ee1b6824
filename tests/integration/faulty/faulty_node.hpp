// FaultyNode: a node as a program, with messaging and one plugin of plugin-tests/faulty, and what a
// client asks of it. Owned and used by one thread.
#pragma once

#include <string>

#include "client/connection.hpp"
#include "integration/node_process.hpp"

namespace gantry::integration {

inline constexpr int32_t faulty_code = 9200;

struct FaultySetup {
  std::string plugin;  // its file below lib/gantry/faulty-plugins
  std::string keys = {};  // further lines of [plugins.faulty]
  std::string plugin_keys = {};  // further lines of [plugin]
  bool has_door = false;  // a door named faulty, served by the instance
};

// The configuration; its instance is called faulty.
Shape faulty_shape(const FaultySetup& setup);
std::string faulty_file(const std::string& plugin);

class FaultyNode : public NodeProcess {
 public:
  using NodeProcess::start;
  void start(const FaultySetup& setup) { start(faulty_shape(setup)); }

  // A request to the door of the plugin.
  client::Reply ask(const client::Fields& fields = {}, const std::string& body = {},
                    const std::string& door = "faulty") const;
};

// A client of messaging on one connection.
class Messaging {
 public:
  explicit Messaging(const NodeProcess& node) : broker_(node.address("broker")) {}
  client::Reply send(const std::string& topic, const std::string& properties = {});
  // From the queue's first message on; doesn't wait.
  client::Reply pull(const std::string& topic, const std::string& expression_type = "TAG",
                     const std::string& expression = "*");

 private:
  client::Connection broker_;
};

// Fails the case unless a message can be sent and pulled.
void check_others_go_on(const NodeProcess& node);

}  // namespace gantry::integration
