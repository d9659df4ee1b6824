#include "dispatch/requests.hpp"

#include "dispatch/shard_requests.hpp"

namespace gantry::dispatch {

Requests::Requests(runtime::Runtime& runtime, const Router& router, const Marks* marks)
    : router_(router), runtime_(runtime) {
  for (uint32_t i = 0; i < runtime.shard_count(); ++i) {
    shards_.push_back(std::make_unique<ShardRequests>(runtime, runtime.shard(i), router, marks));
  }
}

Requests::~Requests() = default;

void Requests::on_opened(net::Session& session) { shards_[session.shard()]->opened(session); }

void Requests::on_request(net::Session& session, const net::InFrame& frame) {
  shards_[session.shard()]->received(session, frame);
}

void Requests::on_closed(SessionId session, uint32_t shard) { shards_[shard]->closed(session); }

ShardRequests* Requests::here() const {
  const uint32_t shard = runtime::current_shard();
  return shard < shards_.size() ? shards_[shard].get() : nullptr;
}

ShardRequests* Requests::owner(Token token) const {
  const uint32_t shard = shard_of(token);
  return shard < shards_.size() ? shards_[shard].get() : nullptr;
}

Status Requests::respond(Token token, const Response& response) {
  ShardRequests* shard = owner(token);
  if (!shard) return Status::gone;
  if (shard == here()) return shard->respond(token, response);
  return shard->post_response(OwnedResponse(token, response)) ? Status::ok : Status::gone;
}

Status Requests::respond_after(Token token, const Response& response, const AfterOptions& after) {
  ShardRequests* shard = owner(token);
  if (!shard) return Status::gone;
  if (shard == here()) return shard->respond_after(token, response, after);
  OwnedResponse owned(token, response);
  owned.after.emplace(
      OwnedResponse::After{after, {after.late_codes.begin(), after.late_codes.end()}});
  return shard->post_response(std::move(owned)) ? Status::ok : Status::gone;
}

Status Requests::wake(Token token) {
  ShardRequests* shard = owner(token);
  return shard && shard->post_wake(token) ? Status::ok : Status::gone;
}

Status Requests::keep(Token token, KeptRequest** out) {
  ShardRequests* shard = owner(token);
  return shard && shard == here() ? shard->keep(token, out) : Status::invalid;
}

Status Requests::park(Token token, uint64_t timeout_ms) {
  ShardRequests* shard = owner(token);
  return shard && shard == here() ? shard->park(token, timeout_ms) : Status::invalid;
}

Status Requests::call(std::string_view door, const Request& request, uint64_t timeout_ms,
                      CallCompletion then) {
  const uint32_t number = router_.door_number(door);
  if (number == router_.door_count()) return Status::gone;
  ShardRequests* from = here();
  ShardRequests& to = from ? *from : *shards_[0];
  auto kept = std::make_unique<KeptRequest>(request);
  kept->mark_in_process();
  auto caller = std::make_unique<InProcessCall>(
      InProcessCall{then, from ? to.shard().index() : runtime::no_shard});
  const bool taken = to.post_call({number, std::move(kept), std::move(caller), timeout_ms});
  return taken ? Status::ok : Status::cancelled;
}

void Requests::release(uint32_t shard) { shards_[shard]->release(); }

void Requests::release_all(uint32_t except) {
  for (const auto& shard : shards_) {
    if (shard->shard().index() != except && shard->has_waiting()) shard->post_release();
  }
}

void Requests::cut(int64_t log_end) {
  for (const auto& shard : shards_) {
    shard->shard().run_and_wait([&] { shard->cut(log_end); });
  }
}

void Requests::hand_back_parked() {
  for (const auto& shard : shards_) {
    shard->shard().run_and_wait([&] { shard->hand_back_parked(); });
  }
}

RequestCounters Requests::counters() const {
  RequestCounters out;
  for (const auto& shard : shards_) shard->shard().run_and_wait([&] { shard->count(out); });
  return out;
}

std::map<std::string, uint64_t> Requests::unanswered() const {
  std::map<std::string, uint64_t> out;
  for (const auto& shard : shards_) shard->shard().run_and_wait([&] { shard->unanswered(out); });
  return out;
}

}  // namespace gantry::dispatch
