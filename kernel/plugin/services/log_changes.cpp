#include "plugin/services/log_changes.hpp"

#include <fmt/format.h>

#include "commitlog/commit_log.hpp"
#include "dispatch/records.hpp"
#include "plugin/completions.hpp"
#include "plugin/instance.hpp"
#include "plugin/services/log_errors.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {
namespace {

dispatch::RecordDispatcher& records_of(const gantry_host* host) {
  return *Instance::of(host).context().records;
}

gantry_status refuse(const gantry_call* call, gantry_status status, std::string_view text) {
  say(call, status, 1, text);
  return status;
}

// A change the log worker makes: promised first, as it may be over before `ask` has returned.
template <class Ask>
gantry_status promise(const gantry_host* host, const gantry_call* call, gantry_completion then,
                      Ask ask) {
  Instance& owner = Instance::of(host);
  Pending* pending =
      owner.outstanding().begin(owner, then, call ? call->shard : GANTRY_NO_SHARD);
  const dispatch::Status taken =
      ask(dispatch::TaskDone{[](void* at, dispatch::Status status) {
                               complete_later(static_cast<Pending*>(at),
                                              static_cast<gantry_status>(status));
                             },
                             pending});
  if (taken == dispatch::Status::ok) return GANTRY_OK;
  owner.outstanding().drop(pending);
  return static_cast<gantry_status>(taken);
}

gantry_status change_role(const gantry_host* host, const gantry_call* call, int64_t epoch,
                          gantry_completion then,
                          dispatch::Status (dispatch::RecordDispatcher::*role)(int64_t,
                                                                               dispatch::TaskDone)) {
  const gantry_status status = promise(
      host, call, then,
      [&](dispatch::TaskDone done) { return (records_of(host).*role)(epoch, done); });
  if (status != GANTRY_INVALID) return status;
  return refuse(call, status, fmt::format("epoch: {}, a later one was given before", epoch));
}

}  // namespace

gantry_status log_claim(const gantry_host* host, uint32_t mark) {
  if (mark != GANTRY_MARK_REPLICATED) return GANTRY_INVALID;
  Instance& owner = Instance::of(host);
  if (records_of(host).running()) return GANTRY_REFUSED;  // nobody starts any more
  if (!owner.context().log->claim_replicated()) return GANTRY_REFUSED;
  owner.own_replicated();
  return GANTRY_OK;
}

gantry_status log_raise(const gantry_host* host, uint32_t mark, int64_t log_offset) {
  if (mark != GANTRY_MARK_REPLICATED) return GANTRY_INVALID;
  const Instance& owner = Instance::of(host);
  if (!owner.owns_replicated()) return GANTRY_REFUSED;
  commitlog::CommitLog& log = *owner.context().log;
  if (log_offset > log.mark(commitlog::Mark::appended).value) return GANTRY_INVALID;
  log.raise_replicated(LogOffset(log_offset));
  return GANTRY_OK;
}

gantry_status log_append_raw(const gantry_host* host, const gantry_call* call, int64_t log_offset,
                             gantry_bytes records) {
  std::string reason;
  const ErrorCode error =
      records_of(host).append_raw(LogOffset(log_offset), span_of(records), reason);
  if (!error) return GANTRY_OK;
  return refuse(call, status_of(error), reason.empty() ? error.message() : reason);
}

gantry_status log_lead(const gantry_host* host, const gantry_call* call, int64_t epoch,
                       gantry_completion then) {
  return change_role(host, call, epoch, then, &dispatch::RecordDispatcher::lead);
}

gantry_status log_follow(const gantry_host* host, const gantry_call* call, int64_t epoch,
                         gantry_completion then) {
  return change_role(host, call, epoch, then, &dispatch::RecordDispatcher::follow);
}

gantry_status log_truncate(const gantry_host* host, const gantry_call* call, int64_t log_offset,
                           gantry_completion then) {
  return promise(host, call, then, [&](dispatch::TaskDone done) {
    return records_of(host).truncate(log_offset, done);
  });
}

gantry_status log_trim(const gantry_host* host, int64_t log_offset, uint32_t flags) {
  records_of(host).trim(log_offset, (flags & GANTRY_TRIM_FORCED) != 0);
  return GANTRY_OK;
}

}  // namespace gantry::plugin
