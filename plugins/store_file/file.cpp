#include "file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "cpp/barrier.hpp"

namespace gantry::store_file {

void fail(const char* what, const std::filesystem::path& path) {
  throw sdk::Refusal(GANTRY_FAULT,
                     std::string(what) + " " + path.string() + ": " + std::strerror(errno));
}

std::shared_ptr<File> File::open(const std::filesystem::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd >= 0) return std::make_shared<File>(fd, path);
  if (errno == ENOENT && (flags & O_CREAT) == 0) return nullptr;
  fail("open", path);
}

File::~File() {
  ::close(fd_);
}

int64_t File::size() const {
  struct stat facts {};
  if (::fstat(fd_, &facts) != 0) fail("stat", path_);
  return facts.st_size;
}

void File::resize(int64_t bytes) {
  if (::ftruncate(fd_, bytes) != 0) fail("resize", path_);
}

void File::write(std::span<const uint8_t> bytes, int64_t at) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(fd_, bytes.data(), bytes.size(), at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) fail("write", path_);
    bytes = bytes.subspan(static_cast<size_t>(done));
    at += done;
  }
}

size_t File::read(std::span<uint8_t> bytes, int64_t at) const {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(fd_, bytes.data() + done, bytes.size() - done, at + static_cast<int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", path_);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

void File::zero(int64_t from, int64_t to) {
  if (from >= to) return;
  if (::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to - from) == 0) return;
  if (errno != EOPNOTSUPP && errno != ENOSYS) fail("clear", path_);
  const std::vector<uint8_t> zeros(static_cast<size_t>(std::min<int64_t>(to - from, 65536)));
  for (int64_t at = from; at < to; at += static_cast<int64_t>(zeros.size())) {
    write(std::span(zeros).first(std::min(zeros.size(), static_cast<size_t>(to - at))), at);
  }
}

void File::sync_data() {
  if (::fdatasync(fd_) != 0) fail("sync", path_);
}

void File::sync_all() {
  if (::fsync(fd_) != 0) fail("sync", path_);
}

void File::sync_file_system() {
  if (::syncfs(fd_) != 0) fail("sync the file system of", path_);
}

void sync_folder(const std::filesystem::path& folder) {
  const auto opened = File::open(folder, O_RDONLY | O_DIRECTORY);
  if (!opened) fail("open", folder);
  opened->sync_all();
}

void replace_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::path draft = path;
  draft += ".new";
  {
    const auto file = File::open(draft, O_WRONLY | O_CREAT | O_TRUNC);
    file->write({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, 0);
    file->sync_data();
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) fail("rename", draft);
  sync_folder(path.parent_path());
}

}  // namespace gantry::store_file
