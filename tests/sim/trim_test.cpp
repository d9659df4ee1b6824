// Files that are removed several at a time: a power cut may keep any of them.
#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "base/logging.hpp"
#include "commitlog/commit_log.hpp"
#include "commitlog/segment.hpp"
#include "support/lying_file_system.hpp"

using namespace gantry;
using namespace gantry::commitlog;
using namespace gantry::testing;

namespace {

struct Log {
  explicit Log(uint64_t seed) : disk(seed), files(disk) {
    logging::set_level(logging::Level::off);
    disk.make_folders("/data");
    disk.sync_all();
    options.data_dir = "/data";
    options.segment_bytes = segment_bytes_min;
    options.clock = &clock;
    options.file_system = &files;
  }
  ~Log() { logging::set_level(logging::Level::info); }

  std::string open() {
    log.reset();
    auto opened = CommitLog::open(options);
    if (!opened) return opened.error().text;
    log = std::move(*opened);
    log->set_number_source({[](void*, Text, int32_t, QueueOffset&) { return ErrorCode{}; }});
    return {};
  }
  // One record a file.
  void fill(int count) {
    static constexpr uint8_t host[8] = {};
    const std::vector<uint8_t> body(60000, 'x');
    for (int i = 0; i < count; i++) {
      RecordDraft draft;
      draft.topic = std::string_view("T");
      draft.body = body;
      draft.born_host = draft.store_host = host;
      Put put;
      put.records = {&draft, 1};
      PutResult result;
      if (log->append(put, result)) {
        REQUIRE_FALSE(log->prepare_now());
        REQUIRE_FALSE(log->append(put, result));
      }
    }
  }

  ManualClock clock{1'700'000'000'000};
  LyingDisk disk;
  LyingFileSystem files;
  Options options;
  std::unique_ptr<CommitLog> log;
};

}  // namespace

TEST_CASE("a power cut while several files are trimmed leaves a log that opens") {
  for (uint64_t seed = 1; seed <= 300; seed++) {
    CAPTURE(seed);
    Log f(seed);
    REQUIRE(f.open() == "");
    f.fill(5);
    REQUIRE_FALSE(f.log->flush_now());
    f.disk.stop_after(1 + seed % 6);
    f.log->trim(LogOffset(4 * 65536));
    f.log.reset();
    f.disk.lose_power();
    REQUIRE(f.open() == "");
    REQUIRE(f.log->mark(Mark::durable).value > 4 * 65536);
  }
}

TEST_CASE(
    "a power cut while several files behind a torn tail are removed leaves a log that opens") {
  for (uint64_t seed = 1; seed <= 300; seed++) {
    CAPTURE(seed);
    Log f(seed);
    REQUIRE(f.open() == "");
    f.fill(1);
    REQUIRE_FALSE(f.log->flush_now());
    f.fill(4);
    f.log.reset();
    f.disk.lose_power();
    f.disk.stop_after(1 + seed % 12);
    static_cast<void>(f.open());
    f.log.reset();
    f.disk.lose_power();
    REQUIRE(f.open() == "");
  }
}

TEST_CASE("a file that the disk failed to make leaves no gap when the log is cut before it") {
  int failed = 0;
  for (uint64_t seed = 1; seed <= 100; seed++) {
    LyingDisk disk(seed);
    disk.make_folders("/log");
    disk.sync_all();
    LyingFileSystem file_system(disk);
    Segments segments(file_system, "/log", segment_bytes_min);
    for (int i = 0; i < 3; i++) REQUIRE(segments.add().has_value());
    disk.sync_all();
    disk.fail_calls(400'000);
    if (!segments.add()) failed++;
    disk.fail_calls(0);
    disk.stop_after(Rng(seed).below(4));
    (void)segments.remove_from(LogOffset(segment_bytes_min));
    if (seed % 2 == 0) disk.stop();
    if (disk.off()) disk.lose_power();
    Segments again(file_system, "/log", segment_bytes_min);
    const auto loaded = again.load();
    CAPTURE(seed, loaded ? "" : loaded.error().text);
    REQUIRE(loaded.has_value());
  }
  REQUIRE(failed > 50);
}
