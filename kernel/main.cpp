// gantry: runs a node, checks a configuration, verifies data, tells what plugins are.
#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "base/logging.hpp"
#include "base/signal_stack.hpp"
#include "node/node.hpp"
#include "node/verify/verify.hpp"
#include "plugin/host.hpp"
#include "plugin/inspect.hpp"
#include "plugin/new_plugin.hpp"

namespace {

using namespace gantry;
namespace fs = std::filesystem;

int complain(const Failure& why) {
  fmt::print(stderr, "gantry: {}\n", why.text);
  return 1;
}

// Threads made later inherit the mask, so signals reach only the control thread's sigwait.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// While it starts nobody takes the signals: they wait.
bool stop_is_pending() {
  sigset_t pending;
  sigemptyset(&pending);
  sigpending(&pending);
  return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
}

void tell_ready(int fd) {
  if (fd < 0) return;
  const ssize_t written = write(fd, "ready\n", 6);
  if (written != 6) logging::warn("node", "--ready-fd {}: nobody reads it", fd);
  close(fd);
}

int run(const std::string& configuration, int ready_fd) {
  const auto began = std::chrono::steady_clock::now();
  const sigset_t signals = block_signals();
  const SignalStack signal_stack;
  std::atomic<bool> failed{false};
  node::Node node(
      [&](const std::string&) {
        failed.store(true);
        kill(getpid(), SIGTERM);
      },
      node::Node::Process::own, stop_is_pending);
  if (Outcome<void> started = node.start(configuration); !started) return complain(started.error());
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  for (const node::DoorFacts& door : node.doors()) {
    logging::info("node", "door {} on {}, advertised as {}", door.name, door.address,
                  door.advertised);
  }
  logging::info("node", "{} is ready after {} ms", node.name(), took.count());
  tell_ready(ready_fd);
  int signal = 0;
  sigwait(&signals, &signal);
  logging::info("node", "{}: stopping", failed ? "failure" : strsignal(signal));
  // A second signal ends the process at once: the log recovers at the next start.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  node.stop();
  return failed ? 1 : 0;
}

int check(const std::string& configuration) {
  if (Outcome<void> good = node::Node::check(configuration); !good) return complain(good.error());
  fmt::print("{}: good\n", configuration);
  return 0;
}

int verify(const node::VerifyOptions& options) {
  return static_cast<int>(
      node::verify(options, [](const std::string& line) { fmt::print("{}\n", line); }));
}

int inspect(const std::vector<std::string>& files) {
  int status = 0;
  for (const std::string& file : files) {
    Outcome<std::unique_ptr<plugin::Library>> library = plugin::Library::load(file);
    if (library) {
      fmt::print("{}", plugin::inspect(**library));
    } else {
      status = complain(library.error());
    }
  }
  return status;
}

int list(const std::string& directory) {
  const fs::path folder = directory.empty() ? plugin::default_directory() : fs::path(directory);
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".so") files.push_back(entry.path());
  }
  if (error) return complain(fail(fmt::format("{}: {}", folder.string(), error.message())));
  std::sort(files.begin(), files.end());
  int status = 0;
  for (const fs::path& file : files) {
    Outcome<std::unique_ptr<plugin::Library>> library = plugin::Library::load(file);
    if (library) {
      fmt::print("{}", plugin::summarise(**library));
    } else {
      status = complain(library.error());
    }
  }
  return status;
}

int make(const plugin::NewPlugin& wanted) {
  const Outcome<fs::path> made = plugin::new_plugin(wanted);
  if (!made) return complain(made.error());
  fmt::print("{}: a {} in {}; how to build it: {}\n", made->string(), wanted.capability,
             wanted.language, (*made / "README.md").string());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Gantry, a message broker that speaks RocketMQ's protocols"};
  app.require_subcommand(1);

  std::string configuration;
  int ready_fd = -1;
  CLI::App* run_command = app.add_subcommand("run", "run a node until SIGINT or SIGTERM");
  run_command->add_option("configuration", configuration, "file, for example conf/all-in-one.toml")
      ->required();
  run_command->add_option("--ready-fd", ready_fd, "descriptor to write \"ready\" to, once it is");

  CLI::App* check_command =
      app.add_subcommand("check", "read a configuration and load its plugins, start nothing");
  check_command->add_option("configuration", configuration, "file")->required();

  node::VerifyOptions verifying;
  CLI::App* verify_command = app.add_subcommand(
      "verify",
      "compare a stopped node's log, numbers and indexes; changes nothing. Exit code: 0 all is "
      "well, 1 findings, 2 it can't be checked");
  verify_command->add_option("folder", verifying.folder, "data folder, node.data_dir")->required();
  verify_command->add_option("--config", verifying.configuration,
                             "the node's configuration; without: defaults, and store_file alone");
  verify_command->add_option("--plugin-dir", verifying.plugin_directory,
                             "default: <executable>/../lib/gantry/plugins");
  verify_command->add_flag("--log-only", verifying.log_only, "only the log, not what is derived");

  CLI::App* plugin_command = app.add_subcommand("plugin", "what plugins are, and a new one");
  plugin_command->require_subcommand(1);
  std::string directory;
  CLI::App* list_command = plugin_command->add_subcommand("list", "modules in the plugin folder");
  list_command->add_option("folder", directory, "default: <executable>/../lib/gantry/plugins");
  std::vector<std::string> files;
  CLI::App* inspect_command =
      plugin_command->add_subcommand("inspect", "what libraries offer, need and can be set to");
  inspect_command->add_option("libraries", files, "files")->required();
  plugin::NewPlugin making;
  CLI::App* new_command =
      plugin_command->add_subcommand("new", "write a plugin's sources, test and build file");
  new_command->add_option("name", making.name, "the module's name")->required();
  new_command->add_option("--capability", making.capability,
                          "put_hook (default), filter, function, log_consumer or request_handler");
  new_command->add_option("--language", making.language, "cpp (default) or c");
  new_command->add_option("--directory", making.directory, "to write; default: the name");

  CLI11_PARSE(app, argc, argv);
  if (run_command->parsed()) return run(configuration, ready_fd);
  if (check_command->parsed()) return check(configuration);
  if (verify_command->parsed()) return verify(verifying);
  if (list_command->parsed()) return list(directory);
  if (new_command->parsed()) return make(making);
  return inspect(files);
}
