#include "bindings.hpp"

#include <algorithm>

#include "expression.hpp"

namespace gantry::filter_lua {
namespace {

constexpr std::string_view any = "*";

[[noreturn]] void refuse(const std::string& key, const std::string& value, const char* why) {
  throw sdk::Refusal(GANTRY_INVALID, "setting " + key + " is '" + value + "': " + why);
}

}  // namespace

Bindings::Bindings(const sdk::Host& host) {
  for (const std::string& table : host.setting_list("bind")) {
    const auto text = [&](const char* key) { return host.setting_str(table + "." + key); };
    const std::string topic = text("topic"), group = text("group"), script = text("script");
    const std::string on_error = text("on_error"), arguments = text("arguments");
    if (topic.empty()) refuse(table + ".topic", topic, "a topic or * is expected");
    if (group.empty()) refuse(table + ".group", group, "a group or * is expected");
    if (!is_script_name(script)) refuse(table + ".script", script, "no name of a script");
    if (!on_error.empty() && !on_error_of(on_error)) {
      refuse(table + ".on_error", on_error, "it is deliver, skip or stop");
    }
    if (arguments.find_first_of("\r\n") != std::string::npos) {
      refuse(table + ".arguments", arguments, "they are one line");
    }
    std::string expression = script;
    if (!on_error.empty()) expression += " on_error=" + on_error;
    if (!arguments.empty()) expression += " " + arguments;
    if (!topics_[topic].emplace(group, std::move(expression)).second) {
      refuse(table + ".topic", topic, ("is bound already for group " + group).c_str());
    }
    if (std::find(scripts_.begin(), scripts_.end(), script) == scripts_.end()) {
      scripts_.push_back(script);
    }
  }
}

const std::string* Bindings::find(const Groups& groups, std::string_view group) const {
  const auto at = groups.find(group);
  return at == groups.end() ? nullptr : &at->second;
}

std::optional<std::string_view> Bindings::find(std::string_view topic,
                                               std::string_view group) const {
  if (topics_.empty()) return std::nullopt;
  for (const std::string_view topic_key : {topic, any}) {
    const auto groups = topics_.find(topic_key);
    if (groups == topics_.end()) continue;
    for (const std::string_view group_key : {group, any}) {
      if (const std::string* found = find(groups->second, group_key)) return *found;
    }
  }
  return std::nullopt;
}

}  // namespace gantry::filter_lua
