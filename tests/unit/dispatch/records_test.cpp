#include <catch2/catch.hpp>
#include <condition_variable>
#include <filesystem>

#include "dispatch/records.hpp"

using namespace gantry;
using namespace gantry::dispatch;
namespace fs = std::filesystem;

namespace {

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

 private:
  std::mutex mutex_;
  std::vector<std::string> names_;
};

// Remembers what it consumed; can refuse.
class Recorder final : public LogConsumer {
 public:
  Recorder(std::string name, Journal& journal, std::string after = "",
           bool is_inline = true)
      : name_(std::move(name)), after_(std::move(after)), inline_(is_inline), journal_(journal) {}
  const std::string& name() const override { return name_; }
  bool runs_inline() const override { return inline_; }
  bool runs_after(const LogConsumer& other) const override { return other.is_called(after_); }
  bool is_called(std::string_view id) const override { return id == name_; }
  Outcome<int64_t> position() override { return start; }
  Status consume(Call& call, std::span<const commitlog::RecordView> records,
                 uint32_t& consumed) override {
    const std::lock_guard lock(mutex_);
    if (refusals > 0) {
      --refusals;
      call.error.set(Status::fault, "not now");
      return Status::fault;
    }
    for (const commitlog::RecordView& record : records) {
      offsets.push_back(record.log_offset.value);
      numbers.push_back(record.queue_offset.value);
    }
    consumed = static_cast<uint32_t>(records.size());
    journal_.note(name_);
    changed_.notify_all();
    return Status::ok;
  }
  void live(int64_t at) override { live_at = at; }
  Status persist(Call&, int64_t stable, int64_t& persisted) override {
    persisted_to = persisted = stable;
    return Status::ok;
  }
  Outcome<void> truncate(int64_t at) override {
    truncated_at = at;
    return {};
  }
  void wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return offsets.size() >= count; }));
  }

  // Set and read while nothing is dispatched, or behind wait_for().
  int64_t start = 0;
  std::atomic<int> refusals{0};
  std::vector<int64_t> offsets;
  std::vector<int64_t> numbers;
  int64_t live_at = -1;
  int64_t truncated_at = -1;
  std::atomic<int64_t> persisted_to{-1};

 private:
  std::string name_;
  std::string after_;
  bool inline_;
  Journal& journal_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

class Events final : public DispatchEvents {
 public:
  explicit Events(Journal& journal) : journal_(journal) {}
  void indexed(uint32_t) override { journal_.note("answers"); }
  void consumer_failed(const std::string& why) override {
    const std::lock_guard lock(mutex_);
    failure_ = why;
    changed_.notify_all();
  }
  std::string failure() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return !failure_.empty(); });
    return failure_;
  }

 private:
  Journal& journal_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string failure_;
};

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "gantry-records-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

struct LogNode {
  explicit LogNode(uint32_t shards = 1) : runtime({shards, {1, 100}}, clock) { open(); }
  ~LogNode() {
    if (records) records->stop();
    runtime.stop();
  }
  void open() {
    commitlog::Options options;
    options.data_dir = folder.path.string();
    options.segment_bytes = 1 << 20;
    options.clock = &clock;
    auto opened = commitlog::CommitLog::open(options);
    REQUIRE(opened.has_value());
    log = std::move(*opened);
    log->set_number_source({[](void*, Text, int32_t, QueueOffset& next) {
                              next = QueueOffset(0);
                              return ErrorCode();
                            },
                            nullptr});
  }
  ErrorCode append_one(commitlog::PutResult& result) {
    static const uint8_t host[8] = {127, 0, 0, 1, 0, 0, 0, 1};
    commitlog::RecordDraft draft;
    draft.topic = Text(std::string_view("T"));
    draft.body = host;
    draft.born_host = host;
    draft.store_host = host;
    commitlog::Put put;
    put.records = {&draft, 1};
    return log->append(put, result);
  }
  void append(int count) {
    for (int i = 0; i < count; ++i) {
      commitlog::PutResult result;
      const ErrorCode error = append_one(result);
      const std::lock_guard lock(mutex);
      if (error) failures.push_back(error);
      ends.push_back(result.log_end.value);
    }
  }
  void dispatch_to(std::vector<Recorder*> consumers) {
    records.emplace(runtime, *log, events, RecordDispatcher::Options{});
    for (Recorder* consumer : consumers) records->add(*consumer);
  }
  void go() {
    REQUIRE(records->replay().has_value());
    log->on_visible({[](void* at) { static_cast<RecordDispatcher*>(at)->visible_rose(); },
                     &*records});
    runtime.start();
    records->start();
  }

