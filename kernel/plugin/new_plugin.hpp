// A new plugin's folder from the templates of sdk/template: `gantry plugin new`.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace gantry::plugin {

struct NewPlugin {
  std::string name;  // the module's: [a-z0-9_]+
  std::string capability = "put_hook";
  std::string language = "cpp";
  std::filesystem::path directory = {};  // empty: the name, in the working directory
  std::filesystem::path templates = {};  // empty: <executable>/../share/gantry/template
};

// Writes the folder and returns it. One that exists is not touched; one that can't be finished is
// removed again.
Outcome<std::filesystem::path> new_plugin(const NewPlugin& wanted);

}  // namespace gantry::plugin
