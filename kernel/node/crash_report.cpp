#include "node/crash_report.hpp"

#include <execinfo.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "plugin/guard.hpp"

namespace gantry::node::crash {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitised = true;
#else
constexpr bool sanitised = false;
#endif

constexpr std::array signals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::string_view head = "gantry.crash 1\n";

char report_path[4096];
std::atomic<bool> reported{false};

// Text gathered without a lock or an allocation, for a signal handler.
class Words {
 public:
  Words& operator<<(std::string_view text) {
    const size_t size = std::min(text.size(), sizeof bytes_ - size_);
    std::memcpy(bytes_ + size_, text.data(), size);
    size_ += size;
    return *this;
  }
  Words& operator<<(int number) {
    char digits[12];
    size_t count = 0;
    for (; number > 0 || count == 0; number /= 10) digits[count++] = static_cast<char>('0' + number % 10);
    while (count > 0) *this << std::string_view(&digits[--count], 1);
    return *this;
  }
  void write_to(int descriptor) const {
    for (size_t done = 0; done < size_;) {
      const ssize_t put = ::write(descriptor, bytes_ + done, size_ - done);
      if (put <= 0) return;
      done += static_cast<size_t>(put);
    }
  }

 private:
  char bytes_[1024];
  size_t size_ = 0;
};

// The same lines as text_of.
void report(const plugin::Crumb* crumb, const Words& reason_line) {
  if (reported.exchange(true)) return;
  Words words;
  words << head;
  if (const plugin::Guard* guard = crumb ? crumb->guard.load() : nullptr) {
    const char* const call = crumb->call.load();
    words << "instance " << guard->instance << "\ncapability " << guard->capability << "\ncall "
          << (call ? call : "") << "\n";
  }
  const int file = ::open(report_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  for (const int descriptor : {STDERR_FILENO, file}) {
    if (descriptor < 0) continue;
    words.write_to(descriptor);
    reason_line.write_to(descriptor);
  }
  if (file >= 0) ::close(file);
}

void on_signal(int number) {
  Words reason;
  reason << "reason signal " << number << "\n";
  report(plugin::crumb_trail().innermost(), reason);
  void* frames[64];
  ::backtrace_symbols_fd(frames, ::backtrace(frames, 64), STDERR_FILENO);
  std::signal(number, SIG_DFL);
  ::raise(number);
}

// exit() was called. From within a module it is no end a node may have: it says nothing, and an exit
// code of 0 tells a supervisor that all is well.
void on_exit() {
  const plugin::Crumb* const crumb = plugin::crumb_trail().innermost();
  if (!crumb) return;
  Words reason;
  reason << "reason it called exit()\n";
  report(crumb, reason);
  ::_exit(EXIT_FAILURE);
}

std::string_view value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end);
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == ' ') {
      return line.substr(key.size() + 1);
    }
    text.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

std::filesystem::path path_in(const std::filesystem::path& root) {
  return root / "gantry" / "crash";
}

void report_signals(const std::filesystem::path& root) {
  if (sanitised) return;
  const std::string path = path_in(root).string();
  if (path.size() < sizeof report_path) std::memcpy(report_path, path.c_str(), path.size() + 1);
  void* frame = nullptr;
  ::backtrace(&frame, 1);  // loads what it needs now: a handler can't
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_NODEFER | SA_ONSTACK;  // the thread's SignalStack, if it has one
  for (const int number : signals) ::sigaction(number, &action, nullptr);
  std::atexit(on_exit);
}

void die(const std::string& what, const plugin::Crumb& crumb) {
  Words reason;
  reason << "reason " << what << "\n";
  report(&crumb, reason);
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

std::string text_of(const Report& report) {
  std::string text(head);
  if (!report.instance.empty()) {
    text += fmt::format("instance {}\ncapability {}\ncall {}\n", report.instance, report.capability,
                        report.call);
  }
  return text + fmt::format("reason {}\n", report.reason);
}

Report parse(std::string_view text) {
  if (!text.starts_with(head)) return {};
  const auto value = [&](std::string_view key) { return std::string(value_of(text, key)); };
  return {value("instance"), value("capability"), value("call"), value("reason")};
}

}  // namespace gantry::node::crash
