#include "faulty_disk.hpp"

#include <cerrno>
#include <fstream>
#include <functional>
#include <iterator>

namespace gantry::testing {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class FaultyMapping final : public store_file::Mapping {
 public:
  FaultyMapping(FaultyDisk& disk, std::shared_ptr<const Mapping> real, fs::path path)
      : Mapping(real->data(), real->size()),
        disk_(disk),
        real_(std::move(real)),
        path_(std::move(path)) {}
  bool resident(int64_t at, int64_t bytes) const override { return real_->resident(at, bytes); }
  void load(int64_t at, int64_t bytes) const override {
    disk_.before_read(static_cast<size_t>(bytes), at, path_);
    real_->load(at, bytes);
  }

 private:
  FaultyDisk& disk_;
  const std::shared_ptr<const Mapping> real_;
  const fs::path path_;
};

class FaultyFile final : public store_file::DiskFile {
 public:
  FaultyFile(FaultyDisk& disk, std::shared_ptr<DiskFile> real, fs::path path)
      : disk_(disk), real_(std::move(real)), path_(std::move(path)) {}

  const fs::path& path() const override { return path_; }
  int64_t size() const override { return real_->size(); }
  size_t read(std::span<uint8_t> bytes, int64_t at) const override {
    disk_.before_read(bytes.size(), at, path_);
    return real_->read(bytes, at);
  }
  std::shared_ptr<const store_file::Mapping> map() const override {
    return std::make_shared<FaultyMapping>(disk_, real_->map(), path_);
  }

  void resize(int64_t bytes) override {
    disk_.enter("resize", path_);
    disk_.before_write(path_);
    real_->resize(bytes);
  }
  void write(std::span<const uint8_t> bytes, int64_t at) override {
    disk_.before_write(path_);
    try {
      disk_.enter("write", path_);
    } catch (...) {
      if (!disk_.power_is_off()) real_->write(bytes.first(bytes.size() / 2), at);
      throw;
    }
    real_->write(bytes, at);
  }
  void zero(int64_t from, int64_t to) override {
    disk_.enter("clear", path_);
    disk_.before_write(path_);
    real_->zero(from, to);
  }
  void sync() override { disk_.sync_file(path_); }

 private:
  FaultyDisk& disk_;
  const std::shared_ptr<DiskFile> real_;
  const fs::path path_;
};

class FaultyVolume final : public store_file::Volume {
 public:
  FaultyVolume(FaultyDisk& disk, fs::path folder) : disk_(disk), folder_(std::move(folder)) {}
  void sync() override { disk_.sync_volume(folder_); }

 private:
  FaultyDisk& disk_;
  const fs::path folder_;
};

}  // namespace

void FaultyDisk::enter(const char* what, const Path& path) {
  ++calls_;
  if (cut_at_ != 0 && calls_ >= cut_at_ && !off_) cut_power();
  if (!off_ && calls_ != fail_at_) return;
  failed_ = true;
  store_file::fail(what, path, EIO);
}

void FaultyDisk::before_read(size_t bytes, int64_t at, const Path& path) {
  if (++reads_ != read_fails_at_) return;
  failed_ = true;
  store_file::fail_at("read", bytes, at, path, EIO);
}

void FaultyDisk::cut_power() {
  off_ = true;
  drop([](const Undo&) { return true; });
}

void FaultyDisk::power_on() {
  off_ = failed_ = false;
  fail_at_ = cut_at_ = read_fails_at_ = 0;
}

void FaultyDisk::note(const Path& path, bool name) {
  Undo undo{path, name, std::nullopt};
  undo.folder = fs::is_directory(path);
  if (!undo.folder && fs::exists(path)) undo.bytes = content_of(path);
  undo_.push_front(std::move(undo));
}

void FaultyDisk::before_write(const Path& path) {
  if (!off_) note(path, false);
}

