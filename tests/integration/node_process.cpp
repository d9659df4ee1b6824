#include "node_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace gantry::integration {
namespace {

using std::chrono::steady_clock;

void check(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

pid_t spawn(const std::string& program, const std::string& file, int output) {
  posix_spawn_file_actions_t actions;
  check(posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init");
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  const char* const arguments[] = {program.c_str(), "run", file.c_str(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, nullptr,
                                const_cast<char* const*>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  check(error, program.c_str());
  return pid;
}

}  // namespace

NodeProcess::~NodeProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  forget_pipe();
}

void NodeProcess::start(const Shape& shape) {
  said_.clear();
  forget_pipe();
  std::ofstream(configuration_file()) << configuration(shape, data_dir());
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) check(errno, "pipe2");
  pipe_ = ends[0];
  pid_ = spawn(GANTRY_PROGRAM, configuration_file().string(), ends[1]);
  ::close(ends[1]);
}

bool NodeProcess::hear(steady_clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
  pollfd wanted{pipe_, POLLIN, 0};
  if (::poll(&wanted, 1, std::max(0, static_cast<int>(left.count()))) <= 0) return false;
  std::array<char, 16 * 1024> chunk;
  const ssize_t size = ::read(pipe_, chunk.data(), chunk.size());
  if (size <= 0) return false;
  said_.append(chunk.data(), static_cast<size_t>(size));
  return true;
}

bool NodeProcess::says(std::string_view words) {
  const auto deadline = steady_clock::now() + process_timeout;
  while (said_.find(words) == std::string::npos) {
    if (!hear(deadline)) return false;
  }
  return true;
}

void NodeProcess::terminate() { ::kill(pid_, SIGTERM); }

NodeProcess::End NodeProcess::end() {
  const auto deadline = steady_clock::now() + process_timeout;
  while (hear(deadline)) {
  }
  if (steady_clock::now() >= deadline) return {};
  int status = 0;
  ::waitpid(pid_, &status, 0);  // it has closed its end of the pipe: it is gone
  pid_ = 0;
  if (WIFSIGNALED(status)) return {-1, WTERMSIG(status)};
  return {WEXITSTATUS(status), -1};
}

std::string NodeProcess::address(const std::string& door) const {
  const std::string before = "door " + door + " on ";
  const size_t at = said_.find(before);
  if (at == std::string::npos) throw std::invalid_argument("the node has no door " + door);
  const size_t from = at + before.size();
  return said_.substr(from, said_.find(',', from) - from);
}

void NodeProcess::forget_pipe() {
  if (pipe_ >= 0) ::close(pipe_);
  pipe_ = -1;
}

}  // namespace gantry::integration
