#include "commitlog/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

namespace gantry::commitlog {
namespace {

constexpr uint64_t page_bytes = 4096;

ErrorCode last_error() {
  return {errno, boost::system::system_category()};
}
ErrorCode check(int result) {
  return result == 0 ? ErrorCode{} : last_error();
}

// The pages that hold [position, position + size).
struct Pages {
  uint64_t first;
  uint64_t bytes;
};
Pages pages_of(uint64_t position, uint64_t size) {
  const uint64_t first = position / page_bytes * page_bytes;
  return {first, position + size - first};
}

class RealMapping final : public Mapping {
 public:
  RealMapping(uint8_t* data, uint64_t size) : Mapping(data, size) {}
  ~RealMapping() override { ::munmap(data_, size_); }

  void store(uint64_t position, std::span<const Bytes> parts) override {
    uint8_t* to = data_ + position;
    for (Bytes part : parts) {
      if (!part.empty()) std::memcpy(to, part.data(), part.size());
      to += part.size();
    }
  }

  bool resident(uint64_t position, uint64_t size) const override {
    constexpr uint64_t at_once = 64;
    unsigned char pages[at_once];
    const Pages range = pages_of(position, size);
    for (uint64_t done = 0; done < range.bytes; done += at_once * page_bytes) {
      const uint64_t bytes = std::min(at_once * page_bytes, range.bytes - done);
      if (::mincore(data_ + range.first + done, bytes, pages) != 0) return false;
      const uint64_t count = (bytes + page_bytes - 1) / page_bytes;
      if (!std::all_of(pages, pages + count, [](unsigned char p) { return p & 1; })) return false;
    }
    return true;
  }

  ErrorCode load(uint64_t position, uint64_t size) const override {
    const Pages range = pages_of(position, size);
#ifdef MADV_POPULATE_READ
    if (::madvise(data_ + range.first, range.bytes, MADV_POPULATE_READ) == 0) return {};
    if (errno != EINVAL) return last_error();
#endif
    for (uint64_t done = 0; done < range.bytes; done += page_bytes)
      (void)*static_cast<volatile const uint8_t*>(data_ + range.first + done);
    return {};
  }
};

class RealFile final : public File {
 public:
  explicit RealFile(int descriptor) : descriptor_(descriptor) {}
  ~RealFile() override { ::close(descriptor_); }

  Result<uint64_t> size() const override {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) return last_error();
    return static_cast<uint64_t>(status.st_size);
  }

  ErrorCode read_at(uint64_t position, std::span<uint8_t> into) const override {
    while (!into.empty()) {
      const ssize_t got =
          ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(position));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return last_error();
      if (got == 0) return {EIO, boost::system::system_category()};  // the file is shorter
      into = into.subspan(static_cast<size_t>(got));
      position += static_cast<uint64_t>(got);
    }
    return {};
  }

  ErrorCode write_at(uint64_t position, Bytes bytes) override {
    while (!bytes.empty()) {
      const ssize_t put =
          ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(position));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return last_error();
      bytes = bytes.subspan(static_cast<size_t>(put));
      position += static_cast<uint64_t>(put);
    }
    return {};
  }

  ErrorCode allocate(uint64_t size) override {
    const auto length = static_cast<off_t>(size);
    if (::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, length) != 0 && errno != EOPNOTSUPP)
      return last_error();
    return truncate(size);  // at once: a crash leaves no file of a size between
  }

  // Without writing where the file system can: a whole segment behind a cut is a gigabyte.
  ErrorCode zero(uint64_t position, uint64_t size) override {
    if (size == 0) return {};
    for (int mode : {FALLOC_FL_ZERO_RANGE, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE}) {
      if (::fallocate(descriptor_, mode, static_cast<off_t>(position), static_cast<off_t>(size)) ==
          0)
        return {};
      if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL) return last_error();
    }
    static constexpr uint8_t zeros[1 << 16] = {};
    for (uint64_t done = 0; done < size; done += sizeof zeros) {
      const Bytes piece(zeros, std::min<uint64_t>(sizeof zeros, size - done));
      if (ErrorCode error = write_at(position + done, piece)) return error;
    }
    return {};
  }

  ErrorCode truncate(uint64_t size) override {
    return check(::ftruncate(descriptor_, static_cast<off_t>(size)));
  }
  ErrorCode sync_data() override { return check(::fdatasync(descriptor_)); }

  // Of the open file, not of the process: a second node in this process is refused too. It excludes
  // and is excluded by the process-wide record lock that RocketMQ takes.
  ErrorCode lock() override {
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    range.l_len = 1;
    return check(::fcntl(descriptor_, F_OFD_SETLK, &range));
  }

  Result<std::unique_ptr<Mapping>> map(uint64_t size) override {
    void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
    if (at == MAP_FAILED) return last_error();
    return std::unique_ptr<Mapping>(new RealMapping(static_cast<uint8_t*>(at), size));
  }

 private:
  int descriptor_;
};

class RealFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const int create = mode == OpenMode::create ? O_CREAT : 0;
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | create, 0644);
    if (descriptor < 0) return last_error();
    return std::unique_ptr<File>(new RealFile(descriptor));
  }

  Result<std::vector<FolderEntry>> list(const std::string& folder) override {
    std::vector<FolderEntry> entries;
    std::error_code error;
    std::filesystem::directory_iterator it(folder, error);
    for (; !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
      FolderEntry entry{it->path().filename().string(), 0, it->is_directory(error)};
      if (!error && !entry.folder) entry.size = it->file_size(error);
      if (error) break;
      entries.push_back(std::move(entry));
    }
    if (error) return ErrorCode(error.value(), boost::system::system_category());
    std::ranges::sort(entries, {}, &FolderEntry::name);
    return entries;
  }

  ErrorCode make_folder(const std::string& folder) override {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    return {error.value(), boost::system::system_category()};
  }

  ErrorCode sync_folder(const std::string& folder) override {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return last_error();
    const ErrorCode error = check(::fsync(descriptor));
    ::close(descriptor);
    return error;
  }

  ErrorCode rename(const std::string& from, const std::string& to) override {
    return check(::rename(from.c_str(), to.c_str()));
  }
  ErrorCode remove(const std::string& path) override { return check(::unlink(path.c_str())); }
};

}  // namespace

FileSystem& real_file_system() {
  static RealFileSystem file_system;
  return file_system;
}

}  // namespace gantry::commitlog
