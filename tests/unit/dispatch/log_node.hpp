// LogNode: a real log in a temporary folder, a runtime, and a RecordDispatcher around consumers that
// remember what they were told and fail where they are told to. The log's own threads don't run: a
// case flushes and prepares. Owned and used by a test's thread; its shards end with it.
#pragma once

#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dispatch/records.hpp"
#include "support/turn.hpp"

namespace gantry::testing {

using dispatch::Call;
using dispatch::ConsumerPolicy;
using dispatch::OnFault;
using dispatch::OnLag;
using dispatch::RecordDispatcher;
using dispatch::Status;

// Who did something, in order, from any thread; the same one twice in a row counts once.
class Journal {
 public:
  void note(const std::string& name) {
    const std::lock_guard lock(mutex_);
    if (names_.empty() || names_.back() != name) names_.push_back(name);
  }
  std::vector<std::string> names() {
    const std::lock_guard lock(mutex_);
    return names_;
  }
  // Ends the dispatch: consumers are made behind their node, so they go before it.
  std::function<void()> stop_dispatch;

 private:
  std::mutex mutex_;
  std::vector<std::string> names_;
};

struct ConsumerShape {
  std::string after = {};
  bool is_inline = true;
  bool bounds_visibility = false;
  ConsumerPolicy policy = {};
};

// Remembers what it consumed; can refuse.
class Recorder final : public dispatch::LogConsumer {
 public:
  Recorder(std::string name, Journal& journal, ConsumerShape shape = {})
      : name_(std::move(name)), shape_(std::move(shape)), journal_(journal) {}
  ~Recorder() override { journal_.stop_dispatch(); }
  const std::string& name() const override { return name_; }
  bool runs_inline() const override { return shape_.is_inline; }
  bool runs_after(const LogConsumer& other) const override {
    return other.is_called(shape_.after);
  }
  bool is_called(std::string_view id) const override { return id == name_; }
  bool bounds_visibility() const override { return shape_.bounds_visibility; }
  ConsumerPolicy policy() const override { return shape_.policy; }

  Outcome<int64_t> position() override { return start; }
  Status consume(Call& call, std::span<const commitlog::RecordView> records,
                 uint32_t& consumed) override {
    const std::lock_guard lock(mutex_);
    if (during_consume) during_consume();
    if (refusals > 0) {
      --refusals;
      call.error.set(Status::fault, "not now");
      return Status::fault;
    }
    for (const commitlog::RecordView& record : records) {
      if (record.queue_offset.value == poison) {
        ++refused_;
        changed_.notify_all();
        call.error.set(Status::fault, "poison");
        return Status::fault;
      }
      offsets.push_back(record.log_offset.value);
      numbers.push_back(record.queue_offset.value);
      codes.push_back(record.tag_code);
      ++consumed;
      changed_.notify_all();
    }
    journal_.note(name_);
    if (faults_behind > 0) {
      --faults_behind;
      return Status::fault;
    }
    return Status::ok;
  }
  void live(int64_t at) override { live_at = at; }
  Status persist(Call&, int64_t stable, int64_t& persisted) override {
    persisted_to = persisted = std::min(stable, persist_limit.load());
    return Status::ok;
  }
  Outcome<void> truncate(int64_t at) override {
    const std::lock_guard lock(mutex_);
    journal_.note(name_ + " truncated");
    truncated.push_back(at);
    return {};
  }
  void trimmed(Call&, int64_t begin) override {
    const std::lock_guard lock(mutex_);
    trims.push_back(begin);
    changed_.notify_all();
  }

  void wait_for(size_t count) {
    wait([&] { return offsets.size() >= count; });
  }
  // Until it has met its poison so often.
  void wait_refused(int times) {
    wait([&] { return refused_ >= times; });
  }
  void wait_trimmed(size_t times) {
    wait([&] { return trims.size() >= times; });
  }
  std::vector<int64_t> seen() {
    const std::lock_guard lock(mutex_);
    return numbers;
  }

