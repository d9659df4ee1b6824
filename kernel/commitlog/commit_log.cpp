// The life of the log: open, start, stop; and the small calls that only reach one part.
#include "commitlog/commit_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/logging.hpp"
#include "commitlog/recover.hpp"
#include "commitlog/state.hpp"

namespace gantry::commitlog {
namespace {

const SystemClock system_clock;

Outcome<void> check(const Options& options) {
  if (options.data_dir.empty()) return fail("data_dir: empty");
  if (options.segment_bytes < segment_bytes_min || options.segment_bytes % page_bytes != 0 ||
      options.segment_bytes > INT32_MAX)
    return fail(fmt::format("segment_bytes: {}, must be a multiple of {} from {} to {}",
                            options.segment_bytes, page_bytes, segment_bytes_min,
                            INT32_MAX / page_bytes * page_bytes));
  if (options.message_bytes_max == 0 || options.message_bytes_max > INT32_MAX / 2)
    return fail(fmt::format("message_bytes_max: {}, must be from 1 to {}",
                            options.message_bytes_max, INT32_MAX / 2));
  if (options.warm_ahead_bytes < page_bytes)
    return fail(
        fmt::format("warm_ahead_bytes: {}, at least {}", options.warm_ahead_bytes, page_bytes));
  if (options.flush_interval_ms == 0) return fail("flush_interval_ms: 0, at least 1");
  if (options.checkpoint_interval_ms == 0) return fail("checkpoint_interval_ms: 0, at least 1");
  const uint32_t known =
      mark_bit(Mark::written) | mark_bit(Mark::durable) | mark_bit(Mark::replicated);
  if (options.visible_after & ~known)
    return fail(fmt::format("visible_after: {}, of WRITTEN, DURABLE and REPLICATED only",
                            options.visible_after));
  return boost::system::in_place_value;
}

Outcome<std::unique_ptr<File>> take_lock(FileSystem& file_system, const std::string& data_dir) {
  const std::string path = data_dir + "/lock";
  auto file = file_system.open(path, OpenMode::create);
  if (!file) return fail(fmt::format("{}: cannot open: {}", path, file.error().message()));
  if (ErrorCode error = (*file)->lock())
    return fail(fmt::format("{}: the folder is in use by another node ({}: {})", data_dir, path,
                            error.message()));
  constexpr std::string_view text = "lock";
  const Bytes bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  if (ErrorCode error = (*file)->write_at(0, bytes))
    return fail(fmt::format("{}: cannot write: {}", path, error.message()));
  return std::move(*file);
}

uint32_t marks_of_visible(const Options& options) {
  if (options.visible_after != 0) return options.visible_after;
  return mark_bit(options.flush == Flush::sync ? Mark::durable : Mark::written);
}

}  // namespace

CommitLog::State::State(Options o, FileSystem& fs, const Clock& c)
    : options(std::move(o)),
      file_system(fs),
      clock(c),
      control_folder(options.data_dir + "/gantry"),
      segments(fs, options.data_dir + "/commitlog", options.segment_bytes) {}

CommitLog::CommitLog(std::unique_ptr<State> state) : state_(std::move(state)) {}

CommitLog::~CommitLog() {
  state_->preparer.stop();
  state_->flusher.stop();
  state_->marks.fail(Errc::stopped);
}

Outcome<std::unique_ptr<CommitLog>> CommitLog::open(Options options) {
  if (auto right = check(options); !right) return right.error();
  FileSystem& file_system = options.file_system ? *options.file_system : real_file_system();
  const Clock& clock = options.clock ? *options.clock : static_cast<const Clock&>(system_clock);
  auto state = std::make_unique<State>(std::move(options), file_system, clock);
  if (auto opened = state->open(); !opened) return opened.error();
  return std::unique_ptr<CommitLog>(new CommitLog(std::move(state)));
}

Outcome<void> CommitLog::State::open() {
  for (const std::string& folder : {options.data_dir + "/commitlog", control_folder})
    if (ErrorCode error = file_system.make_folder(folder))
      return fail(fmt::format("{}: cannot make the folder: {}", folder, error.message()));
  auto locked = take_lock(file_system, options.data_dir);
  if (!locked) return locked.error();
  lock_file = std::move(*locked);
  if (ErrorCode error = file_system.sync_folder(options.data_dir))
    return fail(fmt::format("{}: cannot sync: {}", options.data_dir, error.message()));

  if (auto loaded = segments.load(); !loaded) return loaded;
  auto checkpoint = Checkpoint::load(file_system, control_folder);
  if (!checkpoint) return checkpoint.error();
  auto found = find_end(segments, *checkpoint, clock);
  if (!found) return found.error();
  const LogOffset from =
      std::max(*checkpoint ? (*checkpoint)->durable : LogOffset(0), segments.begin());
  if (auto done = cut_tail(segments, found->end); !done) return done;
  if (auto written = rewrite(from, found->end); !written) return written;

  opened_at = found->end;
  stored_ms = found->stored_ms;
  prepared = opened_at.value;
  marks.open(opened_at, marks_of_visible(options), sync_flush());
  last_checkpoint_ns = clock.now_ns();
  if (ErrorCode error = store_checkpoint(false))
    return fail(fmt::format("{}/recovery: cannot write: {}", control_folder, error.message()));
  if (ErrorCode error = prepare(std::min(prepared_at_open_bytes, options.warm_ahead_bytes)))
    return fail(fmt::format("{}: cannot prepare space: {}", options.data_dir, error.message()));
  return boost::system::in_place_value;
}

void CommitLog::set_number_source(NumberSource source) {
  state_->number_source = source;
}
void CommitLog::on_visible(VisibleListener listener) {
  state_->marks.listen(listener);
}
bool CommitLog::claim_replicated() {
  return state_->marks.own_replicated();
}
bool CommitLog::replicated_claimed() const {
  return state_->marks.replicated_owned();
}

void CommitLog::start() {
  State& state = *state_;
  const auto prepare_round = [&state] {
    (void)state.prepare(state.options.warm_ahead_bytes / 2 * 3);  // it says itself what failed
    state.keep_checkpoint();
  };
  using std::chrono::milliseconds;
  state.flusher.start("flusher", milliseconds(state.options.flush_interval_ms),
                      [&state] { (void)state.flush(); });
  state.preparer.start("preparer", milliseconds(state.options.checkpoint_interval_ms),
                       prepare_round);
  state.preparer.wake();
}

Outcome<void> CommitLog::stop() {
  State& state = *state_;
  state.stopping.request_stop();
  close_gate("stopped", wire_service_not_available, "the node is stopping");
  {
    const std::lock_guard lock(state.append_mutex);
    state.takes_raw = false;
  }
  state.preparer.stop();
  state.flusher.stop();
  (void)state.flush();
  state.marks.fail(Errc::stopped);
  if (state.failed) return fail("the log failed: it is recovered at the next start");
  const LogOffset end = state.marks.at(Mark::appended);
  const SegmentRef last = state.segments.find(end);
  if (auto removed = state.segments.remove_from(last ? last->end() : end); !removed) return removed;
  std::lock_guard lock(state.prepare_mutex);
  if (ErrorCode error = state.store_checkpoint(true))
    return fail(
        fmt::format("{}/recovery: cannot write: {}", state.control_folder, error.message()));
  return boost::system::in_place_value;
}

void CommitLog::kick() {
  if (state_->sync_flush()) state_->flusher.wake();
}

void CommitLog::forget_numbers() {
  std::lock_guard lock(state_->append_mutex);
  state_->numbers.forget();
}

LogOffset CommitLog::mark(Mark mark) const {
  return state_->marks.at(mark);
}
uint32_t CommitLog::visible_after() const {
  return state_->marks.visible_after();
}
// Under the append lock, so that a cut doesn't lower APPENDED between the look at it and the raise.
void CommitLog::raise_replicated(LogOffset to) {
  Marks& marks = state_->marks;
  {
    const std::lock_guard lock(state_->append_mutex);
    const LogOffset reached = std::min(to, marks.at(Mark::appended));
    if (reached <= marks.at(Mark::replicated)) return;
    marks.place(Mark::replicated, reached);
  }
  marks.settle();
}

Role CommitLog::role() const {
  return state_->role.load();
}

Outcome<void> CommitLog::follow() {
  State& state = *state_;
  close_gate(follower_gate, wire_service_not_available, "this node follows another one's log");
  state.role = Role::follower;
  if (ErrorCode error = state.flush()) return fail(error.message());
  const std::lock_guard lock(state.append_mutex);
  state.takes_raw = !state.stopping.stop_requested();
  return boost::system::in_place_value;
}

void CommitLog::lead() {
  {
    const std::lock_guard lock(state_->append_mutex);
    state_->takes_raw = false;
    state_->numbers.forget();
  }
  state_->role = Role::leader;
  open_gate(follower_gate);
}

Token CommitLog::await(LogOffset log_end, uint32_t marks, Completion completion) {
  return state_->marks.await(log_end, marks, completion);
}
Token CommitLog::watch(Mark mark, LogOffset above, Completion completion) {
  return state_->marks.await(above + 1, mark_bit(mark), completion);
}
bool CommitLog::cancel(Token token) {
  return state_->marks.cancel(token);
}

void CommitLog::close_gate(std::string_view name, int32_t wire_code, std::string_view reason) {
  state_->gates.close(name, wire_code, reason);
  std::lock_guard lock(state_->append_mutex);  // an append that saw it open is over
}
void CommitLog::open_gate(std::string_view name) {
  state_->gates.open(name);
}

LogOffset CommitLog::begin() const {
  return state_->segments.begin();
}

ErrorCode CommitLog::flush_now() {
  return state_->flush();
}
ErrorCode CommitLog::prepare_now() {
  const ErrorCode error = state_->prepare(state_->options.warm_ahead_bytes);
  state_->keep_checkpoint();
  return error;
}

}  // namespace gantry::commitlog
