// Between a module's declared settings and the configuration file's keys.
#pragma once

#include <gantry/plugin.h>

#include <map>
#include <string>
#include <vector>

#include "config/document.hpp"

namespace gantry::plugin {

// The module's keys behind the ones that are the host's: see common_keys.
std::vector<config::Key> keys_of(const gantry_module& module);

// What one instance is told: its own values by key, and the node's by dotted name. Strings live as
// long as this.
class SettingValues {
 public:
  SettingValues() = default;
  SettingValues(const gantry_module& module, const config::Section& section);

  void set(const std::string& key, config::Value value) { values_[key] = std::move(value); }
  gantry_status get(std::string_view key, gantry_value& out) const;
  gantry_status item(std::string_view key, uint32_t index, gantry_value& out) const;

 private:
  std::map<std::string, config::Value, std::less<>> values_;
};

// An instance's keys as a person reads them: "expiry_ms  whole number  120000 (1000..)  help".
std::vector<std::string> describe_settings(const gantry_module& module);

}  // namespace gantry::plugin
