#include "append_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "commitlog/commit_log.hpp"
#include "clock.hpp"
#include "device_stat.hpp"
#include "pace.hpp"

namespace gantry::bench {
namespace {

using commitlog::CommitLog;
using commitlog::Flush;

constexpr uint32_t record_bytes = 1024;
constexpr uint32_t slice_records = 64;
constexpr std::string_view topic = "bench";
constexpr std::string_view properties =
    "UNIQ_KEY\0017F0000010A2C18B4AAC2158E00000000\2WAIT\1true\2TAGS\1created\2";
constexpr std::array<uint8_t, 8> host = {127, 0, 0, 1, 0, 0, 0x2A, 0x9F};
constexpr uint64_t body_bytes =
    record_bytes - commitlog::record_bytes_min - topic.size() - properties.size();

class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& below) : path_(below + "/gantry-append-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A log and one record for it, whose body differs a little each time.
class Bench {
 public:
  static Outcome<std::unique_ptr<Bench>> make(const std::string& below,
                                              commitlog::Options options) {
    auto made = std::make_unique<Bench>(below);
    options.data_dir = made->folder_.path();
    if (options.data_dir.empty()) return fail(fmt::format("{}: cannot make a folder there", below));
    auto log = CommitLog::open(options);
    if (!log) return log.error();
    made->log_ = std::move(*log);
    made->log_->set_number_source({[](void*, Text, int32_t, QueueOffset& next) {
                                     next = QueueOffset(0);
                                     return ErrorCode{};
                                   },
                                   nullptr});
    return made;
  }
  explicit Bench(const std::string& below) : folder_(below), body_(body_bytes, 'x') {
    draft_.topic = topic;
    draft_.property_text = properties;
    draft_.body = body_;
    draft_.born_host = host;
    draft_.store_host = host;
    put_.records = {&draft_, 1};
  }

  CommitLog& log() { return *log_; }
  const std::string& folder() const { return folder_.path(); }

  ErrorCode append() {
    body_[count_ % body_bytes] = static_cast<uint8_t>(count_);
    // A shard reads the clock once per loop turn.
    if (count_ % slice_records == 0) put_.now_ms = static_cast<int64_t>(wall_ns() / 1'000'000);
    ++count_;
    return log_->append(put_, result_);
  }
  Failure failure(const ErrorCode& error) const {
    return fail(fmt::format("append {}: {} {}", count_, error.message(), result_.reason));
  }
  // The rest of a slice from `done` records on; busy: no space yet.
  ErrorCode append_slice(uint32_t& done) {
    for (; done < slice_records; ++done) {
      if (const ErrorCode error = append()) return error;
    }
    return {};
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<CommitLog> log_;
  std::vector<uint8_t> body_;
  commitlog::RecordDraft draft_;
  commitlog::Put put_;
  commitlog::PutResult result_;
  uint64_t count_ = 0;
};

uint64_t process_written_bytes() {
  std::ifstream file("/proc/self/io");
  std::string name;
  uint64_t value = 0;
  while (file >> name >> value) {
    if (name == "write_bytes:") return value;
  }
  return 0;
}

double median(std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Outcome<double> append_cost_ns(const std::string& folder, uint64_t megabytes) {
  const uint64_t bytes = megabytes << 20;
  commitlog::Options options;
  options.segment_bytes = bytes + (uint64_t{1} << 20);
  options.warm_ahead_bytes = options.segment_bytes;
  auto bench = Bench::make(folder, options);
  if (!bench) return bench.error();
  if (const ErrorCode error = (*bench)->log().prepare_now()) return fail(error.message());
  const uint64_t records = bytes / record_bytes;
  const uint64_t begin = thread_cpu_ns();
  for (uint64_t i = 0; i < records; ++i) {
    if (const ErrorCode error = (*bench)->append()) return (*bench)->failure(error);
  }
  return static_cast<double>(thread_cpu_ns() - begin) / static_cast<double>(records);
}

Outcome<Stalls> append_stalls(const StallOptions& options) {
  commitlog::Options log_options;
  log_options.flush_interval_ms = options.flush_interval_ms;
  auto made = Bench::make(options.folder, log_options);
  if (!made) return made.error();
  Bench& bench = **made;
  if (const ErrorCode error = bench.log().prepare_now()) return fail(error.message());
  bench.log().start();
  exact_timers();
  const double per_second = options.megabytes_per_second * 1e6 / (slice_records * record_bytes);
  Pace pace(per_second);
  const auto slices = static_cast<uint64_t>(per_second * options.seconds);
  Stalls stalls;
  for (uint64_t i = 0; i < slices; ++i) {
    const uint64_t due = pace.next();
    uint32_t done = 0;
    ErrorCode error = bench.append_slice(done);
    if (error == commitlog::Errc::busy) ++stalls.busy;
    for (Pace retry(per_second); error == commitlog::Errc::busy; retry.next()) {
      error = bench.append_slice(done);
    }
    if (error) return bench.failure(error);
    stalls.late.add(now_ns() - due);
  }
  if (auto stopped = bench.log().stop(); !stopped) return stopped.error();
  return stalls;
}

Outcome<SyncBytes> sync_bytes(const std::string& folder, uint32_t syncs) {
  constexpr uint32_t group = 10;
  commitlog::Options options;
  options.flush = Flush::sync;
  const uint64_t slice_bytes = uint64_t{slice_records} * record_bytes;
  options.segment_bytes = ((syncs + group) * slice_bytes / 4096 + 256) * 4096;
  options.warm_ahead_bytes = options.segment_bytes;
  auto made = Bench::make(folder, options);
  if (!made) return made.error();
  Bench& bench = **made;
  if (const ErrorCode error = bench.log().prepare_now()) return fail(error.message());
  const DeviceStat device(bench.folder());
  std::vector<double> device_bytes;
  std::vector<double> process_bytes;
  for (uint32_t done = 0; done < syncs; done += group) {
    const auto device_before = device.written_bytes();
    const uint64_t process_before = process_written_bytes();
    for (uint32_t i = 0; i < group; ++i) {
      uint32_t appended = 0;
      if (const ErrorCode error = bench.append_slice(appended)) return bench.failure(error);
      if (const ErrorCode error = bench.log().flush_now()) return fail(error.message());
    }
    const auto device_after = device.written_bytes();
    if (device_before && device_after) {
      device_bytes.push_back(static_cast<double>(*device_after - *device_before) / group);
    }
    process_bytes.push_back(static_cast<double>(process_written_bytes() - process_before) / group);
  }
  return SyncBytes{median(device_bytes), median(process_bytes), static_cast<double>(slice_bytes)};
}

}  // namespace gantry::bench
