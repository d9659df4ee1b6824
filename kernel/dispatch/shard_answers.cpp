// The answering half of ShardRequests: encoding, and holding answers back until marks pass.
#include <fmt/format.h>

#include "base/logging.hpp"
#include "dispatch/shard_requests.hpp"
#include "wire/decode.hpp"

namespace gantry::dispatch {
namespace {

// What answers say of the sender. Clients read the version of a heartbeat's answer to know what the
// broker can do (SQL92 needs 232); 513 is RocketMQ 5.5.0 (common: MQVersion).
constexpr int32_t answer_version = 513;

constexpr std::string_view was_cut = "the log was cut below the record";

uint64_t size_of(std::span<const Slice> body) {
  uint64_t size = 0;
  for (const Slice& slice : body) size += slice.bytes.size();
  return size;
}

}  // namespace

// False when no frame can hold it.
bool ShardRequests::write_head(const Slot& slot, const Response& response) {
  wire::Header header;
  header.code = response.code;
  header.language = wire::language::cpp;
  header.version = answer_version;
  header.opaque = slot.opaque;
  header.flag = wire::flag_response;
  header.remark = response.remark;
  header.fields = response.fields;
  header.has_fields = true;
  head_.clear();
  const ErrorCode error = wire::encode_head(slot.serialize, header, size_of(response.body), head_);
  if (error) logging::warn("dispatch", "an answer of code {}: {}", response.code, error.message());
  return !error;
}

void ShardRequests::send(Slot& slot, const Response& response) {
  if (slot.caller) {
    complete(*slot.caller, Status::ok, &response);
  } else if (slot.session && !slot.one_way) {
    if (write_head(slot, response)) {
      slot.session->send(head_.bytes(), response.body);
    } else if (write_head(slot, {wire_code::system_error, Text("the answer is too large"), {}, {}})) {
      slot.session->send(head_.bytes(), {});
    }
  }
  free(slot);
}

void ShardRequests::answer_error(Slot& slot, int32_t code, std::string_view text) {
  send(slot, Response{code, Text(text), {}, {}});
}

// In a turn of its own: whoever asked may be inside the very call that answers. Never lost: when
// the workers take no more, this shard does it, at once if it has stopped too.
void ShardRequests::complete(const InProcessCall& caller, Status status, const Response* response) {
  auto owned = std::make_shared<std::optional<OwnedResponse>>();
  if (response) owned->emplace(Token(), *response);
  const auto run = [owned, then = caller.then, status](Call& call) {
    if (!owned->has_value()) return then.done(then.context, call, status, nullptr);
    (*owned)->view([&](const Response& copy) { then.done(then.context, call, status, &copy); });
  };
  const auto on_shard = [this, run] {
    const Depth depth(*this);
    CallError error;
    Call call = make_call(error);
    run(call);
  };
  const auto on_worker = [run, &clock = runtime_.clock()] {
    Arena arena;
    CallError error;
    Call call{runtime::no_shard, clock.now_ms(), clock.now_ns(), 0, arena, error};
    run(call);
  };
  if (caller.asked_on == runtime::no_shard && runtime_.workers().submit(runtime::Task(on_worker))) {
    return;
  }
  if (!shard_.post(runtime::Task(on_shard))) on_shard();
}

Status ShardRequests::respond(Token token, const Response& response) {
  Slot* slot = slots_.find(token);
  if (!slot || slot->state == Slot::State::waiting) return Status::gone;
  send(*slot, response);
  return Status::ok;
}

Status ShardRequests::respond_after(Token token, const Response& response,
                                    const AfterOptions& after) {
  Slot* slot = slots_.find(token);
  if (!slot || slot->state == Slot::State::waiting) return Status::gone;
  if (!marks_) return Status::invalid;
  if (const std::string why = marks_->failure(); !why.empty()) {
    answer_error(*slot, wire_code::system_error, why);
    return Status::ok;
  }
  if (after.log_end > slot->cut_at) {
    answer_error(*slot, wire_code::system_error, was_cut);
    return Status::ok;
  }
  if (Waiting::passed(*marks_, after.log_end, after.marks)) {
    send(*slot, response);
    return Status::ok;
  }
  if (!write_head(*slot, response)) {
    answer_error(*slot, wire_code::system_error, "the answer is too large");
    return Status::ok;
  }
  slot->head.assign(head_.bytes().begin(), head_.bytes().end());
  for (Slice& slice : response.body) slot->body.push_back(std::move(slice));
  slot->state = Slot::State::waiting;
  if (!slot->linked && slot->session) link(*slot);
  Waiting::Entry entry;
  entry.token = token;
  entry.log_end = after.log_end;
  entry.marks = after.marks;
  entry.due_ns = shard_.now_ns() + uint64_t{after.timeout_ms} * 1'000'000;
  for (size_t i = 0; i < after.late_codes.size() && i < mark_count; ++i) {
    entry.late_codes[i] = after.late_codes[i];
  }
  hold_back(entry);
  if (waiting_timer_ == Token() || entry.due_ns < waiting_timer_due_ns_) arm_waiting_timer();
  // VISIBLE's rise is told to every shard; for another mark somebody has to ask.
  const uint32_t others = after.marks & ~(1u << mark_visible);
  if (others != 0) {
    marks_->await(after.log_end, others,
                  {[](void* at) { static_cast<ShardRequests*>(at)->post_release(); }, this});
  }
  return Status::ok;
}

// Who raises a mark looks whether anybody waits here, who waits says so and looks at the marks again:
// one of them sees the other.
void ShardRequests::hold_back(const Waiting::Entry& entry) {
  waiting_.add(entry);
  if (has_waiting()) return;  // nobody else says so, or takes it back
  has_waiting_.store(true);
  if (Waiting::passed(*marks_, entry.log_end, entry.marks) || !marks_->failure().empty()) {
    post_release();
  }
}

void ShardRequests::release() {
  if (waiting_.empty()) return;
  const std::string failure = marks_->failure();
  const uint64_t now_ns = shard_.now_ns();
  waiting_.take_if([&](const Waiting::Entry& entry) {
    Slot* slot = slots_.find(entry.token);
    if (!slot) return true;  // its session ended
    if (Waiting::passed(*marks_, entry.log_end, entry.marks)) {
      send_held(*slot, wire_code::success, {});
    } else if (!failure.empty()) {
      send_held(*slot, wire_code::system_error, failure);
    } else if (now_ns >= entry.due_ns) {
      send_held(*slot, Waiting::late_code(*marks_, entry), "the log's marks did not pass in time");
    } else {
      return false;
    }
    return true;
  });
  if (waiting_.empty()) has_waiting_.store(false);
}

void ShardRequests::cut(int64_t log_end) {
  slots_.for_each_taken([&](Slot& slot) { slot.cut_at = std::min(slot.cut_at, log_end); });
  waiting_.take_if([&](const Waiting::Entry& entry) {
    Slot* slot = slots_.find(entry.token);
    if (slot && entry.log_end <= log_end) return false;
    if (slot) send_held(*slot, wire_code::system_error, was_cut);
    return true;
  });
}

// The answer as it was given, or with another code: then its head is read back and written anew.
void ShardRequests::send_held(Slot& slot, int32_t code, std::string_view remark) {
  if (code == wire_code::success) {
    if (slot.session && !slot.one_way) slot.session->send(slot.head, slot.body);
    if (!slot.caller) return free(slot);
  }
  wire::HeaderScratch scratch;
  wire::Header header;
  const std::vector<uint8_t> head = std::move(slot.head);
  wire::Frame frame;
  frame.serialize = static_cast<wire::Serialize>(head[wire::length_bytes]);
  frame.header = Bytes(head).subspan(wire::prefix_bytes);
  if (wire::decode_header(frame, scratch, header)) return free(slot);
  Response response{code == wire_code::success ? header.code : code,
                    remark.empty() ? header.remark : Text(remark), header.fields, slot.body};
  send(slot, response);
}

void ShardRequests::arm_waiting_timer() {
  if (waiting_timer_ != Token()) shard_.cancel(std::exchange(waiting_timer_, Token()));
  if (waiting_.empty()) return;
  waiting_timer_due_ns_ = waiting_.earliest_due_ns();
  const auto due = static_cast<int64_t>((waiting_timer_due_ns_ + 999'999) / 1'000'000);
  waiting_timer_ =
      shard_.arm({due, runtime::TimeBase::steady}, {&ShardRequests::waiting_due, this});
}

void ShardRequests::waiting_due(void* at, runtime::TimerEnd end) {
  if (end == runtime::TimerEnd::cancelled) return;
  auto& self = *static_cast<ShardRequests*>(at);
  self.waiting_timer_ = Token();
  self.release();
  self.arm_waiting_timer();
}

void ShardRequests::run_release(void* at) {
  auto& self = *static_cast<ShardRequests*>(at);
  self.release_posted_.store(false);
  self.release();
}

void ShardRequests::run_responses(void* at) {
  auto& self = *static_cast<ShardRequests*>(at);
  for (OwnedResponse& owned : self.responses_.take()) {
    owned.view([&](const Response& response) {
      if (!owned.after) {
        self.respond(owned.token, response);
        return;
      }
      AfterOptions after = owned.after->options;
      after.late_codes = owned.after->late_codes;
      self.respond_after(owned.token, response, after);
    });
  }
}

}  // namespace gantry::dispatch
