#include "trial/modules.hpp"

#include <gantry/cap/filter.h>
#include <gantry/cap/function.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <stdexcept>
#include <string_view>

namespace gantry::sdk::trial {
namespace {

[[noreturn]] void refuse(const std::string& text) {
  throw std::runtime_error(text);
}

std::span<const gantry_module* const> modules_of(const gantry_plugin& plugin) {
  return {plugin.modules, plugin.module_count};
}

const gantry_offer* find_offer(const gantry_module& module, std::string_view id,
                               std::string_view name = {}) {
  const std::span offers(module.offers, module.offer_count);
  const auto found = std::ranges::find_if(offers, [&](const gantry_offer* offer) {
    return id == offer->id && (name.empty() || name == offer->name);
  });
  return found == offers.end() ? nullptr : *found;
}

const gantry_setting* find_setting(const gantry_module& module, std::string_view key) {
  const std::span settings(module.settings, module.setting_count);
  const auto found = std::ranges::find_if(
      settings, [&](const gantry_setting* setting) { return key == setting->key; });
  return found == settings.end() ? nullptr : *found;
}

std::vector<std::string> types_of(const std::vector<const gantry_plugin*>& plugins) {
  std::vector<std::string> types;
  for (const gantry_plugin* plugin : plugins) {
    for (const gantry_module* module : modules_of(*plugin)) {
      for (const gantry_offer* offer : std::span(module->offers, module->offer_count)) {
        if (std::string_view(offer->id) == GANTRY_CAP_FILTER) types.emplace_back(offer->name);
      }
    }
  }
  return types;
}

// The wanted type, or the only one there is.
std::string type_of(const std::vector<const gantry_plugin*>& plugins, const std::string& wanted) {
  const std::vector<std::string> types = types_of(plugins);
  const auto count = std::ranges::count(types, wanted);
  if (count == 1) return wanted;
  if (count > 1) refuse("several modules offer a filter of type " + wanted);
  if (wanted.empty() && types.size() == 1) return types.front();
  std::string all;
  for (const std::string& type : types) all += (all.empty() ? "" : ", ") + type;
  if (all.empty()) refuse("the libraries offer no filter");
  refuse((wanted.empty() ? "say which type of filter: " : "no filter of type " + wanted + ": ") +
         "the libraries offer " + all);
}

template <class Number>
Number number_of(const gantry_setting& setting, const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) {
    refuse("setting " + std::string(setting.key) + ": \"" + text + "\" is no number");
  }
  return number;
}

fake::SettingValue value_of(const gantry_setting& setting, const std::string& text) {
  switch (setting.kind) {
    case GANTRY_BOOL:
      if (text != "true" && text != "false") {
        refuse("setting " + std::string(setting.key) + ": \"" + text + "\" is not true or false");
      }
      return text == "true";
    case GANTRY_I64:
      return number_of<int64_t>(setting, text);
    case GANTRY_F64:
      return number_of<double>(setting, text);
    case GANTRY_LIST:
      return fake::SettingValue::List{text};
    default:
      return text;
  }
}

fake::Settings settings_of(const gantry_module& module, const TrialOptions& options) {
  fake::Settings out;
  for (const SettingTexts* texts : {&options.settings, &options.defaults}) {
    for (const auto& [key, text] : *texts) {
      const gantry_setting* setting = find_setting(module, key);
      if (setting) out.emplace(key, value_of(*setting, text));
    }
  }
  return out;
}

}  // namespace

bool offers_filter(const std::vector<const gantry_plugin*>& plugins, const std::string& type) {
  return std::ranges::count(types_of(plugins), type) > 0;
}

Modules load_modules(fake::Host& host, const std::vector<const gantry_plugin*>& plugins,
                     const TrialOptions& options) {
  Modules out{type_of(plugins, options.expression_type), nullptr, {}};
  std::vector<const gantry_module*> loaded;
  for (const gantry_plugin* plugin : plugins) {
    for (const gantry_module* module : modules_of(*plugin)) {
      const bool judges = find_offer(*module, GANTRY_CAP_FILTER, out.expression_type) != nullptr;
      if (!judges && !find_offer(*module, GANTRY_CAP_FUNCTION)) continue;
      out.all.push_back(&host.load(*plugin, module->name, settings_of(*module, options)));
      loaded.push_back(module);
      if (judges) out.filter = out.all.back();
    }
  }
  for (const auto& [key, text] : options.settings) {
    const auto declares = [&](const gantry_module* one) { return find_setting(*one, key); };
    if (std::ranges::none_of(loaded, declares)) {
      refuse("setting " + key + ": neither the filter nor what it calls declares it");
    }
  }
  return out;
}

}  // namespace gantry::sdk::trial
