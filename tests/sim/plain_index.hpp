// PlainIndex: a queue index that stores nothing and is replayed whole at each start. It knows inner
// batches. The least that can number a log.
#pragma once

#include <map>

#include "consumers.hpp"

namespace gantry::sim {

class PlainIndex final : public Index {
 public:
  // The ledger stands in for what an index that stores something knows of trimmed queues.
  explicit PlainIndex(const Ledger& ledger) : Index("plain_index"), ledger_(ledger) {}

  Outcome<int64_t> position() override { return int64_t{0}; }
  dispatch::Status consume(dispatch::Call& call, std::span<const commitlog::RecordView> records,
                           uint32_t& consumed) override;
  void live(int64_t) override {}
  dispatch::Status persist(dispatch::Call&, int64_t, int64_t& persisted) override;
  Outcome<void> truncate(int64_t log_offset) override;

  std::pair<int64_t, int64_t> bounds(const QueueName& queue) override;
  std::string read(const QueueName& queue, std::vector<commitlog::IndexEntry>& out) override;

 private:
  struct Queue {
    int64_t min = 0;
    int64_t max = 0;
    std::vector<commitlog::IndexEntry> entries;
    std::vector<int64_t> ends;  // of the entries: where the next one's number begins
  };

  const Ledger& ledger_;
  std::map<QueueName, Queue> queues_;
};

// How many numbers a record takes, as its properties tell.
uint32_t span_of(const commitlog::RecordView& record);
// Neither half messages nor rollbacks are numbered.
bool is_numbered(const commitlog::RecordView& record);

}  // namespace gantry::sim
