// How many bytes a disk was given to write, by whomever. Linux' /sys; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gantry::bench {

class DeviceStat {
 public:
  // The device that holds `path`, which must exist.
  explicit DeviceStat(const std::string& path);

  // Since the system started. None where the file system has no single block device.
  std::optional<uint64_t> written_bytes() const;

 private:
  std::string file_;
};

}  // namespace gantry::bench
