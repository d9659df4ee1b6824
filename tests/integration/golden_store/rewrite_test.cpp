// The Java broker's records, appended again with the same fields at the same times: the log's files
// are the same bytes, blank ends and batches over file ends included.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "commitlog/commit_log.hpp"
#include "integration/folder.hpp"
#include "recorded.hpp"
#include "support/record_draft.hpp"

using namespace gantry;
using namespace gantry::commitlog;
using namespace gantry::golden_store;

namespace {

std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    out[file.path().filename()] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  return out;
}

// Every record of a log's files, in order. The views borrow from `files`.
std::vector<RecordView> records_of(const std::map<std::string, std::string>& files) {
  std::vector<RecordView> out;
  for (const auto& [name, text] : files) {
    Bytes rest(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    for (RecordView view; !decode_record(rest, 0, view); rest = rest.subspan(view.record_size)) {
      out.push_back(view);
    }
  }
  return out;
}

// Was it put together with the one before it? A batch has one time and goes to one queue.
bool same_put(const RecordView& a, const RecordView& b) {
  return a.topic.view() == b.topic.view() && a.queue_id == b.queue_id && a.born_ms == b.born_ms &&
         a.stored_ms == b.stored_ms && a.queue_offset.value + 1 == b.queue_offset.value;
}

struct Rewritten {
  Rewritten() {
    Options options;
    options.data_dir = folder.path();
    options.segment_bytes = 65536;
    options.warm_ahead_bytes = 65536;
    options.clock = &clock;
    Outcome<std::unique_ptr<CommitLog>> opened = CommitLog::open(options);
    REQUIRE(opened.has_value());
    log = std::move(*opened);
  }

  void append(std::span<const RecordView> views) {
    clock.advance_ms(views.front().stored_ms - clock.now_ms());
    std::vector<RecordDraft> drafts;
    for (const RecordView& view : views) drafts.push_back(testing::draft_like(view));
    Put put;
    put.records = drafts;
    put.number = PutNumber::raw;
    PutResult result;
    REQUIRE_FALSE(log->prepare_now());
    const ErrorCode error = log->append(put, result);
    INFO(result.reason);
    REQUIRE_FALSE(error);
    REQUIRE(result.stored_ms == views.front().stored_ms);
  }

  std::map<std::string, std::string> stop() {
    REQUIRE(log->stop().has_value());
    log.reset();
    return files_of(folder.path() / "commitlog");
  }

  integration::Folder folder;
  ManualClock clock{0};
  std::unique_ptr<CommitLog> log;
};

bool only_zeros(const std::string& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

}  // namespace

TEST_CASE("the Java broker's records appended again are the same bytes in the same files") {
  const std::string name = GENERATE("plain", "batch", "ipv6", "delay", "pop", "extra", "crash");
  CAPTURE(name);
  const auto source = Recorded::find(name);
  if (!source) return;
  const Recorded recorded(*source);
  const auto java = files_of(recorded.root() / "commitlog");
  const std::vector<RecordView> records = records_of(java);
  REQUIRE(records.size() >= 25);

  Rewritten ours;
  for (size_t i = 0; i < records.size();) {
    size_t end = i + 1;
    while (end < records.size() && same_put(records[end - 1], records[end])) ++end;
    ours.append(std::span(records).subspan(i, end - i));
    i = end;
  }
  const auto files = ours.stop();
  size_t compared = 0;
  for (const auto& [file, bytes] : java) {
    INFO(file);
    const auto same = files.find(file);
    if (same == files.end()) {
      CHECK(only_zeros(bytes));  // made ahead by the broker that was killed
      continue;
    }
    CHECK((same->second == bytes));
    ++compared;
  }
  CHECK(compared >= static_cast<size_t>(records.back().log_offset.value / 65536 + 1));
}
