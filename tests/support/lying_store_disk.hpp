// LyingStoreDisk: a LyingDisk behind store_file's disk interface. Borrows the disk. One thread.
#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store_file/disk.hpp"
#include "support/lying_disk.hpp"

namespace gantry::testing {

class LyingStoreDisk final : public store_file::Disk {
 public:
  explicit LyingStoreDisk(LyingDisk& disk) : disk_(disk) {}

  std::function<void(const Path&)> before_sync;  // of a file

  std::shared_ptr<store_file::DiskFile> open(const Path& path, store_file::Open how) override {
    LyingDisk::NodeRef node;
    const int error = disk_.open(path, how == store_file::Open::create, node);
    if (error == ENOENT && how != store_file::Open::create) return nullptr;
    check("open", path, error);
    return std::make_shared<File>(*this, std::move(node), path);
  }
  std::shared_ptr<store_file::Volume> volume(const Path& folder) override {
    return std::make_shared<Volume>(disk_, folder);
  }
  std::optional<int64_t> size(const Path& path) const override {
    LyingDisk::Entry entry;
    const int error = disk_.stat(path, entry);
    if (error == ENOENT || error == ENOTDIR) return std::nullopt;
    check("stat", path, error);
    return static_cast<int64_t>(entry.size);
  }
  std::vector<std::string> list(const Path& folder) const override {
    std::vector<LyingDisk::Entry> entries;
    const int error = disk_.list(folder, entries);
    if (error != ENOENT) check("list", folder, error);
    std::vector<std::string> names;
    for (LyingDisk::Entry& entry : entries) names.push_back(std::move(entry.name));
    return names;
  }
  void create_folders(const Path& path) override {
    check("make folder", path, disk_.make_folders(path));
  }
  void sync_folder(const Path& path) override { check("sync", path, disk_.sync_folder(path)); }
  void rename(const Path& from, const Path& to) override {
    check("rename", from, disk_.rename(from, to));
  }
  bool remove(const Path& path) override {
    const int error = disk_.remove(path);
    if (error == ENOENT) return false;
    check("remove", path, error);
    return true;
  }

 private:
  static void check(const char* what, const Path& path, int error) {
    if (error != 0) store_file::fail(what, path, error);
  }

  class Map;

  class File final : public store_file::DiskFile {
   public:
    File(LyingStoreDisk& owner, LyingDisk::NodeRef node, Path path)
        : owner_(owner), disk_(owner.disk_), node_(std::move(node)), path_(std::move(path)) {}

    const Path& path() const override { return path_; }
    int64_t size() const override { return static_cast<int64_t>(disk_.size(node_)); }
    void resize(int64_t bytes) override {
      check("resize", path_, disk_.resize(node_, static_cast<uint64_t>(bytes)));
    }
    size_t read(std::span<uint8_t> bytes, int64_t at) const override {
      size_t done = 0;
      for (size_t got = 1; done < bytes.size() && got > 0; done += got) {
        const auto rest = bytes.subspan(done);
        const int64_t from = at + static_cast<int64_t>(done);
        const int error = disk_.read(node_, static_cast<uint64_t>(from), rest, got);
        if (error != 0) store_file::fail_at("read", rest.size(), from, path_, error);
      }
      return done;
    }
    void write(std::span<const uint8_t> bytes, int64_t at) override {
      while (!bytes.empty()) {
        size_t put = 0;
        check("write", path_, disk_.write(node_, static_cast<uint64_t>(at), bytes, put));
        bytes = bytes.subspan(put);
        at += static_cast<int64_t>(put);
      }
    }
    void zero(int64_t from, int64_t to) override {
      if (from >= to) return;
      check("clear", path_,
            disk_.zero(node_, static_cast<uint64_t>(from), static_cast<uint64_t>(to - from)));
    }
    void sync() override {
      if (owner_.before_sync) owner_.before_sync(path_);
      check("sync", path_, disk_.sync(node_));
    }
    std::shared_ptr<const store_file::Mapping> map() const override {
      return std::make_shared<Map>(*this, disk_.memory(node_));
    }

   private:
    friend class Map;

    LyingStoreDisk& owner_;
    LyingDisk& disk_;
    const LyingDisk::NodeRef node_;
    const Path path_;
  };

  class Map final : public store_file::Mapping {
   public:
    Map(const File& file, std::shared_ptr<uint8_t[]> memory)
        : Mapping(memory.get(), file.size()),
          disk_(file.disk_),
          node_(file.node_),
          path_(file.path_),
          memory_(std::move(memory)) {}
    bool resident(int64_t at, int64_t bytes) const override {
      return disk_.resident(node_, static_cast<uint64_t>(at), static_cast<uint64_t>(bytes));
    }
    void load(int64_t at, int64_t bytes) const override {
      const int error = disk_.load(node_, static_cast<uint64_t>(at), static_cast<uint64_t>(bytes));
      if (error != 0) store_file::fail_at("read", static_cast<size_t>(bytes), at, path_, error);
    }

   private:
    LyingDisk& disk_;
    const LyingDisk::NodeRef node_;
    const Path path_;
    const std::shared_ptr<uint8_t[]> memory_;
  };

  class Volume final : public store_file::Volume {
   public:
    Volume(LyingDisk& disk, Path folder) : disk_(disk), folder_(std::move(folder)) {}
    void sync() override { check("sync the file system of", folder_, disk_.sync_all()); }

   private:
    LyingDisk& disk_;
    const Path folder_;
  };

  LyingDisk& disk_;
};

}  // namespace gantry::testing
