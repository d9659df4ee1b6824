// The file layer: every disk call of the log goes through these interfaces, so a test can put a
// disk that fails, shortens or forgets in their place. real_file_system() is the machine's own.
// A File and its Mapping may be used by several threads at once; a Mapping outlives its File.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.hpp"
#include "base/result.hpp"

namespace gantry::commitlog {

// Mapping: a whole file as shared memory. Bytes are read through data(); they are written through
// store() only, never through a pointer. Unmapped by the destructor.
class Mapping {
 public:
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  virtual ~Mapping() = default;

  const uint8_t* data() const { return data_; }
  uint64_t size() const { return size_; }

  // Copies the parts one behind the other.
  virtual void store(uint64_t position, std::span<const Bytes> parts) = 0;
  virtual bool resident(uint64_t position, uint64_t size) const = 0;
  // Brings the range into memory; blocks.
  virtual ErrorCode load(uint64_t position, uint64_t size) const = 0;

 protected:
  Mapping(uint8_t* data, uint64_t size) : data_(data), size_(size) {}

  uint8_t* data_;
  uint64_t size_;
};

// File: an open file. Closed by the destructor.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  virtual Result<uint64_t> size() const = 0;
  virtual ErrorCode read_at(uint64_t position, std::span<uint8_t> into) const = 0;  // all or error
  virtual ErrorCode write_at(uint64_t position, Bytes bytes) = 0;                   // all or error
  virtual ErrorCode allocate(uint64_t size) = 0;  // blocks for [0, size); the file gets that size
  virtual ErrorCode zero(uint64_t position, uint64_t size) = 0;  // the range reads as zeros
  virtual ErrorCode truncate(uint64_t size) = 0;
  virtual ErrorCode sync_data() = 0;  // what was written or stored is on the device
  virtual ErrorCode lock() = 0;       // byte 0, exclusive, without waiting; held until close
  virtual Result<std::unique_ptr<Mapping>> map(uint64_t size) = 0;
};

enum class OpenMode {
  existing,  // fails when there is none
  create,    // makes it when there is none
};

struct FolderEntry {
  std::string name;
  uint64_t size = 0;
  bool folder = false;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Result<std::vector<FolderEntry>> list(const std::string& folder) = 0;  // sorted by name
  virtual ErrorCode make_folder(const std::string& folder) = 0;  // with its parents; may exist
  virtual ErrorCode sync_folder(const std::string& folder) = 0;
  virtual ErrorCode rename(const std::string& from, const std::string& to) = 0;  // replaces `to`
  virtual ErrorCode remove(const std::string& path) = 0;
};

FileSystem& real_file_system();

}  // namespace gantry::commitlog
