#include "net/peers.hpp"

#include <functional>
#include <utility>

#include "net/shard_sessions.hpp"
#include "wire/encode.hpp"

namespace gantry::net {

Peers::Peers(runtime::WorkerPool& workers,
             const std::vector<std::unique_ptr<ShardSessions>>& shards, const PeerOptions& options)
    : options_(options), sessions_(shards) {
  for (const auto& sessions : shards) {
    shards_.push_back(std::make_unique<ShardPeers>(*sessions, workers, options_));
  }
}

bool Peers::request(std::string_view address, const wire::Header& request, std::vector<Slice> body,
                    uint64_t timeout_ms, PushCompletion then) {
  return send(address, request, std::move(body), timeout_ms, then);
}

bool Peers::notify(std::string_view address, const wire::Header& request, std::vector<Slice> body) {
  return send(address, request, std::move(body), 0, {});
}

// The header is encoded here, while what it borrows is still there. Always posted, so that a
// completion never runs inside the call that asks for it.
bool Peers::send(std::string_view address, const wire::Header& request, std::vector<Slice> body,
                 uint64_t timeout_ms, PushCompletion then) {
  auto parts = parse_host_port(address);
  if (!parts || parts->port == 0) return false;
  PeerRequest out;
  out.opaque = static_cast<int32_t>(next_opaque_.fetch_add(1, std::memory_order_relaxed));
  out.timeout_ms = timeout_ms;
  out.then = then;
  out.frame.body = std::move(body);
  uint64_t body_bytes = 0;
  for (const Slice& slice : out.frame.body) body_bytes += slice.bytes.size();
  wire::Header header = request;
  header.opaque = out.opaque;
  header.flag = then.done ? 0 : wire::flag_oneway;
  wire::ByteSink head;
  const ErrorCode error = wire::encode_head(wire::Serialize::json, header, body_bytes, head);
  out.frame.head.assign(head.bytes().begin(), head.bytes().end());
  out.bytes = head.bytes().size() + body_bytes;

  const size_t home = std::hash<std::string_view>{}(address) % shards_.size();
  ShardPeers& peers = *shards_[home];
  const bool taken = sessions_[home]->shard().post(runtime::Task(
      [&peers, error, to = std::string(address), at = std::move(*parts),
       out = std::move(out)]() mutable {
        if (!error) return peers.send(to, at, std::move(out));
        const PushCompletion refused = out.then;
        if (refused.done) refused.done(refused.context, {PushEnd::refused, nullptr, {}, {}});
      }));
  if (!taken && then.done) {
    then.done(then.context, {PushEnd::gone, nullptr, {}, "the node is stopping"});
  }
  return true;
}

void Peers::stop() {
  for (size_t i = 0; i < shards_.size(); ++i) {
    sessions_[i]->shard().run_and_wait([this, i] { shards_[i]->stop(); });
  }
}

}  // namespace gantry::net
