// StoreCheck: compares the queue index and the key index of a stopped node with its log, record by
// record: gantry.store_check. Changes nothing. Owned by a StoreFile that is never started; control
// thread; open, check ..., close.
#pragma once

#include <gantry/cap/store_check.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

#include "bounds_table.hpp"
#include "keys/key_check.hpp"
#include "queue_files.hpp"
#include "queue_table.hpp"
#include "unit.hpp"

namespace gantry::store_file {

class StoreCheck {
 public:
  // `keys`: null when there is no key index. All of them outlive it.
  StoreCheck(const gantry_check_sink& sink, QueueFiles& files, QueueTable& queues,
             std::unique_ptr<KeyCheck> keys);

  int64_t open(Disk& disk, const BoundsTable& bounds, const std::filesystem::path& position);
  void check(const gantry_message& message);
  void close(int64_t log_begin, gantry_check_counts& counts);

 private:
  struct Next {
    int64_t unit;
    int64_t offset;
  };

  void find(const std::string& text) const;
  void check_queue(const std::string& topic, int32_t id, int64_t offset, bool light,
                   const gantry_message& message);
  Next* next_of(Queue& queue, int64_t offset, const gantry_message& message);
  void check_unit(Queue& queue, Next& next, int64_t offset, const gantry_message& message);
  BatchUnit unit(const Queue& queue, int64_t number);

  const gantry_check_sink& sink_;
  QueueFiles& files_;
  QueueTable& queues_;
  const std::unique_ptr<KeyCheck> keys_;
  std::unordered_map<const Queue*, Next> next_;
  int64_t covered_ = 0;     // by the queue files
  int64_t log_begin_ = -1;  // the first record checked
  uint64_t entries_ = 0;
};

}  // namespace gantry::store_file
