// gantryctl plugin list, show
#include "plugin.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "client/words.hpp"
#include "output.hpp"

namespace gantry::ctl {

namespace bj = boost::json;

std::string text_in(const bj::object& object, std::string_view member) {
  const bj::value* found = object.if_contains(member);
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

uint64_t number_in(const bj::object& object, std::string_view member) {
  const bj::value* found = object.if_contains(member);
  if (!found) return 0;
  if (found->is_uint64()) return found->as_uint64();
  return found->is_int64() && found->as_int64() > 0 ? static_cast<uint64_t>(found->as_int64()) : 0;
}

std::string duration_text(uint64_t ns) {
  if (ns == 0) return "-";
  if (ns < 1'000) return fmt::format("{}ns", ns);
  if (ns < 1'000'000) return fmt::format("{:.1f}us", static_cast<double>(ns) / 1e3);
  if (ns < 1'000'000'000) return fmt::format("{:.1f}ms", static_cast<double>(ns) / 1e6);
  return fmt::format("{:.1f}s", static_cast<double>(ns) / 1e9);
}

std::string bytes_text(uint64_t bytes) {
  constexpr uint64_t kib = 1024;
  if (bytes < kib) return fmt::format("{}", bytes);
  if (bytes < kib * kib) return fmt::format("{:.1f}K", static_cast<double>(bytes) / kib);
  if (bytes < kib * kib * kib) return fmt::format("{:.1f}M", static_cast<double>(bytes) / kib / kib);
  return fmt::format("{:.1f}G", static_cast<double>(bytes) / kib / kib / kib);
}

std::string last_words(const bj::object& plugin) {
  const std::string trouble = text_in(plugin, "trouble");
  const std::string words = trouble.empty() ? text_in(plugin, "lastFault") : trouble;
  return words.empty() ? "-" : words;
}

Outcome<std::vector<bj::object>> plugins_in(const bj::object& answer) {
  std::vector<bj::object> out;
  const bj::value* plugins = answer.if_contains("plugins");
  if (!plugins || !plugins->is_array()) return fail("the answer has no list \"plugins\"");
  for (const bj::value& plugin : plugins->as_array()) {
    if (!plugin.is_object()) return fail("the answer's \"plugins\" has what is no object");
    out.push_back(plugin.as_object());
  }
  return out;
}

namespace {

std::vector<std::string> figures_of(const bj::object& from) {
  return {fmt::format("{}", number_in(from, "calls")),
          fmt::format("{}", number_in(from, "faults")),
          duration_text(number_in(from, "p50Ns")),
          duration_text(number_in(from, "p99Ns")),
          duration_text(number_in(from, "p999Ns")),
          fmt::format("{}", number_in(from, "overBudget")),
          fmt::format("{}", number_in(from, "trips"))};
}

int list(Context& context) {
  const auto answer = context.admin.plugins();
  if (!answer) return complain(answer.error());
  const auto plugins = plugins_in(*answer);
  if (!plugins) return complain(plugins.error());
  if (context.json) {
    bj::array all;
    for (const bj::object& plugin : *plugins) all.emplace_back(plugin);
    print_json(bj::object{{"plugins", std::move(all)}});
    return 0;
  }
  Table table({"plugin", "state", "version", "calls", "errors", "p50", "p99", "p99.9", "slow",
               "trips", "held", "last error"});
  for (const bj::object& plugin : *plugins) {
    const std::string version = text_in(plugin, "version");
    std::vector<std::string> row = {text_in(plugin, "name"), text_in(plugin, "state"),
                                    version.empty() ? "-" : version};
    for (std::string& figure : figures_of(plugin)) row.push_back(std::move(figure));
    row.push_back(bytes_text(number_in(plugin, "bytesRetained")));
    row.push_back(last_words(plugin));
    table.add(std::move(row));
  }
  table.print();
  return 0;
}

std::string word_of(const bj::value& value) {
  return value.is_string() ? std::string(value.as_string()) : client::json_text(value);
}

void print_offers(const bj::object& plugin) {
  const bj::value* offers = plugin.if_contains("offers");
  if (!offers || !offers->is_array() || offers->as_array().empty()) return;
  Table table({"offer", "calls", "errors", "p50", "p99", "p99.9", "slow", "trips", "refused",
               "turned away", "last error"});
  for (const bj::value& value : offers->as_array()) {
    if (!value.is_object()) continue;
    const bj::object& offer = value.as_object();
    const std::string id = text_in(offer, "id");
    const std::string name = text_in(offer, "name");
    std::vector<std::string> row = {id.empty() ? "its life" : name.empty() ? id : id + ' ' + name};
    for (std::string& figure : figures_of(offer)) row.push_back(std::move(figure));
    row.push_back(fmt::format("{}", number_in(offer, "refusals")));
    row.push_back(fmt::format("{}", number_in(offer, "turnedAway")));
    row.push_back(last_words(offer));
    table.add(std::move(row));
  }
  fmt::print("\n");
  table.print();
}

void print_facts(const bj::object& plugin) {
  const std::string trouble = text_in(plugin, "factsTrouble");
  if (!trouble.empty()) fmt::print("\nits facts can't be read: {}\n", trouble);
  const bj::value* facts = plugin.if_contains("facts");
  if (!facts || !facts->is_array() || facts->as_array().empty()) return;
  Table table({"about", "fact", "value"});
  for (const bj::value& value : facts->as_array()) {
    if (!value.is_object() || !value.as_object().contains("value")) continue;
    const bj::object& fact = value.as_object();
    const std::string subject = text_in(fact, "subject");
    table.add({subject.empty() ? "-" : subject, text_in(fact, "name"), word_of(fact.at("value"))});
  }
  fmt::print("\n");
  table.print();
}

int show(Context& context, const std::string& name) {
  const auto answer = context.admin.plugin(name);
  if (!answer) return complain(answer.error());
  if (context.json) {
    print_json(*answer);
    return 0;
  }
  const bj::object& plugin = *answer;
  const auto line = [](const char* what, const std::string& words) {
    if (!words.empty()) fmt::print("{:<12}{}\n", what, words);
  };
  line("plugin", text_in(plugin, "name"));
  line("state", text_in(plugin, "state"));
  line("trouble", text_in(plugin, "trouble"));
  line("module", text_in(plugin, "module"));
  line("id", text_in(plugin, "plugin"));
  line("version", text_in(plugin, "version"));
  line("library", text_in(plugin, "library"));
  line("buffers", fmt::format("{} held, {} bytes", number_in(plugin, "buffersRetained"),
                              number_in(plugin, "bytesRetained")));
  line("completions", fmt::format("{} open", number_in(plugin, "completionsOpen")));
  print_offers(plugin);
  print_facts(plugin);
  return 0;
}

}  // namespace

void add_plugin(CLI::App& app, Command& chosen) {
  CLI::App* plugin = app.add_subcommand("plugin", "modules of a node");
  plugin->require_subcommand(1);
  plugin->add_subcommand("list", "all of them, with what the host counted")->callback([&chosen] {
    chosen = list;
  });
  auto name = std::make_shared<std::string>();
  CLI::App* one = plugin->add_subcommand("show", "one: its offers one by one, and what it tells");
  one->add_option("name", *name, "the instance, as configured")->required();
  one->callback([&chosen, name] {
    chosen = [name](Context& context) { return show(context, *name); };
  });
  add_plugin_top(*plugin, chosen);
}

}  // namespace gantry::ctl
