// FaultyDisk: the real disk with a fault to order. The n-th changing call from now on fails, or the
// power goes at it: then everything that was not synced is undone, and every later call fails. A
// sync that fails drops what it should have made durable, as Linux does. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store_file/disk.hpp"

namespace gantry::testing {

class FaultyDisk : public store_file::Disk {
 public:
  using Path = std::filesystem::path;
  using Open = store_file::Open;

  // 1 is the next one; 0 is none.
  void fail_call(int64_t number) { fail_at_ = number > 0 ? calls_ + number : 0; }
  void cut_power_at(int64_t number) { cut_at_ = number > 0 ? calls_ + number : 0; }
  // Counts reads of files and loads of maps, which change nothing, for themselves; once.
  void fail_read(int64_t number) { read_fails_at_ = number > 0 ? reads_ + number : 0; }
  bool failed() const { return failed_; }  // since fail_call or power_on
  bool power_is_off() const { return off_; }
  // Now: what was not synced is gone.
  void cut_power();
  void power_on();
  // These folders lie on file systems of their own. With has_volumes false a whole one can't be
  // synced.
  std::vector<Path> mounts;
  bool has_volumes = true;
  int64_t calls() const { return calls_; }
  std::map<std::string, int64_t>& syncs() { return syncs_; }  // by path, those that worked

  std::shared_ptr<store_file::DiskFile> open(const Path& path, Open how) override;
  std::shared_ptr<store_file::Volume> volume(const Path& folder) override;
  std::optional<int64_t> size(const Path& path) const override { return real_.size(path); }
  std::vector<std::string> list(const Path& folder) const override { return real_.list(folder); }
  void create_folders(const Path& path) override;
  void sync_folder(const Path& path) override;
  void rename(const Path& from, const Path& to) override;
  bool remove(const Path& path) override;

  // For its files and volumes.
  void enter(const char* what, const Path& path);  // counts; throws when this call fails
  void before_write(const Path& path);
  void before_read(size_t bytes, int64_t at, const Path& path);
  void sync_file(const Path& path);
  void sync_volume(const Path& folder);

 private:
  // How a path was before; the newest first.
  struct Undo {
    Path path;
    bool name;  // waits for a sync of its folder, else for one of the file
    std::optional<std::string> bytes;
    bool folder = false;
  };

  Path mount_of(const Path& path) const;
  void note(const Path& path, bool name);
  void keep(const std::function<bool(const Undo&)>& done);
  void drop(const std::function<bool(const Undo&)>& lost);

  store_file::Disk& real_ = store_file::real_disk();
  std::list<Undo> undo_;
  std::map<std::string, int64_t> syncs_;
  int64_t calls_ = 0;
  int64_t fail_at_ = 0;
  int64_t cut_at_ = 0;
  int64_t reads_ = 0;
  int64_t read_fails_at_ = 0;
  bool failed_ = false;
  bool off_ = false;
};

}  // namespace gantry::testing
