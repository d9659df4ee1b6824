#include "node/verify/log_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gantry::node {
namespace {

constexpr uint64_t window_bytes = uint64_t{4} << 20;

ErrorCode last_error() {
  return {errno, boost::system::system_category()};
}

}  // namespace

LogFile::LogFile(int descriptor, std::string path, LogOffset begin, uint64_t size)
    : descriptor_(descriptor),
      path_(std::move(path)),
      begin_(begin),
      size_(size),
      window_begin_(begin) {}

LogFile::~LogFile() {
  ::close(descriptor_);
}

Result<std::unique_ptr<LogFile>> LogFile::open(const std::string& path, LogOffset begin,
                                               uint64_t size) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return last_error();
  return std::unique_ptr<LogFile>(new LogFile(descriptor, path, begin, size));
}

bool LogFile::holds(LogOffset at, uint64_t size) const {
  const LogOffset wanted_end = at + static_cast<int64_t>(std::min(size, left(at)));
  const LogOffset window_end = window_begin_ + static_cast<int64_t>(window_size_);
  return at >= window_begin_ && wanted_end <= window_end;
}

ErrorCode LogFile::load(LogOffset at, uint64_t size) {
  const uint64_t wanted = std::min(std::max(size, window_bytes), left(at));
  window_begin_ = at;
  window_size_ = 0;
  if (window_.size() < wanted) window_.resize(wanted);
  while (window_size_ < wanted) {
    const auto position = static_cast<off_t>(at - begin_ + static_cast<int64_t>(window_size_));
    const ssize_t got =
        ::pread(descriptor_, window_.data() + window_size_, wanted - window_size_, position);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error();
    if (got == 0) return {EIO, boost::system::system_category()};  // it became shorter
    window_size_ += static_cast<uint64_t>(got);
  }
  return {};
}

Bytes LogFile::bytes(LogOffset at) const {
  return Bytes(window_).first(window_size_).subspan(static_cast<size_t>(at - window_begin_));
}

}  // namespace gantry::node
