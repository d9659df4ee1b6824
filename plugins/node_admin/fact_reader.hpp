// FactReader: what modules tell of themselves by gantry.facts. Bound once, while the module starts;
// read on workers.
#pragma once

#include <gantry/cap/facts.h>

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cpp/host.hpp"

namespace gantry::node_admin {

class FactReader {
 public:
  static constexpr uint32_t facts_max = 65'536;  // of one instance; further ones are left out

  explicit FactReader(const sdk::Host& host);

  // [control] All instances that tell facts and run.
  void bind();
  // [worker] Adds "facts" to `out`, empty for an instance that tells none; "factsTrouble" if it was
  // asked and doesn't answer.
  void read(const gantry_call& call, std::string_view instance, boost::json::object& out) const;

 private:
  const sdk::Host host_;
  const gantry_capabilities& capabilities_;
  std::vector<std::pair<std::string, gantry_binding*>> bindings_;  // by instance
};

}  // namespace gantry::node_admin
