// SafeMode: what earlier processes died of, in `gantry/crashes` below the store root. After so many
// crashes in a row inside one instance, the next start leaves that instance out. Control thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "node/crash_report.hpp"

namespace gantry::node {

class SafeMode {
 public:
  // Takes the last process's report in, if there is one. crashes_max 0: nothing is ever left out.
  // Files that can't be read are as good as none: a start must not fail for them.
  static SafeMode load(const std::filesystem::path& root, int64_t crashes_max);

  // Instances to leave out, and why.
  const std::map<std::string, std::string>& left_out() const { return left_out_; }
  // The node stopped as it should: crashes so far were not in a row with those to come. What is left
  // out stays so until somebody removes the file.
  void stopped_well() const;

  static std::filesystem::path path_in(const std::filesystem::path& root);

 private:
  std::filesystem::path root_;
  std::map<std::string, std::string> left_out_;
};

}  // namespace gantry::node
