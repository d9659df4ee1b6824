#include "net/shard_peers.hpp"

#include <fmt/format.h>

#include "net/shard_sessions.hpp"
#include "wire/encode.hpp"

namespace gantry::net {
namespace {

// remoting: RemotingSysResponseCode.REQUEST_CODE_NOT_SUPPORTED
constexpr int32_t not_supported = 3;

}  // namespace

void PeerSink::on_request(Session& session, const InFrame& frame) {
  if (wire::is_oneway(frame.header)) return;
  const std::string remark =
      fmt::format("request code {} is not served on a connection this node made", frame.header.code);
  wire::Header answer;
  answer.code = not_supported;
  answer.language = wire::language::cpp;
  answer.version = frame.header.version;
  answer.opaque = frame.header.opaque;
  answer.flag = wire::flag_response;
  answer.remark = {remark.data(), remark.size()};
  wire::ByteSink head;
  if (!wire::encode_head(frame.serialize, answer, 0, head)) session.send(head.bytes(), {});
}

void ShardPeers::send(const std::string& address, const HostPort& parts, PeerRequest&& request) {
  PeerLink* to = stopped_ ? nullptr : link(address, parts);
  if (to) return to->send(std::move(request));
  const PushCompletion then = request.then;
  if (!then.done) return;
  if (stopped_) return then.done(then.context, {PushEnd::gone, nullptr, {}, "the node is stopping"});
  sessions_.tally().refused_pushes.add();
  then.done(then.context, {PushEnd::refused, nullptr, {}, {}});
}

// Null when there are too many addresses in use.
PeerLink* ShardPeers::link(const std::string& address, const HostPort& parts) {
  if (const auto found = links_.find(address); found != links_.end()) return found->second.get();
  if (links_.size() >= options_.addresses_max) {
    std::erase_if(links_, [](const auto& entry) { return entry.second->unused(); });
  }
  if (links_.size() >= options_.addresses_max) return nullptr;
  auto made = std::make_unique<PeerLink>(sessions_, workers_, sink_, parts, options_);
  return links_.emplace(address, std::move(made)).first->second.get();
}

void ShardPeers::stop() {
  stopped_ = true;
  for (auto& [address, link] : links_) link->stop();
}

}  // namespace gantry::net
