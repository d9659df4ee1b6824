// gantry.host.sessions: connected clients.
#include "net/session_table.hpp"

#include <array>
#include <vector>

#include "plugin/completions.hpp"
#include "plugin/instance.hpp"
#include "plugin/request_views.hpp"
#include "plugin/services.hpp"
#include "runtime/runtime.hpp"

namespace gantry::plugin {
namespace {

net::SessionTable& sessions_of(const gantry_host* host) {
  return *Instance::of(host).context().sessions;
}

// A push takes over the references of its body, also when it fails: they end with this.
std::vector<Slice> taken_body(Instance& owner, const gantry_request& request) {
  owner.held_buffers().gave(request.body, request.body_count);
  std::vector<Slice> taken;
  for (uint32_t i = 0; i < request.body_count; ++i) taken.push_back(adopt(request.body[i]));
  return taken;
}

// How long a client may take and what it sent, as the C ABI's response.
void answered(void* context, const net::PushResult& result) {
  auto* pending = static_cast<Pending*>(context);
  if (result.end != net::PushEnd::answered) {
    const bool late = result.end == net::PushEnd::timed_out || result.end == net::PushEnd::refused;
    return complete_on(pending, late ? GANTRY_BUSY : GANTRY_GONE, nullptr);
  }
  std::array<Slice, 1> body{Slice{result.body, {}}};
  const std::span<Slice> slices(body.data(), result.body.empty() ? 0 : 1);
  const dispatch::Response response{result.header->code, result.header->remark,
                                    result.header->fields, slices};
  complete_on(pending, GANTRY_OK, &response);
}

gantry_status request(const gantry_host* host, gantry_session to, const gantry_request* what,
                      uint64_t timeout_ms, gantry_completion then) {
  Instance& owner = Instance::of(host);
  const std::vector<Slice> taken = taken_body(owner, *what);
  const BorrowedRequest asked(*what);
  Pending* pending = owner.outstanding().begin(owner, then, runtime::current_shard());
  sessions_of(host).request(SessionId(to), header_of(*what), asked.get().body, timeout_ms,
                            {&answered, pending});
  return GANTRY_OK;
}

gantry_status notify(const gantry_host* host, gantry_session to, const gantry_request* what) {
  const std::vector<Slice> taken = taken_body(Instance::of(host), *what);
  const BorrowedRequest asked(*what);
  if (!sessions_of(host).peer_of(SessionId(to))) return GANTRY_GONE;
  sessions_of(host).notify(SessionId(to), header_of(*what), asked.get().body);
  return GANTRY_OK;
}

gantry_status close(const gantry_host* host, gantry_session session, gantry_str reason) {
  if (!sessions_of(host).peer_of(SessionId(session))) return GANTRY_GONE;
  sessions_of(host).close(SessionId(session), view(reason));
  return GANTRY_OK;
}

uint32_t shard_of(const gantry_host* host, gantry_session session) {
  return sessions_of(host).shard_of(SessionId(session));
}

}  // namespace

const gantry_sessions& sessions_service() {
  static constexpr gantry_sessions table{sizeof table, 0, request, notify, close, shard_of};
  return table;
}

}  // namespace gantry::plugin
