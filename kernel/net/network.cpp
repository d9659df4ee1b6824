#include "net/network.hpp"

#include <algorithm>

#include "net/door.hpp"
#include "net/peers.hpp"
#include "net/sessions.hpp"
#include "net/shard_sessions.hpp"
#include "runtime/runtime.hpp"

namespace gantry::net {
namespace {

constexpr uint64_t sweep_ms_min = 100;
constexpr uint64_t sweep_ms_max = 15'000;

}  // namespace

struct Network::State {
  State(runtime::Runtime& r, FrameSink& s) : runtime(r), sink(s), sessions(shards) {}

  runtime::Runtime& runtime;
  FrameSink& sink;
  OpenSessions open;
  std::vector<std::unique_ptr<ShardSessions>> shards;
  Sessions sessions;
  std::vector<std::unique_ptr<ListeningDoor>> doors;
  std::unique_ptr<Peers> peers;
};

Network::Network(runtime::Runtime& runtime, FrameSink& sink, const PeerOptions& peers)
    : state_(std::make_unique<State>(runtime, sink)) {
  for (uint32_t i = 0; i < runtime.shard_count(); ++i) {
    state_->shards.push_back(std::make_unique<ShardSessions>(runtime.shard(i), state_->open));
  }
  state_->peers = std::make_unique<Peers>(runtime.workers(), state_->shards, peers);
}

Network::~Network() = default;

Outcome<Door*> Network::bind(DoorOptions options) {
  const auto number = static_cast<uint32_t>(state_->doors.size());
  auto door = std::make_unique<ListeningDoor>(number, std::move(options), state_->runtime.shard(0),
                                              state_->sink, state_->shards);
  if (auto bound = door->bind(); !bound) return bound.error();
  state_->doors.push_back(std::move(door));
  return state_->doors.back().get();
}

Outcome<void> Network::accept() {
  uint64_t sweep_ms = sweep_ms_max;
  for (auto& door : state_->doors) {
    if (auto listening = door->listen(); !listening) return listening.error();
    sweep_ms = std::min(sweep_ms, door->options().idle_ms / 4);
  }
  sweep_ms = std::max(sweep_ms, sweep_ms_min);
  for (auto& shard : state_->shards) shard->start_sweeping(sweep_ms);
  state_->runtime.shard(0).run_and_wait([this] {
    for (auto& door : state_->doors) door->start_accepting();
  });
  return boost::system::in_place_value;
}

void Network::close_listening() {
  state_->runtime.shard(0).run_and_wait([this] {
    for (auto& door : state_->doors) door->close();
  });
}

void Network::stop_serving() {
  for (auto& shard : state_->shards) {
    shard->shard().run_and_wait([&shard] { shard->stop_serving(); });
  }
}

void Network::shutdown(std::chrono::milliseconds grace) {
  close_listening();
  state_->peers->stop();
  for (auto& shard : state_->shards) {
    shard->shard().run_and_wait([&shard] { shard->drain(); });
  }
  if (state_->open.wait_for_none(grace)) return;
  for (auto& shard : state_->shards) {
    shard->shard().run_and_wait([&shard] { shard->close_all("shutdown: the grace is over"); });
  }
  state_->open.wait_for_none();
}

SessionTable& Network::sessions() { return state_->sessions; }

PeerTable& Network::peers() { return *state_->peers; }

Counters Network::counters() const {
  Counters sum;
  for (const auto& shard : state_->shards) std::as_const(*shard).tally().add_to(sum);
  for (const auto& door : state_->doors) sum.refused += door->refused();
  sum.dropped_sends += state_->sessions.dropped();
  return sum;
}

}  // namespace gantry::net
