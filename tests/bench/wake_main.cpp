// gantry_wake_bench: what consumers wait for. `wake` holds pulls and wakes them one append at a
// time, `catch-up` reads a queue from its begin, `scan` reads one of which little is wanted, `tail`
// times messages from producer to consumer.
// One JSON line on standard output; exit code 1 and a sentence when the server answered wrongly,
// late or not at all.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>

#include "pace.hpp"
#include "scan_bench.hpp"
#include "wake_bench.hpp"

namespace {

using namespace gantry;
using namespace gantry::bench;

double us(uint64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

int complain(const Failure& why) {
  fmt::print(stderr, "gantry_wake_bench: {}\n", why.text);
  return 1;
}

std::string percentiles(const char* name, const Latencies& times) {
  return fmt::format(R"("{0}_p50_us": {1:.1f}, "{0}_p99_us": {2:.1f})", name,
                     us(times.percentile_ns(0.5)), us(times.percentile_ns(0.99)));
}

int run_wake(const WakeOptions& options) {
  const auto result = wake(options);
  if (!result) return complain(result.error());
  fmt::print("{{{}, {}, {}}}\n", percentiles("send", result->send),
             percentiles("woken", result->woken), percentiles("behind", result->behind));
  return 0;
}

int run_catch_up(const CatchUpOptions& options) {
  const auto result = catch_up(options);
  if (!result) return complain(result.error());
  const auto messages = static_cast<double>(std::max<uint64_t>(result->messages, 1));
  fmt::print(R"({{"messages": {}, "per_second": {:.0f}, "server_cpu_us": {:.3f}}})"
             "\n",
             result->messages, messages / result->seconds, result->server_cpu_s * 1e6 / messages);
  return 0;
}

int run_scan(const ScanOptions& options) {
  const auto result = scan(options);
  if (!result) return complain(result.error());
  const auto judged = static_cast<double>(std::max<uint64_t>(result->judged, 1));
  fmt::print(R"({{"judged": {}, "matched": {}, "per_second": {:.0f}, "server_cpu_us": {:.4f}, {}, {}}})"
             "\n",
             result->judged, result->matched, judged / result->seconds,
             result->server_cpu_s * 1e6 / judged, percentiles("send_alone", result->alone),
             percentiles("send_beside", result->beside));
  return 0;
}

int run_tail(const TailOptions& options) {
  const auto result = tail(options);
  if (!result) return complain(result.error());
  const auto messages = static_cast<double>(std::max<uint64_t>(result->received, 1));
  fmt::print(R"({{"messages": {}, "per_second": {:.0f}, "server_cpu_us": {:.3f}, {}}})"
             "\n",
             result->received, messages / result->seconds, result->server_cpu_s * 1e6 / messages,
             percentiles("tail", result->latencies));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"gantry_wake_bench, what consumers wait for"};
  app.require_subcommand(1);
  std::string address = "127.0.0.1:10911";
  app.add_option("--server", address, "address:port")->capture_default_str();

  WakeOptions waking;
  CLI::App* wake_command = app.add_subcommand("wake", "hold pulls, wake them by appends");
  wake_command->add_option("--topic", waking.topic, "made anew for this run");
  wake_command->add_option("--connections", waking.connections)->check(CLI::Range(1u, 10'000u));
  wake_command->add_option("--pulls", waking.pulls, "held by each connection")
      ->check(CLI::Range(1u, 16'384u));
  wake_command->add_flag("--one-queue", waking.one_queue, "all wait for the same queue");
  wake_command->add_option("--samples", waking.samples, "appends; a tenth of them warms up")
      ->check(CLI::Range(10u, 1'000'000u));

  CatchUpOptions catching;
  CLI::App* catch_command = app.add_subcommand("catch-up", "read a queue of 1 KiB messages");
  catch_command->add_option("--topic", catching.topic, "made anew for this run");
  catch_command->add_option("--messages", catching.messages)->check(CLI::Range(1u, 10'000'000u));
  catch_command->add_option("--server-pid", catching.server_process, "whose CPU time to tell");

  ScanOptions scanning;
  CLI::App* scan_command = app.add_subcommand("scan", "read a queue of which little is wanted");
  scan_command->add_option("--topic", scanning.topic, "made anew for this run");
  scan_command->add_option("--messages", scanning.messages)->check(CLI::Range(1u, 10'000'000u));
  scan_command->add_option("--type", scanning.type, "of the expression")->capture_default_str();
  scan_command->add_option("--expression", scanning.expression)->capture_default_str();
  scan_command->add_option("--scans", scanning.scans)->check(CLI::Range(1u, 1000u));
  scan_command->add_option("--send-rate", scanning.send_rate, "sends beside it, per second");
  scan_command->add_option("--server-pid", scanning.server_process, "whose CPU time to tell");

  TailOptions tailing;
  CLI::App* tail_command = app.add_subcommand("tail", "time messages from producer to consumer");
  tail_command->add_option("--topic", tailing.topic, "made anew for this run");
  tail_command->add_option("--rate", tailing.rate, "messages per second")
      ->check(CLI::Range(1.0, 1e6));
  tail_command->add_option("--seconds", tailing.seconds)->check(CLI::Range(0.1, 3600.0));
  tail_command->add_option("--consumers", tailing.consumers, "a queue and a pull each")
      ->check(CLI::Range(1u, 1024u));
  tail_command->add_option("--server-pid", tailing.server_process, "whose CPU time to tell");

  CLI11_PARSE(app, argc, argv);
  const auto server = parse_address(address);
  if (!server) return complain(server.error());
  raise_open_files_limit();
  exact_timers();
  waking.server = catching.server = scanning.server = tailing.server = *server;
  if (wake_command->parsed()) return run_wake(waking);
  if (scan_command->parsed()) return run_scan(scanning);
  return catch_command->parsed() ? run_catch_up(catching) : run_tail(tailing);
}
