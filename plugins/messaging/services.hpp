// Services: the host's tables this module uses, looked up once at start. Owned by the Broker;
// copied nowhere; usable from any thread until stop() returns.
#pragma once

#include "cpp/host.hpp"

namespace gantry::messaging {

struct Services {
  explicit Services(const gantry_host* raw)
      : host(raw),
        buffers(sdk::Host(raw).service<gantry_buffers>(GANTRY_HOST_BUFFERS)),
        capabilities(sdk::Host(raw).service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES)),
        clock(sdk::Host(raw).service<gantry_clock>(GANTRY_HOST_CLOCK)),
        commitlog(sdk::Host(raw).service<gantry_commitlog>(GANTRY_HOST_COMMITLOG)),
        peers(sdk::Host(raw).service<gantry_peers>(GANTRY_HOST_PEERS)),
        requests(sdk::Host(raw).service<gantry_requests>(GANTRY_HOST_REQUESTS)),
        sessions(sdk::Host(raw).service<gantry_sessions>(GANTRY_HOST_SESSIONS)),
        timer(sdk::Host(raw).service<gantry_timer>(GANTRY_HOST_TIMER)) {}
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  int64_t now_ms() const { return clock.now_ms(host); }
  void info(std::string_view text) const { sdk::Host(host).info(text); }
  void warn(std::string_view text) const { sdk::Host(host).warn(text); }

  const gantry_host* const host;
  const gantry_buffers& buffers;
  const gantry_capabilities& capabilities;
  const gantry_clock& clock;
  const gantry_commitlog& commitlog;
  const gantry_peers& peers;
  const gantry_requests& requests;
  const gantry_sessions& sessions;
  const gantry_timer& timer;
};

}  // namespace gantry::messaging
