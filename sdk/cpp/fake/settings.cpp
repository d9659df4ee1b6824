#include <algorithm>
#include <limits>
#include <stdexcept>

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

SettingValue::List split(std::string_view text) {
  SettingValue::List out;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    const size_t first = item.find_first_not_of(' ');
    if (first != item.npos)
      out.emplace_back(item.substr(first, item.find_last_not_of(' ') + 1 - first));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
  }
  return out;
}

SettingValue fallback_of(const gantry_setting& setting) {
  const gantry_value& value = setting.fallback;
  const std::string text = value.kind == GANTRY_STR ? std::string(view(value.as.s)) : std::string();
  switch (setting.kind) {
    case GANTRY_BOOL:
      return value.as.i != 0;
    case GANTRY_I64:
      return value.as.i;
    case GANTRY_F64:
      return value.as.f;
    case GANTRY_LIST:
      return split(text);
    default:
      return text;
  }
}

double number_of(const gantry_value& value, double none) {
  if (value.kind == GANTRY_I64) return static_cast<double>(value.as.i);
  return value.kind == GANTRY_F64 ? value.as.f : none;
}

void check(const gantry_setting& setting, const SettingValue& value) {
  static constexpr uint32_t kinds[] = {GANTRY_BOOL, GANTRY_I64, GANTRY_F64, GANTRY_STR,
                                       GANTRY_LIST};
  const std::string key = setting.key;
  if (kinds[value.get().index()] != setting.kind)
    throw std::invalid_argument("setting " + key + " is of kind " + std::to_string(setting.kind) +
                                ", not " + std::to_string(kinds[value.get().index()]));
  constexpr double infinity = std::numeric_limits<double>::infinity();
  double number = 0;
  if (const auto* i = std::get_if<int64_t>(&value.get()))
    number = static_cast<double>(*i);
  else if (const auto* f = std::get_if<double>(&value.get()))
    number = *f;
  else
    return;
  if (number < number_of(setting.least, -infinity) || number > number_of(setting.most, infinity))
    throw std::invalid_argument("setting " + key + " is out of bounds: " + std::to_string(number));
}

using Values = std::map<std::string, SettingValue, std::less<>>;

// A declared key "bind[].topic": what is given as "bind[0].topic", "bind[1].topic"...
std::string declared_key(std::string_view key) {
  const size_t begin = key.find('[');
  const size_t end = key.find(']', begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return std::string(key);
  return std::string(key.substr(0, begin + 1)) + std::string(key.substr(end));
}

bool is_in_table(std::string_view key) { return key.find("[].") != std::string_view::npos; }

// The list "bind", and all keys of so many tables as have a key given.
void add_tables(const gantry_module& module, const Settings& given, Values& out) {
  for (uint32_t i = 0; i < module.setting_count; ++i) {
    const gantry_setting& setting = *module.settings[i];
    if (!is_in_table(setting.key)) continue;
    const std::string key = setting.key;
    const std::string table = key.substr(0, key.find('['));
    const auto is_there = [&](const std::string& prefix) {
      const auto at = given.lower_bound(prefix + ".");
      return at != given.end() && at->first.starts_with(prefix + ".");
    };
    SettingValue::List prefixes;
    for (std::string prefix = table + "[0]"; is_there(prefix);
         prefix = table + "[" + std::to_string(prefixes.size()) + "]") {
      const std::string own = prefix + key.substr(key.find('.'));
      const auto at = given.find(own);
      if (at == given.end() && (setting.flags & GANTRY_SETTING_REQUIRED))
        throw std::invalid_argument(std::string(module.name) + " requires the setting " + own);
      const SettingValue value = at == given.end() ? fallback_of(setting) : at->second;
      check(setting, value);
      out.emplace(own, value);
      prefixes.push_back(prefix);
    }
    out.insert_or_assign(table, std::move(prefixes));
  }
}

}  // namespace

Values check_settings(const gantry_module& module, const Settings& given) {
  Values out;
  for (uint32_t i = 0; i < module.setting_count; ++i) {
    const gantry_setting& setting = *module.settings[i];
    if (is_in_table(setting.key)) continue;
    const auto at = given.find(setting.key);
    if (at == given.end() && (setting.flags & GANTRY_SETTING_REQUIRED))
      throw std::invalid_argument(std::string(module.name) + " requires the setting " +
                                  setting.key);
    const SettingValue value = at == given.end() ? fallback_of(setting) : at->second;
    check(setting, value);
    out.emplace(setting.key, value);
  }
  add_tables(module, given, out);
  for (const auto& [key, value] : given) {
    const std::string declared = declared_key(key);
    const bool known = std::any_of(module.settings, module.settings + module.setting_count,
                                   [&](const gantry_setting* one) { return declared == one->key; });
    if (!known || (declared != key && !out.contains(key)))
      throw std::invalid_argument(std::string(module.name) + " declares no setting " + key);
  }
  return out;
}

}  // namespace gantry::sdk::fake
