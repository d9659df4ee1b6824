// HookLog: what puts of a bench go into: a log that nobody reads, with one shard, in a folder of its
// own that goes with it. Appends are made on the shard or anywhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "commitlog/commit_log.hpp"
#include "dispatch/records.hpp"
#include "runtime/runtime.hpp"

namespace gantry::bench {

[[noreturn]] void give_up(std::string_view what);

template <class T>
void check(const Outcome<T>& done) {
  if (!done) give_up(done.error().text);
}

class HookLog : public dispatch::DispatchEvents {
 public:
  static constexpr uint64_t body_bytes_max = uint64_t{4} << 20;
  static constexpr uint64_t prepared_bytes = uint64_t{256} << 20;  // what may be appended in all

  explicit HookLog(const std::string& below);
  ~HookLog() override;
  HookLog(const HookLog&) = delete;
  HookLog& operator=(const HookLog&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  const SystemClock& clock() const { return clock_; }
  runtime::Runtime& runtime() { return runtime_; }
  commitlog::CommitLog& log() { return *log_; }
  dispatch::RecordDispatcher& records() { return *records_; }

 private:
  void indexed(uint32_t) override {}
  void consumer_failed(const std::string& reason) override { give_up(reason); }

  std::filesystem::path folder_;
  SystemClock clock_;
  runtime::Runtime runtime_;
  std::unique_ptr<commitlog::CommitLog> log_;
  std::unique_ptr<dispatch::RecordDispatcher> records_;
};

}  // namespace gantry::bench
