// Node: the composition root. Builds everything a configuration asks for, starts it in order, and
// ends it in reverse. Used on the control thread only.
//
// Start: libraries and settings -> instances made -> log recovered -> doors bound, not accepting ->
// instances started in the order of needs -> consumers replayed -> live -> accept.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace gantry::node {

struct DoorFacts {
  std::string name;
  std::string address;  // with the real port
  std::string advertised;
};

class Node {
 public:
  // Whether the process is the node's own. Then crashes are reported below the store root, and a
  // shard that a module doesn't give back ends it; else that is a failure.
  enum class Process : uint8_t { shared, own };

  // `failed` may be called from any thread when the node can't go on; the owner then stops it.
  // `called_off` may be asked while it starts: true, and a module's start that is waited
  // for ends, a replay of the log ends behind its batch, and start() fails.
  explicit Node(std::function<void(const std::string& reason)> failed,
                Process process = Process::shared, std::function<bool()> called_off = {});
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Everything but the sockets and the disk: for `gantry check`.
  static Outcome<void> check(const std::filesystem::path& configuration);

  // A failure leaves nothing running.
  Outcome<void> start(const std::filesystem::path& configuration);
  void stop();

  const std::vector<DoorFacts>& doors() const;
  const std::string& name() const;  // "broker-a of DefaultCluster"

 private:
  struct Parts;
  Outcome<void> build(const std::filesystem::path& configuration);
  Outcome<void> open_log();
  Outcome<void> bind_doors();
  Outcome<void> start_modules();
  Outcome<void> route();
  Outcome<void> start_log();
  Outcome<void> keep_code_owners();

  void start_watchdog();
  void tell_unanswered() const;

  std::function<void(const std::string&)> failed_;
  const Process process_;
  const std::function<bool()> called_off_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace gantry::node
