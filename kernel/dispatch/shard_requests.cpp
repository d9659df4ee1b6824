#include "dispatch/shard_requests.hpp"

#include <fmt/format.h>

#include "base/endian.hpp"
#include "base/logging.hpp"
#include "wire/header.hpp"

namespace gantry::dispatch {
namespace {

struct PeerBytes {
  uint8_t bytes[20];
  size_t size;
};

PeerBytes peer_bytes(const net::Peer& peer) {
  PeerBytes out{};
  std::memcpy(out.bytes, peer.address.data(), peer.address_size);
  store_be<int32_t>(out.bytes + peer.address_size, peer.port);
  out.size = peer.address_size + 4u;
  return out;
}

}  // namespace

ShardRequests::ShardRequests(runtime::Runtime& runtime, runtime::Shard& shard, const Router& router,
                             const Marks* marks)
    : runtime_(runtime), shard_(shard), router_(router), marks_(marks),
      slots_(shard.index(), *this) {
  responses_.connect(shard, {&ShardRequests::run_responses, this});
  wakes_.connect(shard, {&ShardRequests::run_wakes, this});
  calls_.connect(shard, {&ShardRequests::run_calls, this});
}

Call ShardRequests::make_call(CallError& error) {
  return {shard_.index(), shard_.now_ms(), shard_.now_ns(), shard_budget_ns, arena_, error};
}

ShardRequests::Depth::Depth(ShardRequests& owner) : owner_(owner) {
  if (owner_.depth_++ == 0) owner_.arena_.reset();
}

ShardRequests::Depth::~Depth() {
  if (--owner_.depth_ == 0) owner_.answered_.clear();
}

void ShardRequests::opened(net::Session& session) {
  sessions_[session.id()].door = session.door();
}

void ShardRequests::received(net::Session& session, const net::InFrame& frame) {
  ++requests_;
  Token token;
  Slot* slot = slots_.take(token);
  if (!slot) return session.close("too many open requests");
  const wire::Header& header = frame.header;
  slot->one_way = (header.flag & wire::flag_oneway) != 0;
  slot->serialize = frame.serialize;
  slot->opaque = header.opaque;
  slot->door = session.door();
  slot->session = &session;
  slot->session_id = session.id();
  const Router::Target target = router_.find(session.door(), header.code);
  if (!target.handler) {
    ++unknown_codes_;
    const std::string text = fmt::format(" request type {} not supported", header.code);
    return answer_error(*slot, wire_code::not_supported, text);
  }
  slot->handler = target.handler;
  const PeerBytes peer = peer_bytes(session.peer());
  Request request;
  request.code = header.code;
  request.one_way = slot->one_way;
  request.opaque = header.opaque;
  request.language = header.language;
  request.version = header.version;
  request.session = session.id();
  request.fields = header.fields;
  request.body = frame.body;
  request.body_owner = frame.holding;
  request.remark = header.remark;
  request.peer = {peer.bytes, peer.size};
  run(*slot, request, Why::first);
}

void ShardRequests::run(Slot& slot, const Request& request, Why why) {
  const Token token = slots_.token_of(slot);
  slot.state = Slot::State::running;
  slot.request = &request;
  const Depth depth(*this);
  CallError error;
  Call call = make_call(error);
  const Status status = slot.handler->handle(call, request, token, why);
  // Answered while it ran: the slot is free, or somebody else's.
  if (slot.state == Slot::State::free || slots_.token_of(slot) != token) return;
  slot.request = nullptr;
  finish(slot, token, status, error);
}

void ShardRequests::finish(Slot& slot, Token, Status status, const CallError& error) {
  if (status == Status::pending) {
    if (slot.state == Slot::State::running) slot.state = Slot::State::pending;
    if (!slot.linked && slot.session) link(slot);
    return;
  }
  if (status == Status::ok) {
    if (slot.state == Slot::State::waiting) return;  // respond_after was its answer
    ++faults_;
    logging::error("dispatch", "{} returned OK without an answer to a request", slot.handler->name());
    return answer_error(slot, wire_code::system_error, "the request was not answered");
  }
  if (error.wire_code == 0) {
    ++faults_;
    const std::string text = fmt::format("{} failed with status {}: {}", slot.handler->name(),
                                         static_cast<int32_t>(status), error.text);
    return answer_error(slot, wire_code::system_error, text);
  }
  answer_error(slot, error.wire_code, error.text);
}

void ShardRequests::closed(SessionId session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  for (uint32_t at = found->second.first; at != Slot::none;) {
    Slot& slot = slots_.at(at);
    at = slot.next;
    slot.linked = false;  // the list goes as a whole
    free(slot);
  }
  const uint32_t door = found->second.door;
  sessions_.erase(found);
  for (RequestHandler* handler : router_.handlers(door)) {
    const Depth depth(*this);
    CallError error;
    Call call = make_call(error);
    handler->session_closed(call, session);
  }
}

Status ShardRequests::keep(Token token, KeptRequest** out) {
  Slot* slot = slots_.find(token);
  if (!slot) return Status::gone;
  if (!slot->kept) {
    if (!slot->request) return Status::invalid;  // only inside handle()
    slot->kept = std::make_unique<KeptRequest>(*slot->request);
  }
  if (out) *out = slot->kept.get();
  return Status::ok;
}

Status ShardRequests::park(Token token, uint64_t timeout_ms) {
  if (const Status kept = keep(token, nullptr); kept != Status::ok) return kept;
  Slot& slot = *slots_.find(token);
  if (slot.state != Slot::State::running) return Status::invalid;
  const auto due = static_cast<int64_t>(shard_.now_ns() / 1'000'000 + timeout_ms);
  slot.timer = shard_.arm({due, runtime::TimeBase::steady}, {&ShardRequests::park_ended, &slot});
  if (slot.timer == Token()) return Status::busy;  // no room for another timer
  slot.state = Slot::State::parked;
  return Status::ok;
}

void ShardRequests::rerun(Slot& slot, Why why) {
  if (slot.timer != Token()) shard_.cancel(std::exchange(slot.timer, Token()));
  run(slot, slot.kept->request(), why);
}

void ShardRequests::park_ended(void* at, runtime::TimerEnd end) {
  Slot& slot = *static_cast<Slot*>(at);
  if (end == runtime::TimerEnd::cancelled) return;
  slot.timer = Token();
  if (slot.state == Slot::State::parked) slot.owner->rerun(slot, Why::timed_out);
}

void ShardRequests::run_wakes(void* at) {
  auto& self = *static_cast<ShardRequests*>(at);
  for (const Token token : self.wakes_.take()) {
    Slot* slot = self.slots_.find(token);
    if (slot && slot->state == Slot::State::parked) self.rerun(*slot, Why::woken);
  }
}

void ShardRequests::hand_back_parked() {
  std::vector<Token> parked;
  slots_.for_each_taken([&](Slot& slot) {
    if (slot.state == Slot::State::parked) parked.push_back(slots_.token_of(slot));
  });
  for (const Token token : parked) {
    Slot* slot = slots_.find(token);
    if (slot && slot->state == Slot::State::parked) rerun(*slot, Why::timed_out);
  }
}

void ShardRequests::run_calls(void* at) {
  auto& self = *static_cast<ShardRequests*>(at);
  for (Incoming& incoming : self.calls_.take()) self.start_call(std::move(incoming));
}

void ShardRequests::start_call(Incoming incoming) {
  ++requests_;
  Token token;
  Slot* slot = slots_.take(token);
  if (!slot) return complete(*incoming.caller, Status::busy, nullptr);
  slot->door = incoming.door;
  slot->opaque = 0;
  slot->one_way = incoming.request->request().one_way;
  slot->session_id = SessionId();
  slot->caller = std::move(incoming.caller);
  slot->kept = std::move(incoming.request);
  const auto due = static_cast<int64_t>(shard_.now_ns() / 1'000'000 + incoming.timeout_ms);
  slot->deadline =
      shard_.arm({due, runtime::TimeBase::steady}, {&ShardRequests::deadline_ended, slot});
  const int32_t code = slot->kept->request().code;
  slot->handler = router_.find(slot->door, code).handler;
  if (!slot->handler) {
    ++unknown_codes_;
    return answer_error(*slot, wire_code::not_supported,
                        fmt::format(" request type {} not supported", code));
  }
  run(*slot, slot->kept->request(), Why::first);
}

void ShardRequests::deadline_ended(void* at, runtime::TimerEnd end) {
  Slot& slot = *static_cast<Slot*>(at);
  if (end == runtime::TimerEnd::cancelled) return;
  slot.deadline = Token();
  if (slot.state != Slot::State::free && slot.caller) {
    slot.owner->complete(*slot.caller, Status::busy, nullptr);
    slot.owner->free(slot);
  }
}

void ShardRequests::link(Slot& slot) {
  SessionState& session = sessions_[slot.session_id];
  slot.linked = true;
  slot.previous = Slot::none;
  slot.next = session.first;
  if (session.first != Slot::none) slots_.at(session.first).previous = slot.number;
  session.first = slot.number;
}

void ShardRequests::unlink(Slot& slot) {
  slot.linked = false;
  if (slot.next != Slot::none) slots_.at(slot.next).previous = slot.previous;
  if (slot.previous != Slot::none) {
    slots_.at(slot.previous).next = slot.next;
  } else {
    sessions_[slot.session_id].first = slot.next;
  }
}

void ShardRequests::free(Slot& slot) {
  if (slot.timer != Token()) shard_.cancel(std::exchange(slot.timer, Token()));
  if (slot.deadline != Token()) shard_.cancel(std::exchange(slot.deadline, Token()));
  if (slot.linked) unlink(slot);
  // A handler that answers a kept request may look at it until it returns.
  if (slot.kept && depth_ > 0) answered_.push_back(std::move(slot.kept));
  slots_.free(slot);
}

void ShardRequests::unanswered(std::map<std::string, uint64_t>& by_handler) {
  slots_.for_each_taken([&](const Slot& slot) {
    const bool kept = slot.state == Slot::State::pending || slot.state == Slot::State::parked;
    if (kept && !slot.one_way) ++by_handler[slot.handler->name()];
  });
}

void ShardRequests::count(RequestCounters& into) const {
  into.requests += requests_;
  into.unknown_codes += unknown_codes_;
  into.faults += faults_;
  into.stale_tokens += slots_.stale();
  into.open += slots_.taken();
}

}  // namespace gantry::dispatch
