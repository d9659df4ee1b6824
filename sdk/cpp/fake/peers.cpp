#include "cpp/fake/peers.hpp"

#include <charconv>

#include "cpp/barrier.hpp"
#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

bool is_address(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = text.substr(0, colon);
  const bool v6 = host.front() == '[' && host.back() == ']' && host.size() > 2;
  if (!v6 && host.find_first_of(":[]/ ") != std::string_view::npos) return false;
  uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, wrong] = std::from_chars(text.data() + colon + 1, end, port);
  return wrong == std::errc() && stop == end && port != 0;
}

}  // namespace

gantry_status Peers::request(InstanceState& owner, const std::string& address, Request request,
                             uint64_t timeout_ms, gantry_completion then) {
  if (!is_address(address) || timeout_ms == 0) return GANTRY_INVALID;
  request.one_way = false;
  const Place place = core_.loop.completion_place();
  const uint64_t promise = core_.promises.begin(owner, then, "peers.request", place);
  core_.promises.set_timer(
      promise, core_.loop.arm_ms(timeout_ms, place, [this, promise](const gantry_call& call) {
        set_error(call.error, GANTRY_BUSY, "no answer in time");
        core_.promises.end(promise, call, GANTRY_BUSY, nullptr);
      }));
  core_.loop.post(Place::at_shard(0), [this, address, promise, request](const gantry_call&) {
    deliver(address, request, promise);
  });
  return GANTRY_OK;
}

gantry_status Peers::notify(const std::string& address, Request request) {
  if (!is_address(address)) return GANTRY_INVALID;
  request.one_way = true;
  core_.loop.post(Place::at_shard(0), [this, address, request](const gantry_call&) {
    deliver(address, request, 0);
  });
  return GANTRY_OK;
}

void Peers::deliver(const std::string& address, const Request& request, uint64_t promise) {
  const auto found = scripted_.find(address);
  const std::string door = found == scripted_.end() ? door_at(address) : "";
  if (!door.empty()) return deliver_to_door(door, address, request, promise);
  const bool there = found != scripted_.end() && !found->second.down_;
  if (!there) {
    const std::string why =
        found == scripted_.end() ? "Connection refused" : *found->second.down_;
    return core_.promises.end_later(promise, GANTRY_GONE, "no connection to " + address + ": " + why);
  }
  Peer& peer = found->second;
  peer.got_.push_back(request);
  if (!peer.serve_) return;
  if (const auto says = peer.serve_(request); says && promise) answer(promise, *says);
}

// A node that calls itself, as over a socket.
void Peers::deliver_to_door(const std::string& door, const std::string& address, Request request,
                            uint64_t promise) {
  gantry_session& session = sessions_[address];
  if (session == 0 || !core_.requests.is_open(session)) session = next_session_++;
  request.session = session;
  core_.requests.send(door, request, [this, promise, address](const Answer* answered) {
    if (answered) return answer(promise, *answered);
    core_.promises.end_later(promise, GANTRY_GONE, address + ": closed by the other end");
  });
}

void Peers::answer(uint64_t promise, const Answer& answer) {
  core_.promises.end_later(promise, answer);
}

std::string Peers::door_at(const std::string& address) const {
  for (const auto& [door, advertised] : core_.options.advertise)
    if (advertised == address) return door;
  return {};
}

}  // namespace gantry::sdk::fake
