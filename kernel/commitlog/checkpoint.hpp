// Checkpoint: the small file gantry/recovery, which says up to where the log was on the device. It
// bounds the scan at open, and tells damage (below it) from a torn tail (above it). Replaced as a
// whole by rename. Written by the preparer and on open and stop; no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/strong.hpp"
#include "commitlog/file.hpp"

namespace gantry::commitlog {

struct Checkpoint {
  LogOffset durable;      // the end of a record that was synced, with all before it
  int64_t stored_ms = 0;  // store time of the newest record; later ones are not below it
  bool clean = false;     // stopped there: nothing was appended behind it

  // None when there is no file, or it is damaged: all is scanned then.
  static Outcome<std::optional<Checkpoint>> load(FileSystem& file_system,
                                                 const std::string& folder);
  ErrorCode store(FileSystem& file_system, const std::string& folder) const;
};

}  // namespace gantry::commitlog