  Folder folder;
  SystemClock clock;
  runtime::Runtime runtime;
  std::unique_ptr<commitlog::CommitLog> log;
  Journal journal;
  Events events{journal};
  std::optional<RecordDispatcher> records;
  std::mutex mutex;
  std::vector<int64_t> ends;
  std::vector<ErrorCode> failures;
};

}  // namespace

TEST_CASE("replay gives a consumer the log from its position, then says live") {
  LogNode node;
  node.append(5);
  Recorder all("all", node.journal);
  Recorder tail("tail", node.journal);
  tail.start = node.ends[2];
  node.dispatch_to({&all, &tail});
  REQUIRE(node.records->replay().has_value());
  CHECK(all.numbers == std::vector<int64_t>{0, 1, 2, 3, 4});
  CHECK(tail.numbers == std::vector<int64_t>{3, 4});
  CHECK(all.live_at == node.ends.back());
}

TEST_CASE("a consumer ahead of the log is told where the log ends") {
  LogNode node;
  node.append(2);
  Recorder ahead("ahead", node.journal);
  ahead.start = node.ends.back() + 1000;
  node.dispatch_to({&ahead});
  REQUIRE(node.records->replay().has_value());
  CHECK(ahead.truncated_at == node.ends.back());
  CHECK(ahead.offsets.empty());
}

TEST_CASE("a drain goes: index, answers, then those behind the index") {
  LogNode node;
  Recorder wake("wake", node.journal, "index");
  Recorder index("index", node.journal);
  node.dispatch_to({&wake, &index});
  node.go();
  node.runtime.shard(0).run_and_wait([&] { node.append(1); });
  wake.wait_for(1);
  CHECK(node.journal.names() == std::vector<std::string>{"index", "answers", "wake"});
  CHECK(node.records->indexed() == node.ends.back());
}

TEST_CASE("consumers that each run after the other are refused") {
  LogNode node;
  Recorder one("one", node.journal, "two");
  Recorder two("two", node.journal, "one");
  node.dispatch_to({&one, &two});
  const Outcome<void> replayed = node.records->replay();
  REQUIRE(replayed.has_error());
  CHECK(replayed.error().text == "log consumers one and two each want to run after the other");
}

TEST_CASE("records appended on two shards and a worker are consumed once each, in log order") {
  LogNode node(2);
  Recorder index("index", node.journal);
  Recorder behind("behind", node.journal, "index");
  node.dispatch_to({&index, &behind});
  node.go();
  constexpr int each = 400;
  std::thread one([&] {
    for (int i = 0; i < each / 10; ++i) {
      node.runtime.shard(0).run_and_wait([&] { node.append(10); });
    }
  });
  std::thread two([&] {
    for (int i = 0; i < each / 10; ++i) {
      node.runtime.shard(1).run_and_wait([&] { node.append(10); });
    }
  });
  node.append(each);
  one.join();
  two.join();
  behind.wait_for(3 * each);
  CHECK(node.failures.empty());
  CHECK(index.offsets.size() == 3 * each);
  CHECK(std::is_sorted(index.offsets.begin(), index.offsets.end()));
  CHECK(std::adjacent_find(index.offsets.begin(), index.offsets.end()) == index.offsets.end());
  CHECK(behind.offsets == index.offsets);
}

TEST_CASE("a consumer that is not inline gets everything on the log worker") {
  LogNode node;
  Recorder worker("worker", node.journal, "", false);
  node.dispatch_to({&worker});
  node.go();
  node.append(50);
  worker.wait_for(50);
  CHECK(worker.numbers.back() == 49);
}

TEST_CASE("a consume that fails is tried again with the same records") {
  LogNode node;
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  index.refusals = 2;
  node.runtime.shard(0).run_and_wait([&] { node.append(3); });
  index.wait_for(3);
  CHECK(index.numbers == std::vector<int64_t>{0, 1, 2});
}

TEST_CASE("a consumer that cannot go on closes the log and fails the node") {
  LogNode node;
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  index.refusals = 1000;
  node.runtime.shard(0).run_and_wait([&] { node.append(1); });
  CHECK(node.events.failure() == "index cannot consume the log at 0: status -7: not now");
  commitlog::PutResult result;
  CHECK(node.append_one(result) == make_error_code(commitlog::Errc::gate_closed));
  CHECK(result.error_wire_code == 14);
}

TEST_CASE("everyone persists up to STABLE when the dispatcher stops") {
  LogNode node;
  Recorder index("index", node.journal);
  node.dispatch_to({&index});
  node.go();
  node.append(4);
  REQUIRE_FALSE(node.log->flush_now());
  node.records->stop();
  CHECK(index.persisted_to == node.ends.back());
}
