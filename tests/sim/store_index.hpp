// StoreIndex: the real store_file on the lying disk. Owned by a Node; one thread. Its destructor is
// a process that dies; stop() a clean end.
#pragma once

#include <memory>

#include "consumers.hpp"
#include "support/lying_disk.hpp"

namespace gantry::sim {

class StoreIndex final : public Index {
 public:
  // drops_spans: inner batches reach it as if they were single messages.
  StoreIndex(testing::LyingDisk& disk, bool drops_spans);
  ~StoreIndex() override;

  Outcome<void> start() override;
  void stop() override;

  Outcome<int64_t> position() override;
  dispatch::Status consume(dispatch::Call& call, std::span<const commitlog::RecordView> records,
                           uint32_t& consumed) override;
  void live(int64_t log_offset) override;
  dispatch::Status persist(dispatch::Call& call, int64_t stable, int64_t& persisted) override;
  Outcome<void> truncate(int64_t log_offset) override;
  void trimmed_to(int64_t log_begin) override;

  std::pair<int64_t, int64_t> bounds(const QueueName& queue) override;
  std::string read(const QueueName& queue, std::vector<commitlog::IndexEntry>& out) override;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  const bool drops_spans_;
};

}  // namespace gantry::sim
