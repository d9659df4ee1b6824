// gantry.host.requests, gantry.host.sessions and gantry.host.peers.
#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

InstanceState& of(const gantry_host* host) {
  return InstanceState::of(host);
}
Requests& requests_of(const gantry_host* host) {
  return of(host).core->requests;
}

gantry_status respond(const gantry_host* host, gantry_token token,
                      const gantry_response* response) {
  of(host).gave(response->body, response->body_count);
  return requests_of(host).respond(token, *response);
}

gantry_status respond_after(const gantry_host* host, gantry_token token,
                            const gantry_response* response, int64_t log_end, uint32_t marks,
                            uint32_t timeout_ms, const int32_t* late_codes,
                            uint32_t late_code_count) {
  of(host).gave(response->body, response->body_count);
  return requests_of(host).respond_after(token, *response, log_end, marks, timeout_ms, late_codes,
                                         late_code_count);
}

gantry_status keep(const gantry_host* host, gantry_token token, const gantry_request** out) {
  of(host).core->expect(of(host), "requests.keep", {Place::Kind::shard});
  return requests_of(host).keep(token, out);
}

gantry_status park(const gantry_host* host, gantry_token token, uint64_t timeout_ms) {
  of(host).core->expect(of(host), "requests.park", {Place::Kind::shard});
  return requests_of(host).park(token, timeout_ms);
}

gantry_status wake(const gantry_host* host, gantry_token token) {
  return requests_of(host).wake(token);
}

gantry_status call(const gantry_host* host, gantry_str door, const gantry_request* request,
                   uint64_t timeout_ms, gantry_completion then) {
  if (timeout_ms == 0) return GANTRY_INVALID;
  return requests_of(host).call(of(host), std::string(view(door)), *request, timeout_ms, then);
}

Request take_over(InstanceState& from, gantry_session to, const gantry_request& request) {
  from.gave(request.body, request.body_count);
  Request copy = request_of(request);
  copy.session = to;
  for (uint32_t i = 0; i < request.body_count; ++i)
    if (request.body[i].buffer) from.core->buffers.release(request.body[i].buffer);
  return copy;
}

gantry_status push(const gantry_host* host, gantry_session to, const gantry_request* request,
                   uint64_t timeout_ms, gantry_completion then) {
  Core& core = *of(host).core;
  Request copy = take_over(of(host), to, *request);
  if (!core.requests.is_open(to)) return GANTRY_GONE;
  const Place place = core.loop.completion_place();
  const uint64_t promise = core.promises.begin(of(host), then, "sessions.request", place);
  core.promises.set_timer(
      promise, core.loop.arm_ms(timeout_ms, place, [&core, promise](const gantry_call& ended) {
        core.promises.end(promise, ended, GANTRY_BUSY, nullptr);
      }));
  core.pushes.push_back({to, false, std::move(copy)});
  core.sent_pushes.push_back({promise, false});
  return GANTRY_OK;
}

gantry_status notify(const gantry_host* host, gantry_session to, const gantry_request* request) {
  Core& core = *of(host).core;
  Request copy = take_over(of(host), to, *request);
  if (!core.requests.is_open(to)) return GANTRY_GONE;
  core.pushes.push_back({to, true, std::move(copy)});
  core.sent_pushes.push_back({0, true});
  return GANTRY_OK;
}

gantry_status ask_peer(const gantry_host* host, gantry_str address, const gantry_request* request,
                       uint64_t timeout_ms, gantry_completion then) {
  Core& core = *of(host).core;
  return core.peers.request(of(host), std::string(view(address)), take_over(of(host), 0, *request),
                            timeout_ms, then);
}

gantry_status tell_peer(const gantry_host* host, gantry_str address,
                        const gantry_request* request) {
  Core& core = *of(host).core;
  return core.peers.notify(std::string(view(address)), take_over(of(host), 0, *request));
}

gantry_status close(const gantry_host* host, gantry_session session, gantry_str reason) {
  Core& core = *of(host).core;
  if (!core.requests.is_open(session)) return GANTRY_GONE;
  core.lines.push_back(
      {of(host).name, GANTRY_LOGGING_INFO, "session closed: " + std::string(view(reason))});
  core.loop.post(Place::at_shard(core.requests.shard_of(session)),
                 [&core, session](const gantry_call&) {
                   if (core.requests.is_open(session)) core.requests.close_session(session);
                 });
  return GANTRY_OK;
}

uint32_t shard_of(const gantry_host* host, gantry_session session) {
  return requests_of(host).shard_of(session);
}

}  // namespace

const gantry_requests& requests_service() {
  static constexpr gantry_requests table{sizeof table, 0,    respond, respond_after,
                                         keep,         park, wake,    call};
  return table;
}

const gantry_sessions& sessions_service() {
  static constexpr gantry_sessions table{sizeof table, 0, push, notify, close, shard_of};
  return table;
}

const gantry_peers& peers_service() {
  static constexpr gantry_peers table{sizeof table, 0, ask_peer, tell_peer};
  return table;
}

}  // namespace gantry::sdk::fake
