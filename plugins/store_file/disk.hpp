// Disk: every disk call of the index goes through here, so a test can put a disk that fails or
// forgets in its place. real_disk() is the machine's own and lives as long as the process.
//
// A call that fails throws Refusal(FAULT) with what was tried, the path, for reads and writes the
// place, and the system's reason; it may have had part of its effect. Looking at a map can't fail:
// who wants an error where the disk has none to give calls load() first. What is not synced may
// survive a crash in part, in any order. A sync that failed says nothing about what is on the
// device, nor does a later one of the same file: it must be written anew. Any thread; a File and
// its Mapping may be used by several at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gantry::store_file {

// FAULT: "<what> <path>: <what errno's value `error` means>".
[[noreturn]] void fail(const char* what, const std::filesystem::path& path, int error);
// FAULT: "<what> <bytes> bytes at <at> of <path>: <why>".
[[noreturn]] void fail_at(const char* what, size_t bytes, int64_t at,
                          const std::filesystem::path& path, int error);

// Mapping: a file's bytes as memory, for reading; what is written to the file later shows. Unmapped
// by the destructor; outlives its DiskFile and the file's name. The file keeps its size meanwhile.
class Mapping {
 public:
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  virtual ~Mapping() = default;

  const uint8_t* data() const { return data_; }
  int64_t size() const { return size_; }
  // Is the range in memory, so that looking at it does not wait for the disk?
  virtual bool resident(int64_t at, int64_t bytes) const = 0;
  // Brings the range into memory; a range that can't be read is an error here, not a signal later.
  virtual void load(int64_t at, int64_t bytes) const = 0;

 protected:
  Mapping(const uint8_t* data, int64_t size) : data_(data), size_(size) {}

  const uint8_t* data_;
  const int64_t size_;
};

// DiskFile: an open file. Closed by the destructor.
class DiskFile {
 public:
  DiskFile() = default;
  DiskFile(const DiskFile&) = delete;
  DiskFile& operator=(const DiskFile&) = delete;
  virtual ~DiskFile() = default;

  virtual const std::filesystem::path& path() const = 0;
  virtual int64_t size() const = 0;
  virtual void resize(int64_t bytes) = 0;  // what is added reads as zeros
  virtual size_t read(std::span<uint8_t> bytes, int64_t at) const = 0;  // fewer only at the end
  virtual void write(std::span<const uint8_t> bytes, int64_t at) = 0;   // all of them
  virtual void zero(int64_t from, int64_t to) = 0;                      // [from, to) reads as zeros
  virtual void sync() = 0;                                 // data and size are on the device
  virtual std::shared_ptr<const Mapping> map() const = 0;  // all of it

  // All of them: a file that ends before that is an error like any other.
  void read_all(std::span<uint8_t> bytes, int64_t at) const;
  // The file as text, of which more than `most` bytes are of no interest.
  std::string read_text(size_t most) const;
};

// Volume: the file system that a folder lies in, watched from when it was asked for: sync() makes
// everything written to it durable, names too, and fails if any of that was lost meanwhile.
class Volume {
 public:
  virtual ~Volume() = default;
  virtual void sync() = 0;
};

enum class Open {
  read,    // to read; null when there is none
  write,   // to read and write; null when there is none
  create,  // to read and write; made when there is none
};

class Disk {
 public:
  using Path = std::filesystem::path;

  virtual ~Disk() = default;

  virtual std::shared_ptr<DiskFile> open(const Path& path, Open how) = 0;
  // Null where syncing a file system says less than syncing each of its files does.
  virtual std::shared_ptr<Volume> volume(const Path& folder) = 0;
  virtual std::optional<int64_t> size(const Path& path) const = 0;  // nothing when there is no file
  // Names in it, sorted; none when there is no such folder.
  virtual std::vector<std::string> list(const Path& folder) const = 0;
  virtual void create_folders(const Path& path) = 0;          // with its parents; may be there
  virtual void sync_folder(const Path& path) = 0;             // the names in it are on the device
  virtual void rename(const Path& from, const Path& to) = 0;  // replaces `to`
  // A file or an empty folder; nothing happens when there is none. Says whether there was one.
  virtual bool remove(const Path& path) = 0;

  bool exists(const Path& path) const { return size(path).has_value(); }
  // Replaces a file whole, through <path>.new: a crash leaves the old or the new bytes, durable
  // when this returns.
  void replace(const Path& path, std::span<const uint8_t> bytes);
  void replace(const Path& path, const std::string& text);
};

Disk& real_disk();

}  // namespace gantry::store_file
