#include "device_stat.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <fstream>

namespace gantry::bench {
namespace {

constexpr size_t sectors_written_at = 6;
constexpr uint64_t sector_bytes = 512;

}  // namespace

DeviceStat::DeviceStat(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return;
  file_ = fmt::format("/sys/dev/block/{}:{}/stat", major(status.st_dev), minor(status.st_dev));
}

std::optional<uint64_t> DeviceStat::written_bytes() const {
  std::ifstream file(file_);
  std::array<uint64_t, sectors_written_at + 1> numbers;
  for (uint64_t& number : numbers) {
    if (!(file >> number)) return std::nullopt;
  }
  return numbers[sectors_written_at] * sector_bytes;
}

}  // namespace gantry::bench
