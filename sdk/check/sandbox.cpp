#include "check/sandbox.hpp"

#include <fcntl.h>
#include <poll.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cpp/fake/library.hpp"

namespace gantry::sdk::check {
namespace {

using Clock = std::chrono::steady_clock;

// What the child says, a line each: a letter and a text. P, S or F is its last word.
constexpr char passed = 'P';
constexpr char skipped = 'S';
constexpr char failed = 'F';
constexpr char warned = 'W';
constexpr char found_module = 'M';

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {
    if (fd < 0) throw std::runtime_error(std::string("no descriptor left: ") + strerror(errno));
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(fd_); }
  int get() const { return fd_; }

 private:
  const int fd_;
};

// A folder for the files of one case; the parent removes it, whatever became of the child.
class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "gantry-check-XXXXXX").string()) {
    if (!mkdtemp(path_.data())) throw std::runtime_error("cannot make the folder " + path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void say(int to, char what, std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\0', ' ');
  const std::string line = what + text + '\n';
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t now = write(to, line.data() + sent, line.size() - sent);
    if (now < 0 && errno != EINTR) _exit(EXIT_FAILURE);  // the parent is gone
    sent += now < 0 ? 0 : static_cast<size_t>(now);
  }
}

void confine(const std::string& folder, bool shows_output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  setenv("TMPDIR", folder.c_str(), 1);
  const int nowhere = open("/dev/null", O_RDWR);
  dup2(nowhere, STDIN_FILENO);
  dup2(shows_output ? STDERR_FILENO : nowhere, STDOUT_FILENO);
  if (!shows_output) dup2(nowhere, STDERR_FILENO);
}

const gantry_module* find_module(const gantry_plugin& plugin, const std::string& name) {
  for (uint32_t i = 0; i < plugin.module_count; ++i)
    if (name == plugin.modules[i]->name) return plugin.modules[i];
  throw Failed("the library has lost its module " + name);
}

// Never returns, and unwinds nothing of the parent.
[[noreturn]] void be_child(const Case& asked, Subject subject, const std::string& module, int to) {
  char last = passed;
  std::string text;
  try {
    std::unique_ptr<fake::Library> library;
    if (!module.empty()) {
      library = std::make_unique<fake::Library>(subject.path);
      subject.plugin = &library->plugin();
      subject.module = find_module(*subject.plugin, module);
    }
    asked.run(subject);
    static_cast<void>(library.release());  // it ends with the process
  } catch (const Skipped& why) {
    last = skipped;
    text = why.what();
  } catch (const std::exception& why) {
    last = failed;
    text = why.what();
  } catch (...) {
    last = failed;
    text = "something that is no std::exception was thrown";
  }
  for (const std::string& one : subject.modules) say(to, found_module, one);
  for (const std::string& one : subject.warnings) say(to, warned, one);
  say(to, last, text);
  _exit(EXIT_SUCCESS);
}

bool read_some(int from, std::string& into) {
  char bytes[4096];
  const ssize_t size = read(from, bytes, sizeof bytes);
  if (size > 0) into.append(bytes, static_cast<size_t>(size));
  return size > 0;
}

// Reads until the child has ended; false when it took too long.
bool listen(int pid_fd, int from, int timeout_ms, std::string& said) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  pollfd watched[] = {{from, POLLIN, 0}, {pid_fd, POLLIN, 0}};
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    if (poll(watched, 2, static_cast<int>(left) + 1) < 0 && errno != EINTR) return false;
    if (watched[0].revents && !read_some(from, said)) watched[0].fd = -1;
    if (watched[1].revents) break;
  }
  while (read_some(from, said)) {
  }
  return true;
}

void understand(const std::string& said, Result& result, std::vector<std::string>* modules,
                bool& finished) {
  std::string warnings;
  for (size_t at = 0, end; (end = said.find('\n', at)) != said.npos; at = end + 1) {
    const std::string text = said.substr(at + 1, end - at - 1);
    switch (said[at]) {
      case found_module:
        if (modules) modules->push_back(text);
        break;
      case warned:
        warnings += (warnings.empty() ? "" : "; ") + text;
        break;
      case passed:
        finished = true;
        break;
      case skipped:
      case failed:
        finished = true;
        result.outcome = said[at] == skipped ? Outcome::skipped : Outcome::failed;
        result.text = text;
        break;
      default:
        break;
    }
  }
  if (result.outcome == Outcome::passed && !warnings.empty()) {
    result.outcome = Outcome::warning;
    result.text = warnings;
  }
}

void judge_end(int status, bool finished, Result& result) {
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    result.outcome = Outcome::crashed;
    result.text = std::string("SIG") + (name ? name : "?") + ": " + strsignal(WTERMSIG(status));
  } else if (!finished || WEXITSTATUS(status) != EXIT_SUCCESS) {
    result.outcome = Outcome::crashed;
    result.text = "the process ended with exit code " + std::to_string(WEXITSTATUS(status)) +
                  " before the case was over";
  }
}

}  // namespace

const char* name_of(Outcome outcome) {
  static constexpr const char* names[] = {"passed", "warning", "skipped", "failed", "crashed"};
  return names[static_cast<size_t>(outcome)];
}

Result run_case(const Case& asked, const std::string& path, const std::string& module,
                const SandboxOptions& options, std::vector<std::string>* modules) {
  Result result{path, module, asked.name, Outcome::passed, {}};
  const Folder folder;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  const Descriptor from(ends[0]);
  auto to = std::make_unique<Descriptor>(ends[1]);
  fcntl(from.get(), F_SETFL, O_NONBLOCK);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("cannot fork: ") + strerror(errno));
  if (child == 0) {
    confine(folder.path(), options.shows_output);
    Subject subject;
    subject.path = path;
    subject.data_dir = folder.path();
    subject.seed = options.seed;
    be_child(asked, std::move(subject), module, to->get());
  }
  to.reset();
  setpgid(child, child);  // whoever is first: what the plugin starts belongs to the child's group
  const Descriptor pid_fd(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  std::string said;
  const bool in_time = listen(pid_fd.get(), from.get(), options.timeout_ms, said);
  kill(-child, SIGKILL);  // the child itself, or what it left behind
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  bool finished = false;
  understand(said, result, modules, finished);
  if (in_time) {
    judge_end(status, finished, result);
  } else {
    result.outcome = Outcome::failed;
    result.text = "not over after " + std::to_string(options.timeout_ms) + " ms";
  }
  return result;
}

}  // namespace gantry::sdk::check
