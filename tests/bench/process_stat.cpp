#include "process_stat.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace gantry::bench {

Outcome<ThreadTimes> thread_times(pid_t process) {
  namespace fs = std::filesystem;
  const fs::path tasks = fmt::format("/proc/{}/task", process);
  std::error_code error;
  ThreadTimes times;
  for (const auto& task : fs::directory_iterator(tasks, error)) {
    uint64_t ns = 0;
    std::string name;
    // A thread may end between the listing and the reading.
    if (!(std::ifstream(task.path() / "schedstat") >> ns)) continue;
    std::getline(std::ifstream(task.path() / "comm"), name);
    times[name] += ns;
  }
  if (error) return fail(fmt::format("{}: {}", tasks.string(), error.message()));
  return times;
}

}  // namespace gantry::bench
