// QueueNumbers: are the records of each queue numbered without gap or repetition, also in the further
// queues that a record names (INNER_MULTI_DISPATCH)? Fed with a log's records in order. Owned by who walks the log; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "commitlog/record.hpp"
#include "node/verify/findings.hpp"

namespace gantry::node {

// Is it numbered at all? Prepared and rollback records carry 0 and are in no queue.
bool is_numbered(const commitlog::RecordView& record);

class QueueNumbers {
 public:
  explicit QueueNumbers(Findings& findings) : findings_(findings) {}

  // A queue's first record may have any number: those before it may have been trimmed, or the queue
  // was begun with numbers of its own.
  void check(const commitlog::RecordView& record);
  uint64_t queues() const { return queues_; }

 private:
  struct Next {
    int64_t least = 0;  // the next number is from least to most: they differ only behind a record
    int64_t most = 0;   // of which its queue's type, unknown here, decides how many it took
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  Next* check(std::string_view topic, int32_t queue_id, int64_t number, LogOffset place);
  void check_further(const commitlog::RecordView& record);

  Findings& findings_;
  std::unordered_map<std::string, std::map<int32_t, Next>, Hash, std::equal_to<>> topics_;
  uint64_t queues_ = 0;
};

}  // namespace gantry::node
