// gantry_load: a load on a RocketMQ broker. `run` sends and measures, `hold` keeps connections
// open, `churn` opens and resets them. One JSON line on standard output; exit code 1 and a sentence
// when the server answered wrongly, late or not at all.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "load_idle.hpp"
#include "load_run.hpp"
#include "pace.hpp"

namespace {

using namespace gantry;
using namespace gantry::bench;

int complain(const Failure& why) {
  fmt::print(stderr, "gantry_load: {}\n", why.text);
  return 1;
}

double us(uint64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

void print(const LoadOptions& options, const LoadResult& result) {
  const Latencies& times = result.latencies;
  const double messages = static_cast<double>(std::max<uint64_t>(result.answered, 1));
  fmt::print(R"({{"loop": "{}", "connections": {}, "depth": {}, "seconds": {:.3f}, )"
             R"("answered": {}, "busy": {}, "per_second": {:.1f}, )",
             options.rate > 0 ? "open" : "closed", options.connections, options.depth,
             result.seconds, result.answered, result.busy,
             static_cast<double>(result.answered) / result.seconds);
  fmt::print(R"("p50_us": {:.1f}, "p99_us": {:.1f}, "p99_9_us": {:.1f}, "max_us": {:.1f}, )",
             us(times.percentile_ns(0.5)), us(times.percentile_ns(0.99)),
             us(times.percentile_ns(0.999)), us(times.max_ns()));
  fmt::print(R"("load_cpu": {:.3f})", result.load_cpu);
  if (options.server_process != 0) {
    fmt::print(R"(, "server_cpu_us": {:.4f}, "server_threads_us": {{)",
               us(sum_of(result.server)) / messages);
    const char* comma = "";
    for (const auto& [name, ns] : result.server) {
      fmt::print(R"({}"{}": {:.4f})", std::exchange(comma, ", "), name, us(ns) / messages);
    }
    fmt::print("}}");
  }
  fmt::print("}}\n");
}

void add_request(CLI::App& app, RequestOptions& request) {
  app.add_option("--code", request.code, "request code; 310 sends a message");
  app.add_option("--topic", request.topic, "topic, of letters, digits, - and _")
      ->check(CLI::Validator(
          [](const std::string& name) {
            const bool good = name.find_first_not_of(
                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                  "QRSTUVWXYZ0123456789-_") == name.npos;
            return std::string(good ? "" : "a letter, digit, - or _ expected");
          },
          "NAME"));
  app.add_option("--body-bytes", request.body_bytes, "size of each body")
      ->check(CLI::Range(0u, 4u << 20));
  const std::map<std::string, wire::Serialize> kinds{{"json", wire::Serialize::json},
                                                     {"compact", wire::Serialize::compact}};
  app.add_option("--header", request.serialize, "json, or RocketMQ's compact one")
      ->transform(CLI::CheckedTransformer(kinds));
  app.add_flag("!--no-keys", request.keys, "send no KEYS property");
}

void add_run(CLI::App& app, LoadOptions& options) {
  app.add_option("--connections", options.connections, "how many")->check(CLI::Range(1u, 60'000u));
  app.add_option("--depth", options.depth, "requests on their way, of each connection at most")
      ->check(CLI::Range(1u, 4096u));
  app.add_option("--queues", options.queues, "connections take them in turn")
      ->check(CLI::Range(1u, 1024u));
  app.add_option("--rate", options.rate, "open loop: requests per second of all connections")
      ->check(CLI::Range(0.0, 1e7));
  app.add_option("--warmup", options.warmup_s, "seconds before anything counts")
      ->check(CLI::Range(0.0, 3600.0));
  app.add_option("--seconds", options.seconds, "the measured window")
      ->check(CLI::Range(0.01, 86'400.0));
  app.add_option("--messages-max", options.messages_max, "ends the window after so many answers");
  app.add_option("--server-pid", options.server_process, "process whose CPU time to tell");
  app.add_flag("--allow-busy", options.busy_allowed, "count 'try again later', don't end");
}

int run(const LoadOptions& options) {
  auto result = LoadRun(options).run();
  if (!result) return complain(result.error());
  print(options, *result);
  return 0;
}

int run_churn(const ChurnOptions& options) {
  const auto result = churn(options);
  if (!result) return complain(result.error());
  fmt::print(R"({{"opened": {}, "seconds": {:.3f}, "per_second": {:.1f}}})"
             "\n",
             result->opened, result->seconds,
             static_cast<double>(result->opened) / result->seconds);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"gantry_load, a load on a RocketMQ broker, and what it took"};
  app.require_subcommand(1);
  std::string address = "127.0.0.1:10911";
  app.add_option("--server", address, "address:port")->capture_default_str();

  LoadOptions load;
  CLI::App* run_command = app.add_subcommand("run", "send requests, check and time the answers");
  add_request(*run_command, load.request);
  add_run(*run_command, load);

  HoldOptions held;
  CLI::App* hold_command =
      app.add_subcommand("hold", "open connections, hold them until standard input ends");
  add_request(*hold_command, held.request);
  hold_command->add_option("--connections", held.connections, "how many");
  const std::map<std::string, Held> states{
      {"silent", Held::silent}, {"used", Held::used}, {"half", Held::half}};
  hold_command
      ->add_option("--as", held.held,
                   "silent; used: asked once; half: with half a request on its way")
      ->transform(CLI::CheckedTransformer(states));

  ChurnOptions churning;
  CLI::App* churn_command = app.add_subcommand("churn", "open connections and reset them");
  churn_command->add_option("--rate", churning.rate, "connections per second at most")
      ->check(CLI::Range(1.0, 1e6));
  churn_command->add_option("--seconds", churning.seconds, "for how long")
      ->check(CLI::Range(0.01, 86'400.0));

  CLI11_PARSE(app, argc, argv);
  const auto server = parse_address(address);
  if (!server) return complain(server.error());
  raise_open_files_limit();
  exact_timers();
  load.server = held.server = churning.server = *server;
  if (run_command->parsed()) return run(load);
  if (churn_command->parsed()) return run_churn(churning);
  const auto done = hold(held);
  return done ? 0 : complain(done.error());
}
