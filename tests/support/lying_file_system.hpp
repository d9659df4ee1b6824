// LyingFileSystem: a LyingDisk as the log's file layer. Borrows the disk, which outlives everything
// opened here. One thread.
#pragma once

#include "commitlog/file.hpp"
#include "support/lying_disk.hpp"

namespace gantry::testing {

class LyingFileSystem final : public commitlog::FileSystem {
 public:
  explicit LyingFileSystem(LyingDisk& disk) : disk_(disk) {}

  Result<std::unique_ptr<commitlog::File>> open(const std::string& path,
                                                commitlog::OpenMode mode) override;
  Result<std::vector<commitlog::FolderEntry>> list(const std::string& folder) override;
  ErrorCode make_folder(const std::string& folder) override;
  ErrorCode sync_folder(const std::string& folder) override;
  ErrorCode rename(const std::string& from, const std::string& to) override;
  ErrorCode remove(const std::string& path) override;

 private:
  LyingDisk& disk_;
};

}  // namespace gantry::testing
