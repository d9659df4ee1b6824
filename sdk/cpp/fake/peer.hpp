// Peer: another node, as a test scripts it; dialled by modules through gantry.host.peers. Owned by
// its Host, made by Host::peer().
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cpp/fake/values.hpp"

namespace gantry::sdk::fake {

class Peer {
 public:
  // Its answer; none: it stays silent, and the request ends by its time limit.
  using Serve = std::function<std::optional<Answer>(const Request&)>;

  void serve(Serve serve) { serve_ = std::move(serve); }
  // Nobody reaches it, for this reason, until up().
  void down(std::string reason = "Connection refused") { down_ = std::move(reason); }
  void up() { down_.reset(); }

  // What reached it, in order.
  const std::vector<Request>& got() const { return got_; }
  void forget() { got_.clear(); }

 private:
  friend class Peers;
  Serve serve_;
  std::optional<std::string> down_;
  std::vector<Request> got_;
};

}  // namespace gantry::sdk::fake
