// Records: records as a pull answers them, shown as modules see them. Owned by whoever read them;
// used by one thread, unchanged while a Trial judges them.
#pragma once

#include <gantry/message.h>

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::sdk::trial {

class Records {
 public:
  // One after the other, whole. Throws std::runtime_error that says which one is none.
  void add(std::string bytes);

  size_t size() const { return messages_.size(); }
  uint64_t bytes() const { return bytes_; }
  std::string_view record(size_t i) const;
  std::span<const gantry_message> messages() const { return messages_; }

 private:
  std::deque<std::string> pulled_;  // the messages point into it
  std::vector<gantry_message> messages_;
  uint64_t bytes_ = 0;
};

}  // namespace gantry::sdk::trial
