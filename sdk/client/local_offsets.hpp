// LocalOffsets: how far a broadcasting consumer is, in a file of its own and the file's last state
// but one beside it (".bak"), as Java's clients have them. Private to client. Owned by a Membership,
// used on the cluster's thread, which waits for the disk.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "protocol/body_offsets.hpp"

namespace gantry::client {

class LocalOffsets {
 public:
  // Empty: nothing is kept over restarts.
  explicit LocalOffsets(std::string file) : file_(std::move(file)) {}

  // Reads the file, and its backup where it isn't there or can't be read. Neither there: a first
  // start. Fails, naming both and what is wrong, rather than beginning anew. The answer: what was
  // wrong with a file whose backup was read, or nothing.
  Outcome<std::string> load();
  std::optional<int64_t> find(const protocol::MessageQueue& queue) const;
  void set(const protocol::MessageQueue& queue, int64_t offset);
  // Writes what changed since it was last written: on disk when it returns. A crash at any time
  // leaves the file or its backup whole.
  Outcome<void> store();

 private:
  const std::string file_;
  protocol::QueueOffsetTable table_;
  bool loaded_ = false;
  bool changed_ = false;
  bool worth_a_backup_ = false;  // the file is there, and whole
};

}  // namespace gantry::client
