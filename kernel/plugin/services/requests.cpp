// gantry.host.requests: answers by token, and requests to the node's own doors.
#include "dispatch/requests.hpp"

#include "dispatch/kept_request.hpp"
#include "plugin/completions.hpp"
#include "plugin/instance.hpp"
#include "plugin/request_views.hpp"
#include "plugin/services.hpp"
#include "runtime/runtime.hpp"

namespace gantry::plugin {
namespace {

dispatch::Requests& requests_of(const gantry_host* host) {
  return *Instance::of(host).context().requests;
}

// The references of its body are the host's from here on.
void give_body(const gantry_host* host, const gantry_response& response) {
  Instance::of(host).held_buffers().gave(response.body, response.body_count);
}

gantry_status respond(const gantry_host* host, gantry_token token,
                      const gantry_response* response) {
  give_body(host, *response);
  ResponseView view(*response);
  return status_of(requests_of(host).respond(Token(token), view.get()));
}

gantry_status respond_after(const gantry_host* host, gantry_token token,
                            const gantry_response* response, int64_t log_end, uint32_t marks,
                            uint32_t timeout_ms, const int32_t* late_codes,
                            uint32_t late_code_count) {
  give_body(host, *response);
  ResponseView view(*response);
  const dispatch::AfterOptions after{log_end, marks, timeout_ms, {late_codes, late_code_count}};
  return status_of(requests_of(host).respond_after(Token(token), view.get(), after));
}

gantry_status keep(const gantry_host* host, gantry_token token, const gantry_request** out) {
  dispatch::KeptRequest* kept = nullptr;
  const dispatch::Status status = requests_of(host).keep(Token(token), &kept);
  if (status == dispatch::Status::ok && out) *out = view_of(*kept);
  return status_of(status);
}

gantry_status park(const gantry_host* host, gantry_token token, uint64_t timeout_ms) {
  return status_of(requests_of(host).park(Token(token), timeout_ms));
}

gantry_status wake(const gantry_host* host, gantry_token token) {
  return status_of(requests_of(host).wake(Token(token)));
}

void called(void* context, dispatch::Call& call, dispatch::Status status,
            const dispatch::Response* response) {
  auto* pending = static_cast<Pending*>(context);
  Outstanding& outstanding = pending->owner->outstanding();
  if (!response) return outstanding.end(pending, call, status_of(status), nullptr);
  const LentResponse lent(*response);
  outstanding.end(pending, call, GANTRY_OK, lent.get());
}

gantry_status call(const gantry_host* host, gantry_str door, const gantry_request* request,
                   uint64_t timeout_ms, gantry_completion then) {
  Instance& owner = Instance::of(host);
  const BorrowedRequest asked(*request);
  if (timeout_ms == 0) return GANTRY_INVALID;
  const uint32_t shard = runtime::current_shard();
  Pending* pending = owner.outstanding().begin(owner, then, shard);
  const dispatch::Status status =
      requests_of(host).call(view(door), asked.get(), timeout_ms, {&called, pending});
  if (status != dispatch::Status::ok) owner.outstanding().drop(pending);
  return status_of(status);
}

}  // namespace

const gantry_requests& requests_service() {
  static constexpr gantry_requests table{sizeof table, 0,    respond, respond_after,
                                         keep,         park, wake,    call};
  return table;
}

}  // namespace gantry::plugin
