// gantry.host.commitlog: the log as modules see it.
#include <fmt/format.h>

#include <atomic>

#include "commitlog/commit_log.hpp"
#include "dispatch/records.hpp"
#include "plugin/completions.hpp"
#include "plugin/instance.hpp"
#include "plugin/put_run.hpp"
#include "plugin/record_views.hpp"
#include "plugin/services.hpp"
#include "plugin/services/log_changes.hpp"
#include "plugin/services/log_errors.hpp"
#include "runtime/runtime.hpp"

namespace gantry::plugin {
namespace {

constexpr int32_t message_illegal = 13;  // what RocketMQ answers for a record over a limit
constexpr int32_t system_busy = 2;

commitlog::CommitLog& log_of(const gantry_host* host) { return *Instance::of(host).context().log; }

gantry_status refuse(const gantry_call* call, const ErrorCode& error,
                     const commitlog::PutResult& result) {
  const gantry_status status = status_of(error);
  const std::string text = result.reason.empty() ? error.message() : result.reason;
  int32_t wire_code = 1;
  if (status == GANTRY_BUSY) wire_code = system_busy;
  if (status == GANTRY_INVALID) wire_code = message_illegal;
  if (status == GANTRY_REFUSED) wire_code = result.error_wire_code;
  say(call, status, wire_code, text);
  return status;
}

// A put as the log takes it; borrows from it. One record costs no allocation.
class LogPut {
 public:
  LogPut(const gantry_call* call, const gantry_put& put, PropertyTexts texts)
      : drafts_(put, texts) {
    for (uint32_t i = 0; i < put.stream_count; ++i) streams_.push_back(text_of(put.streams[i]));
    put_ = {drafts_.get(), commitlog::PutNumber::dense, put.span == 0 ? 1 : put.span, streams_,
            call ? call->now_ms : 0};
    if (put.flags & GANTRY_PUT_RAW_NUMBER) put_.number = commitlog::PutNumber::raw;
    if (put.flags & GANTRY_PUT_UNNUMBERED) put_.number = commitlog::PutNumber::none;
  }
  LogPut(const LogPut&) = delete;
  LogPut& operator=(const LogPut&) = delete;
  const commitlog::Put& get() const { return put_; }

 private:
  Drafts drafts_;
  std::vector<Text> streams_;
  commitlog::Put put_;
};

// The thread's own keeps what it allocated.
commitlog::PutResult& result_for(const gantry_put& put, const gantry_put_result& out) {
  static_assert(sizeof(LogOffset) == sizeof(int64_t));
  thread_local commitlog::PutResult result;
  result.reason.clear();
  result.log_offsets = {};
  if (out.log_offsets) {
    result.log_offsets = {reinterpret_cast<LogOffset*>(out.log_offsets), put.count};
  }
  return result;
}

gantry_status store(const gantry_host* host, const gantry_call* call, const gantry_put& put,
                    PropertyTexts texts, gantry_put_result& out) {
  const LogPut what(call, put, texts);
  commitlog::PutResult& result = result_for(put, out);
  if (const ErrorCode error = log_of(host).append(what.get(), result)) {
    return refuse(call, error, result);
  }
  Instance::of(host).context().records->appended();
  out.count = put.count;
  out.log_begin = result.log_begin.value;
  out.log_end = result.log_end.value;
  out.first_queue_offset = result.first_queue_offset.value;
  out.stored_ms = result.stored_ms;
  return GANTRY_OK;
}

// Hooks see only what the log would take.
gantry_status check(const gantry_host* host, const gantry_call* call, const gantry_put& put,
                    PropertyTexts texts, const gantry_put_result& out) {
  const LogPut what(call, put, texts);
  commitlog::PutResult& result = result_for(put, out);
  const ErrorCode error = log_of(host).check_records(what.get(), result);
  return error ? refuse(call, error, result) : GANTRY_OK;
}

gantry_status append(const gantry_host* host, const gantry_call* call, const gantry_put* put,
                     gantry_put_result* out) {
  const PutChain* chain = Instance::of(host).context().put_hooks->chain();
  if (!chain || (put->flags & GANTRY_PUT_NO_HOOKS)) {
    return store(host, call, *put, PropertyTexts::unknown, *out);
  }
  const PutChain::Look look = chain->look(*put);
  if (look.concerned == 0) return store(host, call, *put, look.texts, *out);
  gantry_status status = check(host, call, *put, look.texts, *out);
  if (status != GANTRY_OK) return status;
  PutRun run(*chain, call, *put);
  status = run.before(look.concerned);
  if (status == GANTRY_OK) status = store(host, call, run.put(), PropertyTexts::unknown, *out);
  if (status == GANTRY_OK) run.appended(*out);
  return status;
}

// A wait for marks races its deadline, which stop brings forward; whichever is first decides, the
// other finds it decided and is called off.
struct Wait {
  Pending* pending;
  runtime::Runtime& runtime;
  commitlog::CommitLog& log;
  Token timer{};
  std::atomic<uint64_t> watch{0};  // the log's token, once await() knows it
  std::atomic<bool> decided{false};
  std::atomic<int> references{3};  // await()'s, the log's completion and the timer's