  // Set and read while nothing is dispatched, or behind a wait.
  int64_t start = 0;
  std::function<void()> during_consume;
  std::atomic<int> refusals{0};
  std::atomic<int> faults_behind{0};  // takes all there is, and says fault
  std::atomic<int64_t> poison{-1};  // the number of a record it can't consume
  std::atomic<int64_t> persist_limit{std::numeric_limits<int64_t>::max()};
  std::vector<int64_t> offsets;
  std::vector<int64_t> numbers;
  std::vector<int64_t> codes;
  std::vector<int64_t> truncated;
  std::vector<int64_t> trims;
  int64_t live_at = -1;
  std::atomic<int64_t> persisted_to{-1};

 private:
  template <class Until>
  void wait(Until until) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(10), until));
  }

  const std::string name_;
  const ConsumerShape shape_;
  Journal& journal_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int refused_ = 0;
};

class Events final : public dispatch::DispatchEvents {
 public:
  explicit Events(Journal& journal) : journal_(journal) {}
  void indexed(uint32_t) override { journal_.note("answers"); }
  void consumer_failed(const std::string& why) override {
    const std::lock_guard lock(mutex_);
    failure_ = why;
    changed_.notify_all();
  }
  void cut(int64_t log_end) override { journal_.note("answers cut at " + std::to_string(log_end)); }
  void replaying(const std::string& consumer, int64_t bytes, int64_t bytes_in_all) override {
    progress.push_back(consumer + ": " + std::to_string(bytes) + " of " +
                       std::to_string(bytes_in_all));
  }
  // Waits for a failure.
  std::string failure() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return !failure_.empty(); });
    return failure_;
  }
  bool failed() {
    const std::lock_guard lock(mutex_);
    return !failure_.empty();
  }
  std::vector<std::string> progress;  // the control thread's

 private:
  Journal& journal_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string failure_;
};

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gantry-records-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

