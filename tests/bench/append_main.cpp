// gantry_append_bench: the commit log without network and plugins. One JSON line on standard
// output.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "append_bench.hpp"

namespace {

using namespace gantry;
using namespace gantry::bench;

int complain(const Failure& why) {
  fmt::print(stderr, "gantry_append_bench: {}\n", why.text);
  return 1;
}

int run_cost(const std::string& folder, uint64_t megabytes) {
  const auto cost = append_cost_ns(folder, megabytes);
  if (!cost) return complain(cost.error());
  fmt::print(R"({{"ns_per_record": {:.2f}}})"
             "\n",
             *cost);
  return 0;
}

int run_stall(const StallOptions& options) {
  const auto stalls = append_stalls(options);
  if (!stalls) return complain(stalls.error());
  const auto ms = [&](double share) {
    return static_cast<double>(stalls->late.percentile_ns(share)) / 1e6;
  };
  fmt::print(R"({{"slices": {}, "busy": {}, "p99_ms": {:.3f}, "p99_9_ms": {:.3f}, )"
             R"("max_ms": {:.3f}}})"
             "\n",
             stalls->late.count(), stalls->busy, ms(0.99), ms(0.999),
             static_cast<double>(stalls->late.max_ns()) / 1e6);
  return 0;
}

int run_sync(const std::string& folder, uint32_t syncs) {
  const auto bytes = sync_bytes(folder, syncs);
  if (!bytes) return complain(bytes.error());
  fmt::print(R"({{"appended_bytes": {:.0f}, "device_bytes": {:.0f}, "process_bytes": {:.0f}}})"
             "\n",
             bytes->appended, bytes->device, bytes->process);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"gantry_append_bench, the commit log by itself"};
  app.require_subcommand(1);
  StallOptions stall;
  app.add_option("--folder", stall.folder, "on the disk to use")
      ->required()
      ->check(CLI::ExistingDirectory);
  CLI::App* cost = app.add_subcommand("cost", "CPU of an append of 1 KiB");
  uint64_t megabytes = 512;
  cost->add_option("--mb", megabytes, "how much")->check(CLI::Range(16u, 1024u));
  CLI::App* stalls = app.add_subcommand("stall", "how late appends at a fixed rate are");
  stalls->add_option("--mb-per-second", stall.megabytes_per_second, "1000000 bytes each")
      ->check(CLI::Range(1.0, 100'000.0));
  stalls->add_option("--seconds", stall.seconds, "for how long")->check(CLI::Range(0.1, 3600.0));
  stalls->add_option("--flush-ms", stall.flush_interval_ms, "background flush")
      ->check(CLI::Range(1u, 3'600'000u));
  CLI::App* sync = app.add_subcommand("sync", "bytes the disk is given per sync of 64 KiB");
  uint32_t syncs = 500;
  sync->add_option("--syncs", syncs, "how many")->check(CLI::Range(10u, 100'000u));

  CLI11_PARSE(app, argc, argv);
  if (cost->parsed()) return run_cost(stall.folder, megabytes);
  if (stalls->parsed()) return run_stall(stall);
  return run_sync(stall.folder, syncs);
}