  static void passed(void* context, ErrorCode error) {
    auto* wait = static_cast<Wait*>(context);
    wait->decide(status_of(error));
    wait->runtime.cancel(wait->timer);
    wait->release();
  }
  static void late(void* context, runtime::TimerEnd end) {
    auto* wait = static_cast<Wait*>(context);
    wait->decide(end == runtime::TimerEnd::due ? GANTRY_BUSY : GANTRY_CANCELLED);
    wait->leave_log();
    wait->release();
  }
  void decide(gantry_status status) {
    if (!decided.exchange(true)) complete_later(pending, status);
  }
  // Who comes second, await() with the token or late(), finds both.
  void leave_log() {
    if (log.cancel(Token(watch.load()))) release();
  }
  void release() {
    if (references.fetch_sub(1) == 1) delete this;
  }
};

// The cancelled timer decides, so nothing is left for settle() to end.
bool cancel_wait(Pending& pending) {
  pending.owner->context().runtime->cancel(pending.token);
  return false;
}

gantry_status await(const gantry_host* host, const gantry_call* call, int64_t log_end,
                    uint32_t marks, uint32_t timeout_ms, gantry_completion then) {
  if (timeout_ms == 0) return GANTRY_INVALID;
  Instance& owner = Instance::of(host);
  runtime::Runtime& runtime = *owner.context().runtime;
  const uint32_t shard = call ? call->shard : GANTRY_NO_SHARD;
  Outstanding& outstanding = owner.outstanding();
  Pending* pending = outstanding.begin(owner, then, shard);
  auto* wait = new Wait{pending, runtime, log_of(host)};
  runtime::Shard& timer_shard = runtime.shard(shard < runtime.shard_count() ? shard : 0);
  const auto due = static_cast<int64_t>(runtime.clock().now_ns() / 1'000'000 + timeout_ms);
  outstanding.locked([&] {
    wait->timer = timer_shard.arm({due, runtime::TimeBase::steady}, {&Wait::late, wait});
    if (wait->timer != Token()) outstanding.cancellable(*pending, wait->timer, &cancel_wait);
  });
  if (wait->timer == Token()) {  // no room for another timer
    delete wait;
    outstanding.drop(pending);
    return GANTRY_BUSY;
  }
  wait->watch = log_of(host).await(LogOffset(log_end), marks, {&Wait::passed, wait}).value;
  if (wait->decided) wait->leave_log();
  wait->release();
  return GANTRY_OK;
}

gantry_status read(const gantry_host* host, int64_t log_offset, uint64_t size, uint32_t may_block,
                   gantry_slice* out) {
  Slice slice;
  const ErrorCode error = log_of(host).read(LogOffset(log_offset), size, may_block != 0, slice);
  if (error) return status_of(error);
  *out = release(std::move(slice));
  Instance::of(host).held_buffers().took(*out);
  return GANTRY_OK;
}

gantry_status read_entries(const gantry_host* host, const gantry_index_entry* entries,
                           uint32_t count, uint32_t may_block, gantry_slice* out, uint32_t* slices,
                           uint32_t* covered) {
  constexpr uint32_t few = 64;
  std::array<Slice, few> room;
  commitlog::EntriesRead done;
  const auto* first = reinterpret_cast<const commitlog::IndexEntry*>(entries);
  const ErrorCode error =
      log_of(host).read_entries({first, count}, may_block != 0,
                                std::span(room).first(std::min(few, *slices)), done);
  *slices = 0;
  *covered = 0;
  if (error) return status_of(error);
  HeldBuffers& held = Instance::of(host).held_buffers();
  for (uint32_t i = 0; i < done.slices; ++i) {
    out[i] = release(std::move(room[i]));
    held.took(out[i]);
  }
  *slices = done.slices;
  *covered = done.covered;
  return GANTRY_OK;
}

gantry_status decode(const gantry_host*, gantry_bytes record, uint32_t what, gantry_message* out) {
  commitlog::RecordView view;
  if (const ErrorCode error = commitlog::decode_record(span_of(record), what, view)) {
    return status_of(error);
  }
  fill(view, nullptr, *out);
  return GANTRY_OK;
}

int64_t mark(const gantry_host* host, uint32_t mark) {
  return mark < GANTRY_MARK_COUNT ? log_of(host).mark(static_cast<commitlog::Mark>(mark)).value : -1;
}

bool cancel_watch(Pending& pending) {
  return pending.owner->context().log->cancel(pending.token);
}

gantry_status watch(const gantry_host* host, uint32_t mark, int64_t above, gantry_completion then) {
  if (mark >= GANTRY_MARK_COUNT) return GANTRY_INVALID;
  Instance& owner = Instance::of(host);
  Pending* pending = owner.outstanding().begin(owner, then, runtime::current_shard());
  const uint64_t number = pending->number;  // it may end before watch() returns
  const Token token = log_of(host).watch(
      static_cast<commitlog::Mark>(mark), LogOffset(above),
      {[](void* context, ErrorCode error) {
         complete_later(static_cast<Pending*>(context), status_of(error));
       },
       pending});
  if (token != Token()) owner.outstanding().cancellable(number, token, &cancel_watch);
  return GANTRY_OK;
}

gantry_status gate(const gantry_host* host, gantry_str name, uint32_t closed, int32_t wire_code,
                   gantry_str reason) {
  const std::string full = fmt::format("{}/{}", Instance::of(host).name(), view(name));
  if (closed) {
    log_of(host).close_gate(full, wire_code, view(reason));
  } else {
    log_of(host).open_gate(full);
  }
  return GANTRY_OK;
}

int64_t begin(const gantry_host* host) { return log_of(host).begin().value; }

}  // namespace

const gantry_commitlog& commitlog_service() {
  static constexpr gantry_commitlog table{
      sizeof table,   0,        append,     await,        read,    read_entries, decode,
      mark,           watch,    gate,       begin,        log_claim, log_raise,
      log_append_raw, log_lead, log_follow, log_truncate, log_trim};
  return table;
}

}  // namespace gantry::plugin
