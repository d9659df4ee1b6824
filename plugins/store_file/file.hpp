// File: one open file or folder and the calls the index makes on it. Every failure is a Refusal
// that names the path. Owned by whoever holds the shared_ptr; closed with it. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace gantry::store_file {

// FAULT: "<what> <path>: <the system's reason>", with the reason of errno.
[[noreturn]] void fail(const char* what, const std::filesystem::path& path);

class File {
 public:
  // flags: of open(2). Null when the file is not there and O_CREAT wasn't asked for.
  static std::shared_ptr<File> open(const std::filesystem::path& path, int flags);
  File(int descriptor, std::filesystem::path path) : fd_(descriptor), path_(std::move(path)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  const std::filesystem::path& path() const { return path_; }
  int64_t size() const;
  void resize(int64_t bytes);
  void write(std::span<const uint8_t> bytes, int64_t at);
  // Fewer than asked only at the file's end.
  size_t read(std::span<uint8_t> bytes, int64_t at) const;
  // Makes [from, to) read as zeros, giving the space back where the file system can.
  void zero(int64_t from, int64_t to);
  void sync_data();
  void sync_all();  // with everything about the file: what a folder needs
  void sync_file_system();

 private:
  const int fd_;
  const std::filesystem::path path_;
};

// Makes names that were added to or removed from a folder durable.
void sync_folder(const std::filesystem::path& folder);

// Replaces a file whole: a crash leaves the old or the new text.
void replace_file(const std::filesystem::path& path, const std::string& text);

}  // namespace gantry::store_file
