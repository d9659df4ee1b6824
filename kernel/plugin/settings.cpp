#include "plugin/settings.hpp"

#include <fmt/format.h>

#include "plugin/plan.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {
namespace {

config::List split(std::string_view items) {
  config::List out;
  while (!items.empty()) {
    const size_t comma = items.find(',');
    out.emplace_back(items.substr(0, comma));
    if (comma == std::string_view::npos) break;
    items.remove_prefix(comma + 1);
  }
  return out;
}

config::Kind kind_of(uint32_t kind) {
  switch (kind) {
    case GANTRY_BOOL: return config::Kind::boolean;
    case GANTRY_I64: return config::Kind::integer;
    case GANTRY_F64: return config::Kind::number;
    case GANTRY_LIST: return config::Kind::list;
    default: return config::Kind::text;
  }
}

std::optional<config::Value> fallback_of(const gantry_setting& setting) {
  if (setting.flags & GANTRY_SETTING_REQUIRED) return std::nullopt;
  const gantry_value& value = setting.fallback;
  switch (setting.kind) {
    case GANTRY_BOOL: return config::Value(value.as.i != 0);
    case GANTRY_I64: return config::Value(value.as.i);
    case GANTRY_F64: return config::Value(value.as.f);
    case GANTRY_LIST:
      return config::Value(value.kind == GANTRY_STR ? split(view(value.as.s)) : config::List());
    default: return config::Value(std::string(view(value.as.s)));
  }
}

std::optional<double> bound_of(const gantry_value& value) {
  if (value.kind == GANTRY_I64) return static_cast<double>(value.as.i);
  if (value.kind == GANTRY_F64) return value.as.f;
  return std::nullopt;
}

config::Key key_of(const gantry_setting& setting) {
  return {setting.key,           setting.help,           kind_of(setting.kind),
          fallback_of(setting),  bound_of(setting.least), bound_of(setting.most)};
}

}  // namespace

std::vector<config::Key> keys_of(const gantry_module& module) {
  std::vector<config::Key> keys = common_keys(module);
  for (uint32_t i = 0; i < module.setting_count; ++i) keys.push_back(key_of(*module.settings[i]));
  return keys;
}

SettingValues::SettingValues(const gantry_module& module, const config::Section& section) {
  for (uint32_t i = 0; i < module.setting_count; ++i) {
    const char* key = module.settings[i]->key;
    if (!config::table_key(key)) values_[key] = *section.find(key);
  }
  for (const auto& [array, tables] : section.tables()) {
    config::List prefixes;
    for (const config::Section& table : tables) {
      prefixes.push_back(fmt::format("{}[{}]", array, prefixes.size()));
      for (const auto& [key, value] : table.values()) {
        values_[fmt::format("{}.{}", prefixes.back(), key)] = value;
      }
    }
    values_[array] = std::move(prefixes);
  }
}

gantry_status SettingValues::get(std::string_view key, gantry_value& out) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return GANTRY_GONE;
  out = gantry_value{};
  const config::Value& value = found->second;
  switch (config::kind_of(value)) {
    case config::Kind::boolean:
      out.kind = GANTRY_BOOL;
      out.as.i = std::get<bool>(value) ? 1 : 0;
      break;
    case config::Kind::integer:
      out.kind = GANTRY_I64;
      out.as.i = std::get<int64_t>(value);
      break;
    case config::Kind::number:
      out.kind = GANTRY_F64;
      out.as.f = std::get<double>(value);
      break;
    case config::Kind::text:
      out.kind = GANTRY_STR;
      out.as.s = str(std::get<std::string>(value));
      break;
    case config::Kind::list:
      out.kind = GANTRY_LIST;
      out.as.i = static_cast<int64_t>(std::get<config::List>(value).size());
      break;
    case config::Kind::integers: return GANTRY_INVALID;  // no module can declare it
  }
  return GANTRY_OK;
}

gantry_status SettingValues::item(std::string_view key, uint32_t index, gantry_value& out) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return GANTRY_GONE;
  const auto* items = std::get_if<config::List>(&found->second);
  if (!items) return GANTRY_INVALID;
  if (index >= items->size()) return GANTRY_GONE;
  out = gantry_value{};
  out.kind = GANTRY_STR;
  out.as.s = str((*items)[index]);
  return GANTRY_OK;
}

std::vector<std::string> describe_settings(const gantry_module& module) {
  std::vector<std::string> lines;
  for (const config::Key& key : keys_of(module)) {
    std::string bounds;
    if (key.least || key.most) {
      bounds = fmt::format(" ({}..{})", key.least ? fmt::format("{:.0f}", *key.least) : "",
                           key.most ? fmt::format("{:.0f}", *key.most) : "");
    }
    if (!key.one_of.empty()) bounds = fmt::format(" ({})", fmt::join(key.one_of, ", "));
    lines.push_back(fmt::format("{} = {}{}  # {}", key.name,
                                key.fallback ? config::to_text(*key.fallback) : "(required)",
                                bounds, key.help));
  }
  return lines;
}

}  // namespace gantry::plugin
