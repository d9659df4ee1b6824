// Peers: who answers at an address: a scripted Peer, a door of this host, or nobody. What peers.h
// promises is kept here. Owned by Core.
#pragma once

#include <gantry/host/peers.h>

#include <map>
#include <string>

#include "cpp/fake/peer.hpp"

namespace gantry::sdk::fake {

struct Core;
struct InstanceState;

class Peers {
 public:
  explicit Peers(Core& core) : core_(core) {}

  Peer& peer(const std::string& address) { return scripted_[address]; }

  // The service. `request` owns its bytes.
  gantry_status request(InstanceState& owner, const std::string& address, Request request,
                        uint64_t timeout_ms, gantry_completion then);
  gantry_status notify(const std::string& address, Request request);

 private:
  void deliver(const std::string& address, const Request& request, uint64_t promise);
  void deliver_to_door(const std::string& door, const std::string& address, Request request,
                       uint64_t promise);
  void answer(uint64_t promise, const Answer& answer);
  std::string door_at(const std::string& address) const;

  Core& core_;
  std::map<std::string, Peer> scripted_;
  std::map<std::string, gantry_session> sessions_;  // of addresses that are doors of this host
  gantry_session next_session_ = 0x7e0000000000;
};

}  // namespace gantry::sdk::fake
