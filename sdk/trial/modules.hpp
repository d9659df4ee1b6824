// Modules: what a trial starts of the libraries it was given: the filter of the wanted type, and
// whatever offers functions to it. Lives as long as the trial; one thread.
#pragma once

#include <gantry/plugin.h>

#include <string>
#include <utility>
#include <vector>

#include "cpp/fake/host.hpp"

namespace gantry::sdk::trial {

using SettingTexts = std::vector<std::pair<std::string, std::string>>;  // key, value

struct TrialOptions {
  std::vector<std::string> libraries;  // files
  std::string otherwise = {};          // one more, when none of these offers the type
  std::string expression_type = {};    // empty: the only one they offer
  SettingTexts settings = {};          // each for the modules that declare its key
  SettingTexts defaults = {};          // the same, where such a module is there and nothing is said
};

struct Modules {
  std::string expression_type;
  fake::Instance* filter = nullptr;
  std::vector<fake::Instance*> all;
};

// Whether one of the libraries has a filter of this type.
bool offers_filter(const std::vector<const gantry_plugin*>& plugins, const std::string& type);

// Loads them into a host that is not started. Throws std::runtime_error: there is no such filter,
// or a setting is wrong.
Modules load_modules(fake::Host& host, const std::vector<const gantry_plugin*>& plugins,
                     const TrialOptions& options);

}  // namespace gantry::sdk::trial
