// What the suites of `gantry verify` share: a log written by the log itself, ways to hurt its
// files, and what verify said of them.
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "node/verify/verify.hpp"
#include "unit/commitlog/fixture.hpp"

namespace gantry::testing {

namespace fs = std::filesystem;

struct Verified {
  node::Verdict verdict = node::Verdict::unchecked;
  std::vector<std::string> lines;

  std::string text() const {
    std::string all;
    for (const std::string& line : lines) all += line + '\n';
    return all;
  }
  bool says(std::string_view words) const { return text().find(words) != std::string::npos; }
};

inline Verified run_verify(const node::VerifyOptions& options) {
  Verified out;
  out.verdict = node::verify(options, [&](const std::string& line) { out.lines.push_back(line); });
  return out;
}

// A log of a stopped node, with its records' places.
struct StoppedLog : Fixture {
  std::vector<LogOffset> places;
  LogOffset end{0};

  // Numbers of its own, which verify can't tell from dense ones while they are dense.
  LogOffset put_numbered(int64_t number, std::string_view topic, int32_t sys_flag = 0,
                         std::string_view property_text = "k\x01v\x02", size_t body_bytes = 1000) {
    const std::string body(body_bytes, 'b');
    RecordDraft draft = draft_of(topic, 0, body);
    draft.queue_offset = QueueOffset(number);
    draft.sys_flag = sys_flag;
    draft.property_text = property_text;
    Put put;
    put.records = {&draft, 1};
    put.number = PutNumber::raw;
    ErrorCode error = log->append(put, result);
    if (error == Errc::busy) {
      REQUIRE_FALSE(log->prepare_now());
      error = log->append(put, result);
    }
    REQUIRE_FALSE(error);
    places.push_back(result.log_begin);
    end = result.log_end;
    return result.log_begin;
  }
  void put_dense(int count, std::string_view topic = "orders") {
    for (int i = 0; i < count; ++i) put_numbered(i, topic);
  }
  void stop() {
    REQUIRE(log->stop().has_value());
    log.reset();
  }

  fs::path file(LogOffset begin) const {
    return folder.path() / "commitlog" / fmt::format("{:020}", begin.value);
  }
  // Writes `bytes` over what is at `at`, in files of segment_bytes_min.
  void overwrite(LogOffset at, const std::string& bytes) const {
    const int64_t inside = at.value % static_cast<int64_t>(segment_bytes_min);
    std::fstream stream(file(LogOffset(at.value - inside)),
                        std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(inside);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    REQUIRE(stream.good());
  }

  Verified verify_log() const { return run_verify({.folder = folder.path(), .log_only = true}); }
};

// Every file below a folder with its bytes and the time of its last write.
inline std::map<std::string, std::pair<std::string, fs::file_time_type>> contents(
    const fs::path& folder) {
  std::map<std::string, std::pair<std::string, fs::file_time_type>> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string bytes;
    if (entry.is_regular_file()) {
      std::ifstream stream(entry.path(), std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(stream), {});
    }
    all[entry.path().string()] = {std::move(bytes), entry.last_write_time()};
  }
  return all;
}

}  // namespace gantry::testing
