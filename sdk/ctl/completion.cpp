// gantryctl completion: scripts for shells, made of the commands as they are.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"

namespace gantry::ctl {
namespace {

// What may follow "topic create": sub-commands and long options.
void collect(const CLI::App& app, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& out) {
  std::vector<std::string> words;
  const auto options_of = [&](const CLI::App& from) {
    for (const CLI::Option* option : from.get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  };
  options_of(app);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name().empty()) {
      options_of(*sub);  // a group of options
    } else {
      words.push_back(sub->get_name());
    }
  }
  out.emplace_back(path, fmt::format("{}", fmt::join(words, " ")));
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name().empty()) continue;
    collect(*sub, path.empty() ? sub->get_name() : path + ' ' + sub->get_name(), out);
  }
}

using Paths = std::vector<std::pair<std::string, std::string>>;

// A case over the command words that were typed: what may follow each.
std::string cases(const Paths& paths) {
  std::string out;
  for (const auto& [path, words] : paths) {
    out += fmt::format("    \"{}\") may=\"{}\" ;;\n", path, words);
  }
  return out;
}

// "|topic|topic create|...": by it a script tells command words from values of options.
std::string known(const Paths& paths) {
  std::string out = "|";
  for (const auto& [path, words] : paths) out += path.empty() ? "" : path + '|';
  return out;
}

constexpr const char* bash_script = R"(# gantryctl completion bash > /etc/bash_completion.d/gantryctl
_gantryctl() {{
  local known="{known}" at="" word may=""
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$known" in *"|${{at:+$at }}$word|"*) at="${{at:+$at }}$word" ;; esac
  done
  case "$at" in
{cases}  esac
  COMPREPLY=($(compgen -W "$may" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -F _gantryctl gantryctl
)";

constexpr const char* zsh_script = R"(#compdef gantryctl
# gantryctl completion zsh > "${{fpath[1]}}/_gantryctl"
_gantryctl() {{
  local known="{known}" at="" word may=""
  for word in "${{(@)words[2,CURRENT-1]}}"; do
    case "$known" in (*"|${{at:+$at }}$word|"*) at="${{at:+$at }}$word" ;; esac
  done
  case "$at" in
{cases}  esac
  compadd -- ${{=may}}
}}
_gantryctl "$@"
)";

void print_script(const CLI::App& app, const char* script) {
  Paths paths;
  collect(app, "", paths);
  fmt::print(fmt::runtime(script), fmt::arg("known", known(paths)),
             fmt::arg("cases", cases(paths)));
}

}  // namespace

void add_completion(CLI::App& app) {
  CLI::App* completion = app.add_subcommand("completion", "a script that completes commands");
  completion->require_subcommand(1);
  completion->add_subcommand("bash", "for bash")->callback([&app] {
    print_script(app, bash_script);
    throw CLI::Success();
  });
  completion->add_subcommand("zsh", "for zsh")->callback([&app] {
    print_script(app, zsh_script);
    throw CLI::Success();
  });
}

}  // namespace gantry::ctl
