// IndexCodes: the modules, of a host or of its test, that say what a topic's records have in the
// queue index instead of the hash of their tag. Owned by Core.
#pragma once

#include <gantry/cap/index_code.h>

#include <map>
#include <span>
#include <string>

namespace gantry::sdk::fake {

struct Core;

class IndexCodes {
 public:
  explicit IndexCodes(Core& core) : core_(core) {}

  // Those of all that have started. Throws std::runtime_error when two claim a topic.
  void start();
  void stop() { claims_.clear(); }

  void apply(const gantry_call& call, std::span<gantry_message> records) const;

 private:
  struct Claim {
    std::string name;
    gantry_instance* self;
    const gantry_index_code* table;
  };
  void add(const Claim& claim);

  Core& core_;
  std::map<std::string, Claim, std::less<>> claims_;  // by topic
};

}  // namespace gantry::sdk::fake
