// NodeProcess: `gantry run` as a program of its own, for what a node in the test's process can't show:
// its end, and what it tells its operator. Owned and used by one thread. What it says is read as it
// comes, so a case can wait for a sentence; every wait ends after process_timeout.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "folder.hpp"
#include "test_node.hpp"

namespace gantry::integration {

inline constexpr std::chrono::seconds process_timeout{20};

class NodeProcess {
 public:
  NodeProcess() = default;
  ~NodeProcess();  // kills what still runs
  NodeProcess(const NodeProcess&) = delete;
  NodeProcess& operator=(const NodeProcess&) = delete;

  // On the data folder of before, if it has been started before. Returns at once.
  void start(const Shape& shape);
  // Waits for these words; false: it ended without them, or the time was up.
  bool says(std::string_view words);
  // What came meanwhile is in said(), too; doesn't wait. False: nothing came.
  bool heard() { return hear(std::chrono::steady_clock::now()); }
  // Waits until it serves; false: it ended instead.
  bool is_ready() { return says(" is ready after "); }
  void terminate();  // SIGTERM, without a wait

  // How it ended, once it did: by itself with a code, or by a signal. Both -1: the time was up.
  struct End {
    int code = -1;
    int signal = -1;
  };
  End end();
  End stop() {
    terminate();
    return end();
  }

  // All it said since start().
  const std::string& said() const { return said_; }
  // Throws if it said nothing of such a door.
  std::string address(const std::string& door) const;
  std::filesystem::path data_dir() const { return folder_.path() / "data"; }
  std::filesystem::path configuration_file() const { return folder_.path() / "node.toml"; }

 private:
  // Takes what comes before the deadline; false at its end, or if nothing did.
  bool hear(std::chrono::steady_clock::time_point deadline);
  void forget_pipe();

  Folder folder_;
  pid_t pid_ = 0;
  int pipe_ = -1;
  std::string said_;
};

}  // namespace gantry::integration
