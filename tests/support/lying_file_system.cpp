#include "support/lying_file_system.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace gantry::testing {
namespace {

using commitlog::File;
using commitlog::FolderEntry;
using commitlog::Mapping;

ErrorCode code(int error) {
  return {error, boost::system::system_category()};
}

class LyingMapping final : public Mapping {
 public:
  LyingMapping(LyingDisk& disk, LyingDisk::NodeRef file, std::shared_ptr<uint8_t[]> memory,
               uint64_t size)
      : Mapping(memory.get(), size),
        disk_(disk),
        file_(std::move(file)),
        memory_(std::move(memory)) {}

  void store(uint64_t position, std::span<const Bytes> parts) override {
    for (Bytes part : parts) {
      if (!part.empty()) disk_.store(file_, position, part);
      position += part.size();
    }
  }
  bool resident(uint64_t position, uint64_t size) const override {
    return disk_.resident(file_, position, size);
  }
  ErrorCode load(uint64_t position, uint64_t size) const override {
    return code(disk_.load(file_, position, size));
  }

 private:
  LyingDisk& disk_;
  const LyingDisk::NodeRef file_;
  const std::shared_ptr<uint8_t[]> memory_;  // kept beyond a power cut
};

class LyingFile final : public File {
 public:
  LyingFile(LyingDisk& disk, LyingDisk::NodeRef file) : disk_(disk), file_(std::move(file)) {}
  ~LyingFile() override { disk_.unlock(file_, this); }

  Result<uint64_t> size() const override { return disk_.size(file_); }
  ErrorCode read_at(uint64_t position, std::span<uint8_t> into) const override {
    while (!into.empty()) {
      size_t got = 0;
      if (int error = disk_.read(file_, position, into, got)) return code(error);
      if (got == 0) return code(EIO);
      into = into.subspan(got);
      position += got;
    }
    return {};
  }
  ErrorCode write_at(uint64_t position, Bytes bytes) override {
    while (!bytes.empty()) {
      size_t put = 0;
      if (int error = disk_.write(file_, position, bytes, put)) return code(error);
      position += put;
      bytes = bytes.subspan(put);
    }
    return {};
  }
  ErrorCode allocate(uint64_t size) override { return code(disk_.resize(file_, size)); }
  ErrorCode zero(uint64_t position, uint64_t size) override {
    return size == 0 ? ErrorCode{} : code(disk_.zero(file_, position, size));
  }
  ErrorCode truncate(uint64_t size) override { return code(disk_.resize(file_, size)); }
  ErrorCode sync_data() override { return code(disk_.sync(file_)); }
  ErrorCode lock() override { return code(disk_.lock(file_, this)); }
  Result<std::unique_ptr<Mapping>> map(uint64_t size) override {
    if (disk_.off()) return code(EIO);
    if (size > disk_.size(file_)) return code(EINVAL);
    return std::unique_ptr<Mapping>(new LyingMapping(disk_, file_, disk_.memory(file_), size));
  }

 private:
  LyingDisk& disk_;
  const LyingDisk::NodeRef file_;
};

}  // namespace

Result<std::unique_ptr<File>> LyingFileSystem::open(const std::string& path,
                                                    commitlog::OpenMode mode) {
  LyingDisk::NodeRef file;
  if (int error = disk_.open(path, mode == commitlog::OpenMode::create, file)) return code(error);
  return std::unique_ptr<File>(new LyingFile(disk_, std::move(file)));
}

Result<std::vector<FolderEntry>> LyingFileSystem::list(const std::string& folder) {
  std::vector<LyingDisk::Entry> found;
  if (int error = disk_.list(folder, found)) return code(error);
  std::vector<FolderEntry> entries;
  for (LyingDisk::Entry& entry : found)
    entries.push_back({std::move(entry.name), entry.size, entry.folder});
  return entries;
}

ErrorCode LyingFileSystem::make_folder(const std::string& folder) {
  return code(disk_.make_folders(folder));
}
ErrorCode LyingFileSystem::sync_folder(const std::string& folder) {
  return code(disk_.sync_folder(folder));
}
ErrorCode LyingFileSystem::rename(const std::string& from, const std::string& to) {
  return code(disk_.rename(from, to));
}
ErrorCode LyingFileSystem::remove(const std::string& path) {
  return code(disk_.remove(path));
}

}  // namespace gantry::testing
