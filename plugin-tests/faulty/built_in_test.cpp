// The plugins of this tree, asked by gantry-plugin-check.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "checked.hpp"

using namespace gantry::faulty;

namespace {

// What can't be asked of them, and why: anything else that is skipped is news.
bool may_be_skipped(const std::string& name) {
  const bool is_store = name == "store_file/one_folder";  // it claims files of the store root
  const bool has_no_settings =
      name == "node_admin/bad_settings" || name == "node_admin/random_settings";
  return is_store || has_no_settings || name == "access" ||  // it has no routes
         name == "unmaps";                                   // a sanitizer keeps libraries mapped
}

}  // namespace

TEST_CASE("every built-in plugin keeps the contract") {
  std::set<std::filesystem::path> libraries;
  for (const auto& entry : std::filesystem::directory_iterator(GANTRY_PLUGIN_DIR))
    if (entry.path().extension() == ".so") libraries.insert(entry.path());
  REQUIRE(libraries.size() >= 5);
  for (const auto& library : libraries) {
    const Checked checked = check("--json --timeout 60 " + library.string());
    INFO(checked.output);
    CHECK(checked.exit_code == 0);
    const auto outcomes = checked.outcomes();
    CHECK(outcomes.size() >= 18);
    for (const auto& [name, outcome] : outcomes) {
      INFO(library.filename() << " " << name);
      CHECK((outcome == "passed" || (outcome == "skipped" && may_be_skipped(name)) ||
             (outcome == "warning" && name.ends_with("/slow"))));
    }
  }
}
