// What the suites of the log share: a temporary folder, a log in it without threads of its own, and
// short ways to put records. One test, one fixture.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "commitlog/commit_log.hpp"
#include "commitlog/file.hpp"

namespace gantry::testing {

using namespace gantry::commitlog;

class TempFolder {
 public:
  TempFolder() {
    std::string name = std::filesystem::temp_directory_path() / "gantry-commitlog-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr uint8_t ipv4_host[] = {127, 0, 0, 1, 0, 0, 0x2A, 0x9F};

inline RecordDraft draft_of(std::string_view topic, int32_t queue_id, std::string_view body) {
  RecordDraft draft;
  draft.topic = topic;
  draft.queue_id = queue_id;
  draft.body = bytes_of(body);
  draft.born_host = ipv4_host;
  draft.store_host = ipv4_host;
  return draft;
}

// A completion that counts how often it was called and keeps the last error.
struct Outcomes {
  int calls = 0;
  ErrorCode error;
  Completion completion() {
    return {[](void* context, ErrorCode e) {
              auto* self = static_cast<Outcomes*>(context);
              self->calls++;
              self->error = e;
            },
            this};
  }
};

struct Fixture {
  TempFolder folder;
  ManualClock clock{1'700'000'000'000};
  Options options;
  QueueOffset numbers_from{0};
  int numbers_asked = 0;
  std::unique_ptr<CommitLog> log;
  PutResult result;

  explicit Fixture(Flush flush = Flush::async) {
    options.data_dir = folder.path();
    options.segment_bytes = segment_bytes_min;
    options.flush = flush;
    options.clock = &clock;
  }

  Outcome<std::unique_ptr<CommitLog>> try_open() { return CommitLog::open(options); }
  void open() {
    auto opened = try_open();
    if (!opened) FAIL(opened.error().text);
    log = std::move(*opened);
    log->set_number_source({[](void* context, Text, int32_t, QueueOffset& next) {
                              auto* self = static_cast<Fixture*>(context);
                              self->numbers_asked++;
                              next = self->numbers_from;
                              return ErrorCode{};
                            },
                            this});
  }
  // Like a process that dies: no flush, no clean mark.
  void crash() { log.reset(); }
  void reopen() {
    crash();
    open();
  }

  ErrorCode put(std::string_view topic, int32_t queue_id, std::string_view body) {
    const RecordDraft draft = draft_of(topic, queue_id, body);
    Put put;
    put.records = {&draft, 1};
    return log->append(put, result);
  }
  // Puts, making room when there is none.
  LogOffset put_ok(std::string_view body, std::string_view topic = "T", int32_t queue_id = 0) {
    ErrorCode error = put(topic, queue_id, body);
    if (error == Errc::busy) {
      REQUIRE_FALSE(log->prepare_now());
      error = put(topic, queue_id, body);
    }
    INFO(error.message() << " " << result.reason);
    REQUIRE_FALSE(error);
    return result.log_begin;
  }

  struct Stored {
    std::string body;
    LogOffset log_offset;
    QueueOffset queue_offset;
    int64_t stored_ms;
    int64_t tag_code;
    std::string property_text;
  };
  // Every record up to VISIBLE.
  std::vector<Stored> records() const { return records_from(log->begin()); }
  std::vector<std::string> property_texts() const {
    std::vector<std::string> texts;
    for (Stored& stored : records()) texts.push_back(std::move(stored.property_text));
    return texts;
  }
  std::vector<Stored> records_from(LogOffset at) const {
    std::vector<Stored> found;
    std::vector<RecordView> views(7);
    for (;;) {
      RecordRun run;
      const ErrorCode error = log->next_records(at, {}, views, run);
      INFO("at " << at.value << ": " << error.message());
      REQUIRE_FALSE(error);
      if (run.count == 0) return found;
      for (const RecordView& view : std::span(views).first(run.count))
        found.push_back({text_of(view.body), view.log_offset, view.queue_offset, view.stored_ms,
                         view.tag_code, std::string(view.property_text)});
      at = run.next;
    }
  }

  std::filesystem::path segment_path(int64_t begin) const {
    std::string digits = std::to_string(begin);
    return folder.path() / "commitlog" / (std::string(20 - digits.size(), '0') + digits);
  }
  // Changes the bytes of a segment file as a disk might.
  void damage(int64_t segment_begin, int64_t position, std::string_view bytes) const {
    auto file = real_file_system().open(segment_path(segment_begin), OpenMode::existing);
    REQUIRE(file.has_value());
    REQUIRE_FALSE((*file)->write_at(static_cast<uint64_t>(position), bytes_of(bytes)));
  }
  std::vector<uint8_t> segment_bytes(int64_t segment_begin) const {
    auto file = real_file_system().open(segment_path(segment_begin), OpenMode::existing);
    REQUIRE(file.has_value());
    std::vector<uint8_t> bytes(options.segment_bytes);
    REQUIRE_FALSE((*file)->read_at(0, bytes));
    return bytes;
  }
};

}  // namespace gantry::testing