void FaultyDisk::keep(const std::function<bool(const Undo&)>& done) {
  undo_.remove_if(done);
}

void FaultyDisk::drop(const std::function<bool(const Undo&)>& lost) {
  for (auto undo = undo_.begin(); undo != undo_.end();) {
    if (!lost(*undo)) {
      ++undo;
      continue;
    }
    if (undo->folder) {
      fs::create_directory(undo->path);
    } else if (!undo->bytes) {
      fs::remove_all(undo->path);
    } else if (fs::exists(undo->path.parent_path()) && (undo->name || fs::exists(undo->path))) {
      // In place: maps and descriptors of the file see it, as they would.
      std::ofstream(undo->path, std::ios::binary | std::ios::in | std::ios::out);
      std::fstream file(undo->path, std::ios::binary | std::ios::in | std::ios::out);
      if (!file) file.open(undo->path, std::ios::binary | std::ios::out);
      file << *undo->bytes;
      file.close();
      fs::resize_file(undo->path, undo->bytes->size());
    }
    undo = undo_.erase(undo);
  }
}

// What is in the page cache survives all that a test does: no sync needs to be a real one.
void FaultyDisk::sync_file(const Path& path) {
  const auto of_file = [&](const Undo& undo) { return !undo.name && undo.path == path; };
  try {
    enter("sync", path);
  } catch (...) {
    if (!off_) drop(of_file);
    throw;
  }
  ++syncs_[path.string()];
  keep(of_file);
}

FaultyDisk::Path FaultyDisk::mount_of(const Path& path) const {
  for (const Path& mount : mounts) {
    if (path == mount || path.string().starts_with(mount.string() + "/")) return mount;
  }
  return {};
}

void FaultyDisk::sync_volume(const Path& folder) {
  const auto of_volume = [&](const Undo& undo) {
    return mount_of(undo.name ? undo.path.parent_path() : undo.path) == mount_of(folder);
  };
  try {
    enter("sync the file system of", folder);
  } catch (...) {
    if (!off_) drop(of_volume);
    throw;
  }
  keep(of_volume);
}

std::shared_ptr<store_file::DiskFile> FaultyDisk::open(const Path& path, Open how) {
  if (how == Open::create && !fs::exists(path)) {
    enter("open", path);
    note(path, true);
  }
  auto real = real_.open(path, how);
  if (!real) return nullptr;
  return std::make_shared<FaultyFile>(*this, std::move(real), path);
}

std::shared_ptr<store_file::Volume> FaultyDisk::volume(const Path& folder) {
  if (!has_volumes) return nullptr;
  return std::make_shared<FaultyVolume>(*this, folder);
}

void FaultyDisk::create_folders(const Path& path) {
  if (fs::exists(path)) return;
  create_folders(path.parent_path());
  enter("make folder", path);
  note(path, true);
  real_.create_folders(path);
}

void FaultyDisk::sync_folder(const Path& path) {
  const auto of_folder = [&](const Undo& undo) {
    return undo.name && undo.path.parent_path() == path;
  };
  try {
    enter("sync", path);
  } catch (...) {
    if (!off_) drop(of_folder);
    throw;
  }
  ++syncs_[path.string()];
  keep(of_folder);
}

void FaultyDisk::rename(const Path& from, const Path& to) {
  enter("rename", from);
  note(from, true);
  note(to, true);
  undo_.remove_if([&](const Undo& undo) { return !undo.name && undo.path == to; });
  for (Undo& undo : undo_) {
    if (!undo.name && undo.path == from) undo.path = to;  // not synced: the name doesn't help it
  }
  real_.rename(from, to);
}

bool FaultyDisk::remove(const Path& path) {
  if (!fs::exists(path)) return false;
  enter("remove", path);
  note(path, true);
  undo_.remove_if([&](const Undo& undo) { return !undo.name && undo.path == path; });
  return real_.remove(path);
}

}  // namespace gantry::testing
