// Cases of the file itself, before and after it is loaded.

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "check/case.hpp"
#include "check/elf.hpp"
#include "check/rig.hpp"
#include "cpp/fake/library.hpp"

namespace gantry::sdk::check {
namespace {

constexpr size_t names_shown_max = 5;

// "a, b and 3 more"
std::string some_of(const std::vector<std::string>& names) {
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), names_shown_max); ++i)
    out += (i > 0 ? ", " : "") + names[i];
  if (names.size() > names_shown_max)
    out += " and " + std::to_string(names.size() - names_shown_max) + " more";
  return out;
}

template <class Wanted>
std::vector<std::string> names_of(const std::string& path, const Wanted& wanted) {
  std::vector<std::string> out;
  for (const Symbol& symbol : dynamic_symbols(path))
    if (wanted(symbol)) out.push_back(symbol.name);
  return out;
}

bool is_of_gantry(const std::string& name) {
  return name.starts_with("gantry") || name.find("N6gantry") != name.npos ||
         name.find("NK6gantry") != name.npos;
}

bool is_mapped(const std::string& path) {
  const std::string real = std::filesystem::canonical(path).string();
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);)
    if (line.ends_with(real)) return true;
  return false;
}

// A life that fails is the business of other cases.
void live_once(const gantry_plugin& plugin, const gantry_module& module, const Subject& subject) {
  try {
    Rig rig(plugin, module, subject);
    rig.start();
    rig.stop();
  } catch (const std::exception&) {
  }
}

}  // namespace

void exports_one_symbol(Subject& subject) {
  const auto names = names_of(subject.path, [](const Symbol& symbol) { return symbol.is_defined; });
  if (std::find(names.begin(), names.end(), "gantry_plugin_v1") == names.end())
    throw Failed("it does not export gantry_plugin_v1");
  std::vector<std::string> others;
  std::copy_if(names.begin(), names.end(), std::back_inserter(others),
               [](const std::string& name) { return name != "gantry_plugin_v1"; });
  if (!others.empty())
    throw Failed("it also exports " + some_of(others) + ": link it with sdk/cpp/plugin.map");
}

void has_no_unique_symbols(Subject& subject) {
  const auto names = names_of(subject.path, [](const Symbol& symbol) { return symbol.is_unique; });
  if (!names.empty())
    throw Failed("unique symbols keep it mapped for ever: " + some_of(names) +
                 ": build it hidden, with sdk/cpp/plugin.map");
}

void needs_nothing_of_gantry(Subject& subject) {
  const auto names = names_of(subject.path, [](const Symbol& symbol) {
    return !symbol.is_defined && is_of_gantry(symbol.name);
  });
  if (!names.empty())
    throw Failed("a node has no symbols for plugins, it expects " + some_of(names));
}

void unmaps(Subject& subject) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  throw Skipped("a sanitizer keeps libraries mapped");
#endif
  {
    const fake::Library library(subject.path);
    const gantry_plugin& plugin = library.plugin();
    for (uint32_t i = 0; i < plugin.module_count; ++i)
      if (plugin.modules[i]->flags & GANTRY_MODULE_STAYS_MAPPED)
        throw Skipped(std::string("its module ") + plugin.modules[i]->name + " stays mapped");
    for (uint32_t i = 0; i < plugin.module_count; ++i)
      live_once(plugin, *plugin.modules[i], subject);
  }
  if (is_mapped(subject.path))
    throw Failed(
        "still mapped after dlclose: a unique symbol, a thread_local with a destructor or "
        "-z nodelete holds it");
}

}  // namespace gantry::sdk::check
