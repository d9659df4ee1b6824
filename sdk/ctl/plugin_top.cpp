// gantryctl plugin top
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <cstdio>
#include <map>

#include "output.hpp"
#include "plugin.hpp"

namespace gantry::ctl {

namespace bj = boost::json;

namespace {

struct Sample {
  uint64_t steady_ns = 0;
  std::vector<bj::object> plugins;
};

// A plugin between two samples.
struct Rate {
  const bj::object* plugin;
  double calls_per_s;
  double faults_per_s;
};

struct Options {
  double interval_s = 2;
  int count = 0;  // 0: until interrupted
};

Outcome<Sample> sample(Context& context) {
  const auto answer = context.admin.plugins();
  if (!answer) return answer.error();
  auto plugins = plugins_in(*answer);
  if (!plugins) return plugins.error();
  return Sample{number_in(*answer, "steadyNs"), std::move(*plugins)};
}

// What rose since then; a node that was started meanwhile counts from 0 again.
double per_second(const bj::object* before, const bj::object& now, const char* member, double s) {
  const uint64_t was = before ? number_in(*before, member) : 0;
  const uint64_t is = number_in(now, member);
  return s > 0 ? static_cast<double>(is >= was ? is - was : is) / s : 0;
}

std::vector<Rate> rates_of(const Sample& before, const Sample& now, double s) {
  std::map<std::string, const bj::object*> known;
  for (const bj::object& plugin : before.plugins) known[text_in(plugin, "name")] = &plugin;
  std::vector<Rate> out;
  for (const bj::object& plugin : now.plugins) {
    const auto found = known.find(text_in(plugin, "name"));
    const bj::object* was = found == known.end() ? nullptr : found->second;
    out.push_back({&plugin, per_second(was, plugin, "calls", s), per_second(was, plugin, "faults", s)});
  }
  std::stable_sort(out.begin(), out.end(), [](const Rate& one, const Rate& other) {
    return one.calls_per_s > other.calls_per_s;
  });
  return out;
}

void print_documents(const std::vector<Rate>& rates, double s) {
  bj::array plugins;
  for (const Rate& rate : rates) {
    bj::object plugin = *rate.plugin;
    plugin["callsPerSecond"] = rate.calls_per_s;
    plugin["faultsPerSecond"] = rate.faults_per_s;
    plugins.emplace_back(std::move(plugin));
  }
  print_json(bj::object{{"seconds", s}, {"plugins", std::move(plugins)}});
}

void print_table(const std::vector<Rate>& rates) {
  Table table({"plugin", "state", "calls/s", "errors/s", "p50", "p99", "p99.9", "slow", "trips",
               "held", "last error"});
  for (const Rate& rate : rates) {
    const bj::object& plugin = *rate.plugin;
    table.add({text_in(plugin, "name"), text_in(plugin, "state"),
               fmt::format("{:.1f}", rate.calls_per_s), fmt::format("{:.1f}", rate.faults_per_s),
               duration_text(number_in(plugin, "p50Ns")), duration_text(number_in(plugin, "p99Ns")),
               duration_text(number_in(plugin, "p999Ns")),
               fmt::format("{}", number_in(plugin, "overBudget")),
               fmt::format("{}", number_in(plugin, "trips")),
               bytes_text(number_in(plugin, "bytesRetained")), last_words(plugin)});
  }
  table.print();
}

// Until it is time for the next look. False: somebody at a terminal pressed Enter, or closed it.
bool wait(double seconds) {
  pollfd keys{STDIN_FILENO, POLLIN, 0};
  const bool watched = ::isatty(STDIN_FILENO) == 1;
  return ::poll(&keys, watched ? 1 : 0, static_cast<int>(seconds * 1000)) == 0;
}

int top(Context& context, const Options& options) {
  Outcome<Sample> before = sample(context);
  if (!before) return complain(before.error());
  const bool terminal = ::isatty(STDOUT_FILENO) == 1 && !context.json;
  for (int shown = 0; options.count == 0 || shown < options.count; ++shown) {
    if (!wait(options.interval_s)) return 0;
    Outcome<Sample> now = sample(context);
    if (!now) return complain(now.error());
    // A node's steady clock begins anew when its machine does.
    const double s = now->steady_ns > before->steady_ns
                         ? static_cast<double>(now->steady_ns - before->steady_ns) / 1e9
                         : options.interval_s;
    const std::vector<Rate> rates = rates_of(*before, *now, s);
    if (context.json) {
      print_documents(rates, s);
    } else {
      if (terminal) {
        fmt::print("\033[H\033[2J");  // home, clear
      } else if (shown > 0) {
        fmt::print("\n");
      }
      print_table(rates);
    }
    std::fflush(stdout);
    before = std::move(now);
  }
  return 0;
}

}  // namespace

void add_plugin_top(CLI::App& plugin, Command& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      plugin.add_subcommand("top", "calls and errors a second, the busiest first, again and again; Enter ends it");
  command->add_option("--interval", options->interval_s, "seconds between two looks; 2")
      ->check(CLI::Range(0.1, 3600.0));
  auto* count = command->add_option("--count", options->count, "ends after so many looks")
                    ->check(CLI::Range(1, 1'000'000));
  command->add_flag_callback("--once", [options] { options->count = 1; }, "the same as --count 1")
      ->excludes(count);
  command->callback([&chosen, options] {
    chosen = [options](Context& context) { return top(context, *options); };
  });
}

}  // namespace gantry::ctl
