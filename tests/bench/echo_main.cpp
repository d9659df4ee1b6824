// gantry_echo: yardstick servers for requests of gantry_load. Prints the port it listens on, and
// serves until it is ended.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include "fixed_answer.hpp"
#include "mini_answer.hpp"

namespace {

using namespace gantry::bench;

int serve(uint16_t port, Responder& responder) {
  EchoServer server(port, responder);
  fmt::print("{}\n", server.port());
  std::fflush(stdout);
  server.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"gantry_echo, the least server: a yardstick"};
  app.require_subcommand(1);
  uint16_t port = 0;
  app.add_option("--port", port, "0 picks a free one");
  app.add_subcommand("echo", "256 bytes to every request");
  CLI::App* mini = app.add_subcommand("mini", "scan, CRC, copy to a warm mapped file, answer");
  std::string folder = ".";
  uint64_t megabytes = 1024;
  mini->add_option("--folder", folder, "on the disk to use")->check(CLI::ExistingDirectory);
  mini->add_option("--log-mb", megabytes, "size of the file")->check(CLI::Range(16u, 65'536u));

  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    std::unique_ptr<Responder> responder = std::make_unique<FixedAnswer>();
    if (mini->parsed()) responder = std::make_unique<MiniAnswer>(folder, megabytes << 20);
    return serve(port, *responder);
  } catch (const std::exception& error) {
    fmt::print(stderr, "gantry_echo: {}\n", error.what());
    return 1;
  }
}
