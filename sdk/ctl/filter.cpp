// gantryctl filter test: a filter judges stored messages here, in this process, where it can hurt
// nobody.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>

#include "command.hpp"
#include "filter_node.hpp"
#include "filter_report.hpp"

namespace gantry::ctl {

namespace fs = std::filesystem;
namespace trial = sdk::trial;

namespace {

constexpr size_t passes_max = 5;
constexpr std::chrono::seconds passes_time_max{3};  // no further one is begun then

struct Options {
  std::string filter;
  std::string type;
  std::vector<std::string> plugins;
  std::string scripts;
  std::string arguments;
  std::vector<std::string> settings;
  MessagesWanted wanted;
  uint32_t show = 0;
};

// What is tried, made of the options.
struct Subject {
  trial::TrialOptions trial;
  std::string expression;
  std::string script;  // the file it names; empty for none
};

fs::path built_in(const std::string& name) {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  return (executable.parent_path() / ".." / "lib" / "gantry" / "plugins" / (name + ".so"))
      .lexically_normal();
}

Outcome<void> add_libraries(const Options& options, Subject& subject) {
  trial::TrialOptions& to = subject.trial;
  to.libraries = options.plugins;
  const bool has_scripts = !options.scripts.empty() || !subject.script.empty();
  const auto is_lua = [](const std::string& file) {
    return fs::path(file).filename() == "filter_lua.so";
  };
  if (has_scripts && std::ranges::none_of(to.libraries, is_lua)) {
    to.libraries.push_back(built_in("filter_lua").string());
  }
  if (to.expression_type.empty()) return {};
  std::string name = "filter_" + to.expression_type;
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  const fs::path library = built_in(name);
  if (fs::exists(library)) {
    to.otherwise = library.string();
  } else if (to.libraries.empty()) {
    return fail(fmt::format("no filter of type {}: there is no {}; name its library with --plugin",
                            to.expression_type, library.string()));
  }
  return {};
}

Outcome<void> add_settings(const Options& options, const std::string& scripts, Subject& subject) {
  for (const std::string& setting : options.settings) {
    const size_t equals = setting.find('=');
    if (equals == 0 || equals == setting.npos) {
      return fail(fmt::format("--setting {}: is not key=value", setting));
    }
    subject.trial.settings.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  // Of filter_lua: a script that fails is asked about each message all the same.
  subject.trial.defaults = {{"failures_max", "1000000"}, {"sources", "true"}};
  if (!scripts.empty()) subject.trial.defaults.emplace_back("scripts", scripts);
  return {};
}

Outcome<Subject> subject_of(const Options& options) {
  Subject out;
  out.expression = options.filter;
  out.trial.expression_type = options.type;
  std::string scripts = options.scripts;
  const bool may_be_script = options.type.empty() || options.type == "LUA";
  if (may_be_script && options.filter.ends_with(".lua")) {
    const fs::path file = options.filter;
    if (!fs::is_regular_file(file)) return fail(fmt::format("there is no file {}", file.string()));
    out.script = options.filter;
    out.trial.expression_type = "LUA";
    out.expression = file.stem().string();
    if (!options.arguments.empty()) out.expression += ' ' + options.arguments;
    scripts = file.has_parent_path() ? file.parent_path().string() : ".";
  } else if (options.type.empty() && options.plugins.empty()) {
    return fail(
        "say of which --type the expression is, or name a script: a file that ends in .lua");
  }
  if (auto added = add_libraries(options, out); !added) return added.error();
  if (auto added = add_settings(options, scripts, out); !added) return added.error();
  return out;
}

void run_passes(trial::Trial& trial, const trial::Records& records, FilterReport& report) {
  const auto began = std::chrono::steady_clock::now();
  report.pass = trial.judge(records);
  report.pass_ns.push_back(report.pass.ns);
  report.facts = trial.facts();
  std::vector<bool> differs(records.size());
  while (report.pass_ns.size() < passes_max &&
         std::chrono::steady_clock::now() - began < passes_time_max) {
    const trial::Pass again = trial.judge(records);
    report.pass_ns.push_back(again.ns);
    for (size_t i = 0; i < records.size(); ++i) {
      if (again.verdicts[i] != report.pass.verdicts[i]) differs[i] = true;
    }
  }
  for (size_t i = 0; i < records.size(); ++i) {
    if (differs[i]) report.different.push_back(i);
  }
}

int try_filter(Context& context, const Options& options) {
  const auto subject = subject_of(options);
  if (!subject) return complain(subject.error());
  trial::Trial trial(subject->trial);
  if (const auto wrong = trial.compile(subject->expression)) {
    return complain(refusal(*wrong, subject->expression, subject->script));
  }
  const auto messages = read_messages(context.cluster, options.wanted);
  if (!messages) return complain(messages.error());
  FilterReport report;
  report.type = trial.expression_type();
  report.expression = subject->expression;
  report.wanted = options.wanted;
  report.show = options.show;
  run_passes(trial, messages->records, report);
  int code = show(context, report, *messages);
  for (const std::string& breach : trial.end()) code = complain(fail(breach));
  return code;
}

int test(Context& context, const Options& options) {
  try {
    return try_filter(context, options);
  } catch (const std::exception& what) {  // of the libraries and the host they are loaded into
    return complain(fail(what.what()));
  }
}

}  // namespace

void add_filter(CLI::App& app, Command& chosen) {
  CLI::App* filter = app.add_subcommand("filter", "filters of subscriptions");
  filter->require_subcommand(1);
  add_filter_node(*filter, chosen);
  CLI::App* command = filter->add_subcommand(
      "test", "try a filter on stored messages; it runs here and not on a broker");
  const auto options = std::make_shared<Options>();
  command->add_option("filter", options->filter, "a script, file.lua, or an expression of --type")
      ->required();
  command->add_option("-t,--topic", options->wanted.topic, "topic")->required();
  command->add_option("--type", options->type, "TAG, SQL92, LUA, or one of --plugin");
  command->add_option("--plugin", options->plugins, "a library with filters or functions")
      ->allow_extra_args(false)
      ->check(CLI::ExistingFile);
  command->add_option("--scripts", options->scripts, "folder of scripts that expressions name")
      ->check(CLI::ExistingDirectory);
  command->add_option("--arguments", options->arguments, "what the script's open() is given");
  command->add_option("--setting", options->settings, "key=value of the filter's module")
      ->allow_extra_args(false);
  command->add_option("-g,--group", options->wanted.group,
                      "only messages this group has before it, the next ones first");
  command->add_flag("--from-last", options->wanted.from_last, "of a group's messages the newest");
  command->add_option("-c,--count", options->wanted.count, "most messages, of all queues together")
      ->check(CLI::Range(1u, 10'000'000u))
      ->capture_default_str();
  command->add_option("--show", options->show, "print so many of the messages that match");
  command->callback([&chosen, options] {
    chosen = [options](Context& context) { return test(context, *options); };
  });
}

}  // namespace gantry::ctl
