// Disk: the machine's files behind switches. It fails what the test says and can claim that nothing
// is in memory. Counts what was synced. Any thread.
#pragma once

#include <atomic>
#include <functional>

#include "commitlog/file.hpp"

namespace gantry::testing {

using namespace gantry::commitlog;

class Disk final : public FileSystem {
 public:
  std::atomic<bool> fail_writes{false};
  std::atomic<bool> fail_syncs{false};
  std::atomic<bool> fail_allocations{false};
  std::atomic<bool> cold{false};
  // This byte of every file can't be read, through a file or a map; -1: all can.
  std::atomic<int64_t> unreadable{-1};
  std::function<void()> before_store;  // inside an append, while it holds its lock
  std::function<void()> before_remove;
  std::atomic<int> syncs{0};
  std::atomic<int> loads{0};

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    auto file = real_.open(path, mode);
    if (!file) return file.error();
    return std::unique_ptr<File>(new DiskFile(*this, std::move(*file)));
  }
  Result<std::vector<FolderEntry>> list(const std::string& folder) override {
    return real_.list(folder);
  }
  ErrorCode make_folder(const std::string& folder) override { return real_.make_folder(folder); }
  ErrorCode sync_folder(const std::string& folder) override { return real_.sync_folder(folder); }
  ErrorCode rename(const std::string& from, const std::string& to) override {
    return real_.rename(from, to);
  }
  ErrorCode remove(const std::string& path) override {
    if (before_remove) before_remove();
    return real_.remove(path);
  }

 private:
  bool readable(uint64_t position, uint64_t size) const {
    const int64_t at = unreadable;
    return at < 0 || static_cast<uint64_t>(at) < position ||
           static_cast<uint64_t>(at) >= position + size;
  }
  static ErrorCode fault() { return make_error_code(boost::system::errc::io_error); }

  class DiskMapping final : public Mapping {
   public:
    DiskMapping(Disk& disk, std::unique_ptr<Mapping> real)
        : Mapping(const_cast<uint8_t*>(real->data()), real->size()),
          disk_(disk),
          real_(std::move(real)) {}
    void store(uint64_t position, std::span<const Bytes> parts) override {
      if (disk_.before_store) disk_.before_store();
      real_->store(position, parts);
    }
    bool resident(uint64_t position, uint64_t size) const override {
      return !disk_.cold && real_->resident(position, size);
    }
    ErrorCode load(uint64_t position, uint64_t size) const override {
      disk_.loads++;
      return disk_.readable(position, size) ? real_->load(position, size) : fault();
    }

   private:
    Disk& disk_;
    std::unique_ptr<Mapping> real_;
  };

  class DiskFile final : public File {
   public:
    DiskFile(Disk& disk, std::unique_ptr<File> real) : disk_(disk), real_(std::move(real)) {}
    Result<uint64_t> size() const override { return real_->size(); }
    ErrorCode read_at(uint64_t position, std::span<uint8_t> into) const override {
      return disk_.readable(position, into.size()) ? real_->read_at(position, into) : fault();
    }
    ErrorCode write_at(uint64_t position, Bytes bytes) override {
      return disk_.fail_writes ? fault() : real_->write_at(position, bytes);
    }
    ErrorCode allocate(uint64_t size) override {
      return disk_.fail_allocations ? fault() : real_->allocate(size);
    }
    ErrorCode zero(uint64_t position, uint64_t size) override {
      return real_->zero(position, size);
    }
    ErrorCode truncate(uint64_t size) override { return real_->truncate(size); }
    ErrorCode sync_data() override {
      disk_.syncs++;
      return disk_.fail_syncs ? fault() : real_->sync_data();
    }
    ErrorCode lock() override { return real_->lock(); }
    Result<std::unique_ptr<Mapping>> map(uint64_t size) override {
      auto mapping = real_->map(size);
      if (!mapping) return mapping.error();
      return std::unique_ptr<Mapping>(new DiskMapping(disk_, std::move(*mapping)));
    }

   private:
    Disk& disk_;
    std::unique_ptr<File> real_;
  };

  FileSystem& real_ = real_file_system();
};

}  // namespace gantry::testing