// The end of a change of the log.
class Change {
 public:
  dispatch::TaskDone done() {
    return {[](void* at, Status status) { static_cast<Change*>(at)->ended_.set_value(status); },
            this};
  }
  Status status() {
    REQUIRE(future_.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
    return future_.get();
  }
  bool waits() { return future_.wait_for(std::chrono::seconds(0)) != std::future_status::ready; }

 private:
  std::promise<Status> ended_;
  std::future<Status> future_ = ended_.get_future();
};

struct LogNode {
  struct Shape {
    uint32_t shards = 1;
    uint64_t segment_bytes = 1 << 20;
    int64_t lag_bytes_max = int64_t{256} << 20;
    Clock* clock = nullptr;  // the system's
    uint32_t visible_after = 0;
    uint32_t attempts_max = 3;
    uint32_t persist_interval_ms = 1000;
    uint32_t timers_max = runtime::timers_max;
    std::function<bool()> called_off = {};
  };
  LogNode() : LogNode(Shape{}) {}
  explicit LogNode(Shape s)
      : shape(s), clock(s.clock ? *s.clock : system_clock), runtime({s.shards, {1, 100}, s.timers_max}, clock) {
    journal.stop_dispatch = [this] {
      if (records) records->stop();
    };
    open();
  }
  ~LogNode() {
    if (records) records->stop();
    runtime.stop();
  }
  void open() {
    commitlog::Options options;
    options.data_dir = folder.path.string();
    options.segment_bytes = shape.segment_bytes;
    options.visible_after = shape.visible_after;
    options.clock = &clock;
    auto opened = commitlog::CommitLog::open(options);
    REQUIRE(opened.has_value());
    log = std::move(*opened);
    log->set_number_source({[](void* at, Text, int32_t, QueueOffset& next) {
                              next = QueueOffset(static_cast<LogNode*>(at)->next_number);
                              return ErrorCode();
                            },
                            this});
  }
  ErrorCode append_one(commitlog::PutResult& result, std::string_view body = "01234567") {
    static const uint8_t host[8] = {127, 0, 0, 1, 0, 0, 0, 1};
    commitlog::RecordDraft draft;
    draft.topic = Text(std::string_view("T"));
    draft.body = Bytes(reinterpret_cast<const uint8_t*>(body.data()), body.size());
    draft.born_host = host;
    draft.store_host = host;
    commitlog::Put put;
    put.records = {&draft, 1};
    ErrorCode error = log->append(put, result);
    while (error == commitlog::Errc::busy && !log->prepare_now()) error = log->append(put, result);
    return error;
  }
  // Records of 100 bytes, unless they are told a body.
  void append(int count, std::string_view body = "01234567") {
    for (int i = 0; i < count; ++i) {
      commitlog::PutResult result;
      const ErrorCode error = append_one(result, body);
      const std::lock_guard lock(mutex);
      if (error) failures.push_back(error);
      ends.push_back(result.log_end.value);
    }
  }
  void append_on_shard(int count, uint32_t shard = 0) {
    runtime.shard(shard).run_and_wait([&] { append(count); });
    finish_turn(runtime.shard(shard));
  }
  // Another node's bytes, as they are.
  ErrorCode append_raw(int64_t at, const std::vector<uint8_t>& bytes) {
    std::string reason;
    ErrorCode error = records->append_raw(LogOffset(at), bytes, reason);
    while (error == commitlog::Errc::busy && !log->prepare_now())
      error = records->append_raw(LogOffset(at), bytes, reason);
    return error;
  }
  std::vector<uint8_t> bytes(int64_t from, int64_t to) const {
    Slice slice;
    REQUIRE_FALSE(log->read(LogOffset(from), static_cast<uint64_t>(to - from), true, slice));
    return {slice.bytes.begin(), slice.bytes.end()};
  }
  void dispatch_to(std::vector<Recorder*> consumers) {
    RecordDispatcher::Options options;
    options.lag_bytes_max = shape.lag_bytes_max;
    options.attempts_max = shape.attempts_max;
    options.persist_interval_ms = shape.persist_interval_ms;
    options.called_off = shape.called_off;
    records.emplace(runtime, *log, events, options);
    for (Recorder* consumer : consumers) records->add(*consumer);
  }
  void go() {
    const Outcome<void> replayed = records->replay();
    INFO((replayed.has_error() ? replayed.error().text : ""));
    REQUIRE(replayed.has_value());
    log->on_visible({[](void* at) { static_cast<RecordDispatcher*>(at)->visible_rose(); },
                     &*records});
    runtime.start();
    records->start();
  }
  int64_t end() const { return log->mark(commitlog::Mark::appended).value; }
  dispatch::ConsumerFacts facts(const Recorder& of) const {
    for (const dispatch::ConsumerFacts& facts : records->facts()) {
      if (facts.name == of.name()) return facts;
    }
    return {};
  }
  // With a ManualClock: lets that time pass, and what was due run.
  void advance_ms(ManualClock& manual, int64_t ms) {
    manual.advance_ms(ms);
    runtime.poke();
    for (uint32_t i = 0; i < shape.shards; ++i) finish_turn(runtime.shard(i));
  }
  Status follow(int64_t epoch) {
    Change change;
    const Status taken = records->follow(epoch, change.done());
    return taken == Status::ok ? change.status() : taken;
  }
  Status lead(int64_t epoch) {
    Change change;
    const Status taken = records->lead(epoch, change.done());
    return taken == Status::ok ? change.status() : taken;
  }
  Status truncate(int64_t log_end) {
    Change change;
    const Status taken = records->truncate(log_end, change.done());
    return taken == Status::ok ? change.status() : taken;
  }

  const Shape shape;
  Folder folder;
  SystemClock system_clock;
  Clock& clock;
  runtime::Runtime runtime;
  int64_t next_number = 0;  // what the number source says
  std::unique_ptr<commitlog::CommitLog> log;
  Journal journal;
  Events events{journal};
  std::optional<RecordDispatcher> records;
  std::mutex mutex;
  std::vector<int64_t> ends;
  std::vector<ErrorCode> failures;
};

}  // namespace gantry::testing
