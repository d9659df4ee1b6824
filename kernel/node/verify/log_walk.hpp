// LogWalk: reads every record of a stopped node's log as recovery would, but goes on behind damage
// and changes nothing. Made and used by `verify` on the control thread; the caller holds the
// folder's lock.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "commitlog/record.hpp"
#include "node/verify/findings.hpp"
#include "node/verify/log_file.hpp"
#include "node/verify/queue_numbers.hpp"

namespace gantry::node {

struct LogFacts {
  uint64_t files = 0;
  uint64_t file_bytes = 0;
  uint64_t records = 0;
  uint64_t record_bytes = 0;
  uint64_t queues = 0;
  LogOffset begin;
  LogOffset end;                     // behind the last whole record
  std::optional<LogOffset> durable;  // what gantry/recovery says was on the device
  uint64_t tail_bytes = 0;           // behind `end`, up to the last byte that isn't zero
};

class LogWalk {
 public:
  // The next whole records, in order; they and their bytes are gone when it returns.
  using Sink = std::function<Outcome<void>(std::span<commitlog::RecordView>)>;

  // file_bytes: what the log's files have; 0: what the first one has.
  LogWalk(std::filesystem::path folder, uint64_t file_bytes, Findings& findings);

  // A failure: there is no log to read, or the sink's own.
  Outcome<LogFacts> run(Sink sink);

 private:
  struct Entry {
    LogOffset begin;
    uint64_t size;
    std::string path;
    LogOffset end() const { return begin + static_cast<int64_t>(size); }
  };
  enum class Kind { record, blank, damage };
  struct Step {
    Kind kind = Kind::damage;
    uint64_t size = 0;  // how far it goes; 0: unknown
    std::string why;    // damage
    commitlog::RecordView record;
  };

  Outcome<void> list();
  Outcome<void> load_checkpoint();
  Outcome<void> walk(size_t index);
  Outcome<Step> look(LogFile& file, LogOffset at);
  Outcome<Bytes> bytes(LogFile& file, LogOffset at, uint64_t size);
  Outcome<void> take(const commitlog::RecordView& record);
  Outcome<void> flush();
  Outcome<LogOffset> pass_damage(LogFile& file, LogOffset at, const Step& step);
  Outcome<std::optional<LogOffset>> next_record(LogFile& file, LogOffset at);
  bool is_tail(size_t index, LogOffset at) const;
  void measure_tail();

  const std::filesystem::path folder_;
  uint64_t file_bytes_;
  Findings& findings_;
  QueueNumbers numbers_;
  Sink sink_;
  LogFacts facts_;
  std::vector<Entry> files_;
  std::vector<commitlog::RecordView> batch_;  // borrows from the window of the file walked
  bool ended_ = false;
};

}  // namespace gantry::node
