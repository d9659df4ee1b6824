// Ledger: what the log was given and what it promised, kept outside the machine, and the verdict on
// what came back after each start. Owned by a History; one thread; lives as long as the seed.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "commitlog/commit_log.hpp"

namespace gantry::sim {

// What went wrong, counted by kind.
struct Findings {
  uint64_t lost = 0;          // acknowledged, and not there or other bytes; a start that is refused
  uint64_t resurrected = 0;   // there, though a recovery had cut it, or nobody wrote it
  uint64_t gaps = 0;          // numbers of a queue not dense, times that fall
  uint64_t index_errors = 0;  // index or consumer's state other than the log says
  std::vector<std::string> texts{};  // the first few, in words

  bool none() const { return lost + resurrected + gaps + index_errors == 0; }
  void add(const Findings& other);

  template <class... Args>
  void note(uint64_t Findings::*count, fmt::format_string<Args...> format, Args&&... args) {
    this->*count += 1;
    if (texts.size() < 8) texts.push_back(fmt::format(format, std::forward<Args>(args)...));
  }
};

// A queue's name.
using QueueName = std::pair<std::string, int32_t>;

// One record the log took.
struct Written {
  uint64_t serial = 0;  // the body begins with it: never given twice
  QueueName queue;
  int64_t number = 0;
  uint32_t span = 1;
  bool numbered = true;
  std::vector<std::pair<QueueName, int64_t>> further{};  // its numbers in further queues
  int64_t begin = 0;
  int64_t end = 0;
  int64_t stored_ms = 0;
  int64_t cause = -1;  // log offset of the record it was derived from
  std::string body;
  bool promised = false;       // acknowledged: must survive everything
  bool in_page_cache = false;  // was readable: must survive the process, not the power
  std::vector<uint8_t> bytes;  // as they were when first read back; empty before
};

class Ledger {
 public:
  explicit Ledger(Findings& findings) : findings_(findings) {}

  uint64_t next_serial() { return ++serial_; }
  void wrote(Written record);
  // The log says that everything below `end` can be read.
  void visible(int64_t end);
  // Acknowledged: the bytes are kept to compare.
  void promise(int64_t begin, const commitlog::CommitLog& log);
  void power_went();

  // The log has been opened: compares it with what was written, record by record. From here on what
  // was found is promised and what wasn't must never come back.
  void check_after_start(const commitlog::CommitLog& log);
  // A cut to `end` begins: it may fail, what lies behind may be gone or not.
  void let_go(int64_t end);
  // Cut on purpose: no promise was made for what lies at `end` or behind.
  void cut(int64_t end);
  // The log is asked to begin no lower than `begin`, and does; until a start has seen it, a crash
  // may bring back what was trimmed.
  void trim_asked(int64_t begin);
  void trimmed(int64_t begin);
  int64_t begin() const { return begin_; }

  // What the log should hold, by log offset.
  const std::map<int64_t, Written>& records() const { return records_; }
  // A queue's next number, and the one it begins with since records were trimmed.
  int64_t first_number(const QueueName& queue) const;
  int64_t next_number(const QueueName& queue) const;
  uint64_t cut_count() const { return cut_.size(); }
  // What the last start did not find, in log order.
  const std::vector<Written>& last_cut() const { return last_cut_; }

 private:
  void compare(const commitlog::RecordView& view, Written& record);
  void check_further(const commitlog::RecordView& view, const Written& record);
  void check_numbers();
  void forget_from(std::map<int64_t, Written>::iterator at);

  Findings& findings_;
  uint64_t serial_ = 0;
  std::map<int64_t, Written> records_;
  std::unordered_set<uint64_t> cut_;  // serials that must not come back
  std::vector<Written> last_cut_;
  std::map<QueueName, int64_t> trimmed_to_;  // where queues begin since a trim
  int64_t begin_ = 0;
  int64_t trim_asked_ = 0;
};

uint64_t serial_of(std::string_view body);

// Calls use(view) for each record from `from` up to VISIBLE. False: the log could not be read.
template <class Use>
bool each_record(const commitlog::CommitLog& log, LogOffset from, uint32_t what, Use&& use) {
  std::vector<commitlog::RecordView> views(64);
  for (;;) {
    commitlog::RecordRun run;
    if (log.next_records(from, {.what = what}, views, run)) return false;
    if (run.count == 0) return true;
    for (uint32_t i = 0; i < run.count; i++) use(views[i]);
    from = run.next;
  }
}

}  // namespace gantry::sim
