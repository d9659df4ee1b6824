// Figures: what gantry.host.plugins tells, as JSON. Reads only; any thread.
#pragma once

#include <gantry/host/plugins.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "cpp/host.hpp"

namespace gantry::node_admin {

class Figures {
 public:
  explicit Figures(const sdk::Host& host)
      : host_(host.raw()), plugins_(host.service<gantry_plugins>(GANTRY_HOST_PLUGINS)) {}

  uint32_t count() const { return plugins_.count(host_); }
  // One instance; calls, faults and trips are the sums of its offers, the last fault the latest;
  // times those of the slowest offer, its life apart.
  boost::json::object instance(const gantry_call& call, uint32_t index) const;
  // Its offers one by one; the last is its life.
  boost::json::array offers(const gantry_call& call, uint32_t index) const;
  std::optional<uint32_t> find(const gantry_call& call, std::string_view name) const;
  std::string names(const gantry_call& call) const;

 private:
  gantry_instance_facts facts(const gantry_call& call, uint32_t index) const;
  gantry_offer_figures offer(const gantry_call& call, uint32_t index, uint32_t offer) const;

  const gantry_host* host_;
  const gantry_plugins& plugins_;
};

}  // namespace gantry::node_admin
