// The machine's own disk.
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "disk.hpp"

namespace gantry::store_file {
namespace {

constexpr int64_t page_bytes = 4096;

class Descriptor {
 public:
  Descriptor(int fd, Disk::Path path) : fd_(fd), path_(std::move(path)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(fd_); }

  int fd() const { return fd_; }
  const Disk::Path& path() const { return path_; }

 private:
  const int fd_;
  const Disk::Path path_;
};

int open_folder(const Disk::Path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail("open folder", path, errno);
  return fd;
}

class RealMapping final : public Mapping {
 public:
  RealMapping(const uint8_t* data, int64_t size, Disk::Path path)
      : Mapping(data, size), path_(std::move(path)) {}
  ~RealMapping() override {
    if (size_ > 0) ::munmap(const_cast<uint8_t*>(data_), static_cast<size_t>(size_));
  }

  bool resident(int64_t at, int64_t bytes) const override {
    constexpr int64_t at_once = 64;
    std::array<unsigned char, at_once> pages;
    const int64_t end = at + bytes;
    for (int64_t from = at - at % page_bytes; from < end; from += at_once * page_bytes) {
      const int64_t range = std::min(at_once * page_bytes, end - from);
      if (::mincore(address(from), static_cast<size_t>(range), pages.data()) != 0) return false;
      const auto count = (range + page_bytes - 1) / page_bytes;
      if (!std::all_of(pages.begin(), pages.begin() + count, [](auto p) { return p & 1; })) {
        return false;
      }
    }
    return true;
  }

  void load(int64_t at, int64_t bytes) const override {
    const int64_t from = at - at % page_bytes;
    const auto range = static_cast<size_t>(at + bytes - from);
    if (::madvise(address(from), range, MADV_POPULATE_READ) == 0) return;
    if (errno != EINVAL) {
      fail_at("read", static_cast<size_t>(bytes), at, path_, errno == EFAULT ? EIO : errno);
    }
    // Linux before 5.14: touching is all there is.
    for (int64_t page = from; page < at + bytes; page += page_bytes) {
      static_cast<void>(*static_cast<const volatile uint8_t*>(data_ + page));
    }
  }

 private:
  void* address(int64_t at) const { return const_cast<uint8_t*>(data_) + at; }

  const Disk::Path path_;
};

class RealFile final : public DiskFile {
 public:
  RealFile(int fd, const Disk::Path& path) : file_(fd, path) {}

  const Disk::Path& path() const override { return file_.path(); }

  int64_t size() const override {
    struct stat facts {};
    if (::fstat(file_.fd(), &facts) != 0) fail("stat", file_.path(), errno);
    return facts.st_size;
  }

  void resize(int64_t bytes) override {
    if (::ftruncate(file_.fd(), bytes) != 0) fail("resize", file_.path(), errno);
  }

