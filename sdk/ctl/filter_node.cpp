// gantryctl filter list, reload: what a node's filters do, by its door for administrators.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <map>

#include "client/words.hpp"
#include "filter_node.hpp"
#include "output.hpp"
#include "plugin.hpp"

namespace gantry::ctl {

namespace bj = boost::json;

namespace {

const bj::array& array_in(const bj::object& object, std::string_view member) {
  static const bj::array none;
  const bj::value* found = object.if_contains(member);
  return found && found->is_array() ? found->as_array() : none;
}

// "filter" or "function" of an offer's id; empty for other offers.
std::string kind_of(const bj::object& offer) {
  const std::string id = text_in(offer, "id");
  if (id.starts_with("gantry.filter/")) return "filter";
  return id.starts_with("gantry.function/") ? "function" : "";
}

bool offers_any(const bj::object& plugin) {
  return std::ranges::any_of(array_in(plugin, "offers"), [](const bj::value& offer) {
    return offer.is_object() && !kind_of(offer.as_object()).empty();
  });
}

// Those that offer a filter or a function, in full.
Outcome<std::vector<bj::object>> filters_of(Context& context) {
  const auto answer = context.admin.plugins();
  if (!answer) return answer.error();
  const auto plugins = plugins_in(*answer);
  if (!plugins) return plugins.error();
  std::vector<bj::object> out;
  for (const bj::object& plugin : *plugins) {
    auto whole = context.admin.plugin(text_in(plugin, "name"));
    if (!whole) return whole.error();
    if (offers_any(*whole)) out.push_back(std::move(*whole));
  }
  return out;
}

void print_offers(const std::vector<bj::object>& plugins) {
  Table table({"", "name", "plugin", "state", "calls", "errors", "p50", "p99", "trips", "refused",
               "last error"});
  for (const bj::object& plugin : plugins) {
    for (const bj::value& value : array_in(plugin, "offers")) {
      const bj::object& offer = value.as_object();
      const std::string kind = kind_of(offer);
      if (kind.empty()) continue;
      table.add({kind, text_in(offer, "name"), text_in(plugin, "name"), text_in(plugin, "state"),
                 fmt::format("{}", number_in(offer, "calls")),
                 fmt::format("{}", number_in(offer, "faults")),
                 duration_text(number_in(offer, "p50Ns")), duration_text(number_in(offer, "p99Ns")),
                 fmt::format("{}", number_in(offer, "trips")),
                 fmt::format("{}", number_in(offer, "refusals")), last_words(offer)});
    }
  }
  table.print();
}

// What the modules tell of each script, or whatever they have, a line for each.
void print_subjects(const std::vector<bj::object>& plugins) {
  for (const bj::object& plugin : plugins) {
    std::string subject;
    for (const bj::value& value : array_in(plugin, "facts")) {
      if (!value.is_object() || !value.as_object().contains("value")) continue;
      const bj::object& fact = value.as_object();
      const bj::value& said = fact.at("value");
      const std::string about = text_in(fact, "subject");
      if (about != subject) {
        subject = about;
        fmt::print("{}{}: ", subject.empty() ? "" : "\n", subject.empty() ? text_in(plugin, "name") : subject);
      } else {
        fmt::print(", ");
      }
      fmt::print("{} {}", text_in(fact, "name"),
                 said.is_string() ? std::string(said.as_string()) : client::json_text(said));
    }
    if (!array_in(plugin, "facts").empty()) fmt::print("\n");
  }
}

int list(Context& context) {
  const auto plugins = filters_of(context);
  if (!plugins) return complain(plugins.error());
  if (context.json) {
    bj::array all;
    for (const bj::object& plugin : *plugins) all.emplace_back(plugin);
    print_json(bj::object{{"plugins", std::move(all)}});
    return 0;
  }
  print_offers(*plugins);
  print_subjects(*plugins);
  return 0;
}

int reload(Context& context) {
  const auto answer = context.admin.reload_filters();
  if (!answer) return complain(answer.error());
  const bj::array& failed = array_in(*answer, "failed");
  if (context.json) {
    print_json(*answer);
    return failed.empty() ? 0 : 1;
  }
  for (const bj::value& name : array_in(*answer, "loaded")) {
    if (name.is_string()) fmt::print("loaded {}\n", std::string_view(name.as_string()));
  }
  for (const bj::value& value : failed) {
    if (!value.is_object()) continue;
    const bj::object& script = value.as_object();
    fmt::print(stderr, "{} stays as it was: {}\n", text_in(script, "script"), text_in(script, "error"));
  }
  if (array_in(*answer, "loaded").empty() && failed.empty()) fmt::print("no script has changed\n");
  return failed.empty() ? 0 : 1;
}

}  // namespace

void add_filter_node(CLI::App& filter, Command& chosen) {
  filter
      .add_subcommand("list", "a node's filters and functions: calls, errors, times, and what they "
                              "tell of their scripts")
      ->callback([&chosen] { chosen = list; });
  filter
      .add_subcommand("reload", "makes a node look at once whether scripts have changed")
      ->callback([&chosen] { chosen = reload; });
}

}  // namespace gantry::ctl
