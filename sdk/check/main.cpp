// gantry-plugin-check: does a plugin keep the contract of abi/include/gantry? Exit code 0: nothing
// failed or crashed; 1: something did; 2: wrong usage.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "check/case.hpp"
#include "check/report.hpp"
#include "check/sandbox.hpp"

namespace gantry::sdk::check {
namespace {

struct Options {
  std::vector<std::string> paths;
  std::vector<std::string> only;
  SandboxOptions sandbox;
  bool json = false;
};

class Check {
 public:
  explicit Check(const Options& options) : options_(options) {}

  bool run(const std::string& path) {
    Tally tally;
    std::vector<std::string> modules;
    bool usable = true;
    for (const Case& one : library_cases()) {
      const bool is_tables = one.run == tables_keep_the_contract;
      if (!is_asked(one) && !is_tables) continue;  // without it no module is known
      if (!usable) {
        note({path, {}, one.name, Outcome::skipped, "its tables cannot be used"}, tally);
        continue;
      }
      const Result result =
          run_case(one, path, {}, options_.sandbox, is_tables ? &modules : nullptr);
      if (is_asked(one) || result.outcome != Outcome::passed) note(result, tally);
      if (is_tables) usable = result.outcome == Outcome::passed;
    }
    if (usable)
      for (const std::string& module : modules)
        for (const Case& one : module_cases())
          if (is_asked(one)) note(run_case(one, path, module, options_.sandbox), tally);
    if (!options_.json) std::puts(summary_of(path, tally).c_str());
    std::fflush(stdout);
    return tally.is_good();
  }

 private:
  bool is_asked(const Case& one) const {
    return options_.only.empty() ||
           std::find(options_.only.begin(), options_.only.end(), one.name) != options_.only.end();
  }
  void note(const Result& result, Tally& tally) const {
    tally.count(result.outcome);
    const std::string line = options_.json ? json_of(result) : line_of(result);
    if (!line.empty()) std::puts(line.c_str());
    std::fflush(stdout);  // else a child would print it, too
  }

  const Options& options_;
};

std::vector<std::string> case_names() {
  std::vector<std::string> out;
  for (const auto& cases : {library_cases(), module_cases()})
    for (const Case& one : cases) out.emplace_back(one.name);
  return out;
}

void list() {
  std::puts("of a library:");
  for (const Case& one : library_cases()) std::printf("  %-17s %s\n", one.name, one.sentence);
  std::puts("of each of its modules:");
  for (const Case& one : module_cases()) std::printf("  %-17s %s\n", one.name, one.sentence);
}

}  // namespace
}  // namespace gantry::sdk::check

int main(int argc, char** argv) {
  using namespace gantry::sdk::check;
  constexpr int wrong_usage = 2;
  CLI::App app{"gantry-plugin-check, which asks plugins whether they keep the contract"};
  Options options;
  bool lists = false;
  double seconds = 10;
  app.add_option("library", options.paths, "plugins, .so files")->check(CLI::ExistingFile);
  app.add_option("--case", options.only, "this case only; may be repeated")
      ->allow_extra_args(false)
      ->check(CLI::IsMember(case_names()));
  app.add_option("--timeout", seconds, "seconds a case may take")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.add_option("--seed", options.sandbox.seed, "of everything random")->capture_default_str();
  app.add_flag("--json", options.json, "an object a line for every case");
  app.add_flag("--output", options.sandbox.shows_output, "show what the plugins print, on stderr");
  app.add_flag("--list", lists, "the cases, a sentence each");
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& shown) {
    return app.exit(shown);
  } catch (const CLI::ParseError& wrong) {
    app.exit(wrong);
    return wrong_usage;
  }
  if (lists) {
    list();
    return 0;
  }
  if (options.paths.empty()) {
    std::fputs("gantry-plugin-check: name at least one library\n", stderr);
    return wrong_usage;
  }
  options.sandbox.timeout_ms = static_cast<int>(seconds * 1000);
  bool good = true;
  try {
    Check check(options);
    for (const std::string& path : options.paths)
      good = check.run(std::filesystem::absolute(path).string()) && good;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "gantry-plugin-check: %s\n", why.what());
    return wrong_usage;
  }
  return good ? 0 : 1;
}
