// verify: `gantry verify`. Reads a stopped node's folder, changes nothing in it, and says whether
// its log is whole, its queues are numbered without gaps, and what modules derived from the log is
// what the log says. Control thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace gantry::node {

struct VerifyOptions {
  std::filesystem::path folder;                 // RocketMQ's store root
  std::filesystem::path configuration = {};     // for its modules' settings; empty: defaults
  std::filesystem::path plugin_directory = {};  // empty: as configured
  bool log_only = false;                        // leaves the modules out
};

enum class Verdict : int { clean = 0, findings = 1, unchecked = 2 };

// `say` gets a line at a time: each finding as it is found, then the summary, or why the folder
// can't be checked.
Verdict verify(const VerifyOptions& options, const std::function<void(const std::string&)>& say);

}  // namespace gantry::node
