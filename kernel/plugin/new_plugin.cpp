#include "plugin/new_plugin.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "plugin/host.hpp"

namespace gantry::plugin {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view name_in_templates = "plugin_name";
constexpr size_t name_bytes_max = 64;

// CMake has these targets in every project.
const std::set<std::string, std::less<>> targets_of_cmake = {
    "all",     "clean",   "depend",         "edit_cache",    "help",
    "install", "package", "package_source", "rebuild_cache", "test"};

Outcome<void> check_name(const std::string& name) {
  const bool good = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
  if (name.empty() || !good || name.size() > name_bytes_max) {
    return fail(fmt::format("name '{}': a module's name is 1 to {} of a-z, 0-9 and _", name,
                            name_bytes_max));
  }
  if (targets_of_cmake.contains(name)) {
    return fail(fmt::format("name '{}': CMake has a target of this name", name));
  }
  return {};
}

// "put_hook in c", and so on, of every template there is.
std::vector<std::string> all_templates(const fs::path& templates) {
  std::vector<std::string> all;
  std::error_code error;
  for (const auto& folder : fs::directory_iterator(templates, error)) {
    for (const char* language : {"c", "cpp"}) {
      if (fs::exists(folder.path() / fmt::format("plugin.{}", language), error)) {
        all.push_back(fmt::format("{} in {}", folder.path().filename().string(), language));
      }
    }
  }
  std::ranges::sort(all);
  return all;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

Outcome<void> copy(const fs::path& from, const fs::path& to, const NewPlugin& wanted) {
  std::ifstream in(from, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return fail(fmt::format("{}: cannot be read", from.string()));
  replace_all(text, name_in_templates, wanted.name);
  if (wanted.language != "cpp") replace_all(text, "plugin.cpp", "plugin." + wanted.language);
  std::ofstream out(to, std::ios::binary);
  out << text;
  out.close();
  if (!out) return fail(fmt::format("{}: cannot be written", to.string()));
  return {};
}

Outcome<void> fill(const fs::path& folder, const fs::path& templates, const NewPlugin& wanted) {
  for (const fs::path& source : {templates / "common", templates / wanted.capability}) {
    std::error_code error;
    fs::directory_iterator files(source, error);
    if (error) return fail(fmt::format("{}: {}", source.string(), error.message()));
    for (const auto& file : files) {
      const std::string name = file.path().filename().string();
      const bool other_language =
          name.starts_with("plugin.") && name != "plugin." + wanted.language;
      if (other_language) continue;
      const std::string made = name == "gitignore" ? ".gitignore" : name;
      if (auto copied = copy(file.path(), folder / made, wanted); !copied) return copied;
    }
  }
  return {};
}

fs::path default_templates() {
  return (default_directory() / ".." / ".." / ".." / "share" / "gantry" / "template")
      .lexically_normal();
}

}  // namespace

Outcome<fs::path> new_plugin(const NewPlugin& wanted) {
  if (auto good = check_name(wanted.name); !good) return good.error();
  const fs::path templates = wanted.templates.empty() ? default_templates() : wanted.templates;
  const std::vector<std::string> all = all_templates(templates);
  if (all.empty()) return fail(fmt::format("{}: no templates of plugins", templates.string()));
  const std::string chosen = fmt::format("{} in {}", wanted.capability, wanted.language);
  if (std::ranges::find(all, chosen) == all.end()) {
    return fail(fmt::format("no template of a {}; there are {}", chosen, fmt::join(all, ", ")));
  }
  const fs::path folder = wanted.directory.empty() ? fs::path(wanted.name) : wanted.directory;
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error))) {
    return fail(fmt::format("{}: exists, and is left as it is", folder.string()));
  }
  // Folders above it stay if it fails.
  fs::create_directories(folder, error);
  if (error) return fail(fmt::format("{}: {}", folder.string(), error.message()));
  if (auto filled = fill(folder, templates, wanted); !filled) {
    fs::remove_all(folder, error);
    return filled.error();
  }
  return {boost::system::in_place_value, folder};
}

}  // namespace gantry::plugin