  size_t read(std::span<uint8_t> bytes, int64_t at) const override {
    size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t got = ::pread(file_.fd(), bytes.data() + done, bytes.size() - done,
                                  at + static_cast<int64_t>(done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail_at("read", bytes.size(), at, path(), errno);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

  void write(std::span<const uint8_t> bytes, int64_t at) override {
    while (!bytes.empty()) {
      const ssize_t done = ::pwrite(file_.fd(), bytes.data(), bytes.size(), at);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) fail_at("write", bytes.size(), at, path(), done == 0 ? EIO : errno);
      bytes = bytes.subspan(static_cast<size_t>(done));
      at += done;
    }
  }

  void zero(int64_t from, int64_t to) override {
    constexpr int punch = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
    if (from >= to) return;
    if (::fallocate(file_.fd(), punch, from, to - from) == 0) return;
    if (errno != EOPNOTSUPP && errno != ENOSYS) fail("clear", file_.path(), errno);
    const std::vector<uint8_t> zeros(static_cast<size_t>(std::min<int64_t>(to - from, 65536)));
    for (int64_t at = from; at < to; at += static_cast<int64_t>(zeros.size())) {
      write(std::span(zeros).first(std::min(zeros.size(), static_cast<size_t>(to - at))), at);
    }
  }

  void sync() override {
    if (::fdatasync(file_.fd()) != 0) fail("sync", file_.path(), errno);
  }

  std::shared_ptr<const Mapping> map() const override {
    const int64_t bytes = size();
    if (bytes == 0) return std::make_shared<RealMapping>(nullptr, 0, file_.path());
    void* data = ::mmap(nullptr, static_cast<size_t>(bytes), PROT_READ, MAP_SHARED, file_.fd(), 0);
    if (data == MAP_FAILED) fail("map", file_.path(), errno);
    return std::make_shared<RealMapping>(static_cast<const uint8_t*>(data), bytes, file_.path());
  }

 private:
  const Descriptor file_;
};

// From Linux 5.8 on syncfs tells a descriptor of every failed write since it was opened: so it is
// kept. Before, it tells of none.
bool syncfs_tells_errors() {
  utsname system{};
  int major = 0;
  int minor = 0;
  if (::uname(&system) != 0) return false;
  if (std::sscanf(system.release, "%d.%d", &major, &minor) != 2) return false;
  return major > 5 || (major == 5 && minor >= 8);
}

// Those whose own syncfs is known to write everything and to hear of everything: one that lies on
// another file system (overlayfs, FUSE, NFS) may not.
bool syncfs_is_whole(int fd) {
  struct statfs facts {};
  if (::fstatfs(fd, &facts) != 0) return false;
  const auto type = static_cast<uint32_t>(facts.f_type);
  return type == EXT4_SUPER_MAGIC || type == XFS_SUPER_MAGIC || type == BTRFS_SUPER_MAGIC;
}

class RealVolume final : public Volume {
 public:
  explicit RealVolume(const Disk::Path& folder) : folder_(open_folder(folder), folder) {}

  bool is_whole() const { return syncfs_is_whole(folder_.fd()); }

  void sync() override {
    if (::syncfs(folder_.fd()) != 0) fail("sync the file system of", folder_.path(), errno);
  }

 private:
  const Descriptor folder_;
};

class RealDisk final : public Disk {
 public:
  std::shared_ptr<DiskFile> open(const Path& path, Open how) override {
    const int flags = how == Open::read ? O_RDONLY : how == Open::write ? O_RDWR : O_RDWR | O_CREAT;
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (fd >= 0) return std::make_shared<RealFile>(fd, path);
    if (errno == ENOENT && how != Open::create) return nullptr;
    fail("open", path, errno);
  }

  std::shared_ptr<Volume> volume(const Path& folder) override {
    static const bool tells_errors = syncfs_tells_errors();
    if (!tells_errors) return nullptr;
    auto out = std::make_shared<RealVolume>(folder);
    return out->is_whole() ? std::move(out) : nullptr;
  }

  std::optional<int64_t> size(const Path& path) const override {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) == 0) return facts.st_size;
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    fail("stat", path, errno);
  }

  std::vector<std::string> list(const Path& folder) const override {
    std::vector<std::string> names;
    DIR* const open = ::opendir(folder.c_str());
    if (!open && (errno == ENOENT || errno == ENOTDIR)) return names;
    if (!open) fail("list", folder, errno);
    const std::unique_ptr<DIR, int (*)(DIR*)> closed_at_end(open, ::closedir);
    for (;;) {
      errno = 0;
      const dirent* entry = ::readdir(open);
      if (!entry && errno != 0) fail("list", folder, errno);
      if (!entry) break;
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  void create_folders(const Path& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) fail("make folder", path, error.value());
  }

  void sync_folder(const Path& path) override {
    const Descriptor folder(open_folder(path), path);
    if (::fsync(folder.fd()) != 0) fail("sync", path, errno);
  }

  void rename(const Path& from, const Path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) fail("rename", from, errno);
  }

  bool remove(const Path& path) override {
    if (::remove(path.c_str()) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    fail("remove", path, errno);
  }
};

}  // namespace

Disk& real_disk() {
  static RealDisk disk;
  return disk;
}

}  // namespace gantry::store_file
