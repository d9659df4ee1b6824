// Library: one loaded shared object and what it says about itself, checked. Owned by PluginHost;
// stays mapped until the process ends or all its instances are destroyed.
#pragma once

#include <gantry/plugin.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace gantry::plugin {

class Library {
 public:
  // Loads with immediate binding. Fails, naming file, module, id and reason, when there is no such
  // file, no gantry_plugin_v1, a newer ABI major, or a table that breaks the contract.
  static Outcome<std::unique_ptr<Library>> load(const std::filesystem::path& file);
  // The same checks on a plugin linked into the program: for tests.
  static Outcome<std::unique_ptr<Library>> adopt(const gantry_plugin& plugin, std::string name);
  ~Library();

  const std::string& file() const { return file_; }
  const gantry_plugin& plugin() const { return *plugin_; }
  std::vector<const gantry_module*> modules() const;
  const gantry_module* module_named(std::string_view name) const;  // null: it has none

 private:
  struct Mapping;
  Library(std::string file, const gantry_plugin* plugin, std::unique_ptr<Mapping> mapping);

  std::string file_;
  const gantry_plugin* plugin_;
  std::unique_ptr<Mapping> mapping_;
};

// "gantry.put_hook/0" -> 0; -1 when it isn't <owner>.<name>/<revision>.
int revision_of(std::string_view id);

}  // namespace gantry::plugin
