// LogFile: one file of a stopped node's log, opened for reading only and read through a window, so
// that a bad disk is an error code and never a signal. Owned by who walks the log; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"

namespace gantry::node {

class LogFile {
 public:
  static Result<std::unique_ptr<LogFile>> open(const std::string& path, LogOffset begin,
                                               uint64_t size);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  const std::string& path() const { return path_; }
  LogOffset begin() const { return begin_; }
  LogOffset end() const { return begin_ + static_cast<int64_t>(size_); }

  // Is [at, at + size) in the window? `size` counts only up to the file's end.
  bool holds(LogOffset at, uint64_t size) const;
  // Moves the window to `at`; bytes handed out before are gone.
  ErrorCode load(LogOffset at, uint64_t size);
  // What the window has from `at` on.
  Bytes bytes(LogOffset at) const;

 private:
  LogFile(int descriptor, std::string path, LogOffset begin, uint64_t size);
  uint64_t left(LogOffset at) const { return static_cast<uint64_t>(end() - at); }

  const int descriptor_;
  const std::string path_;
  const LogOffset begin_;
  const uint64_t size_;
  LogOffset window_begin_;
  uint64_t window_size_ = 0;
  std::vector<uint8_t> window_;  // its first window_size_ bytes
};

}  // namespace gantry::node
