// gantry.host.peers: other nodes, called by address.
#include <array>
#include <vector>

#include "net/peer_table.hpp"
#include "plugin/completions.hpp"
#include "plugin/instance.hpp"
#include "plugin/request_views.hpp"
#include "plugin/services.hpp"
#include "runtime/runtime.hpp"

namespace gantry::plugin {
namespace {

net::PeerTable& peers_of(const gantry_host* host) {
  return *Instance::of(host).context().peers;
}

// The references pass on as they are. What has none may end with this call, so it is copied.
std::vector<Slice> taken_body(Instance& owner, const gantry_request& request) {
  owner.held_buffers().gave(request.body, request.body_count);
  std::vector<Slice> taken;
  for (uint32_t i = 0; i < request.body_count; ++i) {
    const gantry_slice& slice = request.body[i];
    if (slice.buffer) {
      taken.push_back(adopt(slice));
    } else if (slice.size > 0) {
      BufferRef copy = copy_to_buffer({slice.data, slice.size});
      const Bytes bytes(copy->data(), copy->size());
      taken.push_back({bytes, std::move(copy)});
    }
  }
  return taken;
}

void answered(void* context, const net::PushResult& result) {
  auto* pending = static_cast<Pending*>(context);
  switch (result.end) {
    case net::PushEnd::answered: {
      std::array<Slice, 1> body{Slice{result.body, {}}};
      const std::span<Slice> slices(body.data(), result.body.empty() ? 0 : 1);
      const dispatch::Response response{result.header->code, result.header->remark,
                                        result.header->fields, slices};
      return complete_on(pending, GANTRY_OK, &response);
    }
    case net::PushEnd::timed_out:
      return complete_on(pending, GANTRY_BUSY, nullptr, "no answer in time");
    case net::PushEnd::refused:
      return complete_on(pending, GANTRY_BUSY, nullptr, "too much waits for this peer");
    case net::PushEnd::gone:
      break;
  }
  complete_on(pending, GANTRY_GONE, nullptr, result.reason);
}

gantry_status request(const gantry_host* host, gantry_str address, const gantry_request* what,
                      uint64_t timeout_ms, gantry_completion then) {
  Instance& owner = Instance::of(host);
  std::vector<Slice> body = taken_body(owner, *what);
  if (timeout_ms == 0) return GANTRY_INVALID;
  Pending* pending = owner.outstanding().begin(owner, then, runtime::current_shard());
  if (peers_of(host).request(view(address), header_of(*what), std::move(body), timeout_ms,
                             {&answered, pending})) {
    return GANTRY_OK;
  }
  owner.outstanding().drop(pending);
  return GANTRY_INVALID;
}

gantry_status notify(const gantry_host* host, gantry_str address, const gantry_request* what) {
  const bool taken = peers_of(host).notify(view(address), header_of(*what),
                                           taken_body(Instance::of(host), *what));
  return taken ? GANTRY_OK : GANTRY_INVALID;
}

}  // namespace

const gantry_peers& peers_service() {
  static constexpr gantry_peers table{sizeof table, 0, request, notify};
  return table;
}

}  // namespace gantry::plugin
