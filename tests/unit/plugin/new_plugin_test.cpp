// A new plugin's folder, from the templates of the source tree. That they build and work:
// scripts/tutorial.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "plugin/new_plugin.hpp"

using namespace gantry;
namespace fs = std::filesystem;

namespace {

const fs::path templates = fs::path(GANTRY_SOURCE_DIR) / "sdk" / "template";

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "new_plugin_test.XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }

  Outcome<fs::path> make(const std::string& name, const std::string& capability = "put_hook",
                         const std::string& language = "cpp") const {
    return plugin::new_plugin({.name = name,
                               .capability = capability,
                               .language = language,
                               .directory = path / "made",
                               .templates = templates});
  }
  std::string why(const std::string& name, const std::string& capability = "put_hook",
                  const std::string& language = "cpp") const {
    const auto made = make(name, capability, language);
    REQUIRE(made.has_error());
    return made.error().text;
  }
  bool is_empty() const { return fs::is_empty(path); }

  fs::path path;
};

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& file : fs::directory_iterator(folder)) names.insert(file.path().filename());
  return names;
}

}  // namespace

TEST_CASE("a new plugin is a folder with its sources, under its own name") {
  const Folder folder;
  const auto made = folder.make("my_stamp");
  REQUIRE(made.has_value());
  CHECK(names_in(*made) == std::set<std::string>{".gitignore", "CMakeLists.txt", "README.md",
                                                 "plugin.cpp", "plugin_test.cpp"});
  for (const auto& file : fs::directory_iterator(*made)) {
    CHECK(text_of(file.path()).find("plugin_name") == std::string::npos);
  }
  CHECK(text_of(*made / "plugin.cpp").find(".name = \"my_stamp\"") != std::string::npos);
}

TEST_CASE("the build tree's programs find the templates as installed ones do, beside themselves") {
  const Folder folder;
  const auto made = plugin::new_plugin({.name = "a", .directory = folder.path / "made"});
  REQUIRE(made.has_value());
  CHECK(fs::exists(*made / "plugin.cpp"));
}

TEST_CASE("a new plugin in C has C sources only, and its build file says so") {
  const Folder folder;
  for (const char* capability : {"filter", "put_hook"}) {
    const auto made = folder.make("stamp", capability, "c");
    REQUIRE(made.has_value());
    CHECK(names_in(*made).count("plugin.c") == 1);
    CHECK(names_in(*made).count("plugin.cpp") == 0);
    CHECK(text_of(*made / "CMakeLists.txt").find("SOURCES plugin.c)") != std::string::npos);
    CHECK(text_of(*made / "README.md").find("`plugin.c`") != std::string::npos);
    fs::remove_all(*made);
  }
}

TEST_CASE("a name that no module can have is refused, nothing is written") {
  const Folder folder;
  const std::string rule = "': a module's name is 1 to 64 of a-z, 0-9 and _";
  for (const std::string name : {"", "Stamp", "a-b", "a/b", "..", "\xc3\xa4"}) {
    CHECK(folder.why(name) == "name '" + name + rule);
  }
  const std::string longest(64, 'a');
  CHECK(folder.why(longest + "a") == "name '" + longest + "a" + rule);
  CHECK(folder.why("test") == "name 'test': CMake has a target of this name");
  CHECK(folder.is_empty());
  CHECK(folder.make(longest).has_value());
}

TEST_CASE("what there is no template of is refused with what there is") {
  const Folder folder;
  const std::string all =
      "; there are filter in c, filter in cpp, function in cpp, log_consumer in cpp, put_hook in c, "
      "put_hook in cpp, request_handler in cpp";
  CHECK(folder.why("a", "function", "c") == "no template of a function in c" + all);
  CHECK(folder.why("a", "common") == "no template of a common in cpp" + all);
  CHECK(folder.why("a", "../template/filter") ==
        "no template of a ../template/filter in cpp" + all);
  CHECK(folder.is_empty());
  const auto made = plugin::new_plugin({.name = "a", .templates = folder.path / "none"});
  REQUIRE(made.has_error());
  CHECK(made.error().text == (folder.path / "none").string() + ": no templates of plugins");
}

TEST_CASE("a folder or file that exists is left as it is") {
  const Folder folder;
  const std::string taken = (folder.path / "made").string() + ": exists, and is left as it is";
  std::ofstream(folder.path / "made") << "mine";
  CHECK(folder.why("a") == taken);
  CHECK(text_of(folder.path / "made") == "mine");
  fs::remove(folder.path / "made");
  fs::create_directory(folder.path / "made");
  CHECK(folder.why("a") == taken);
  CHECK(fs::is_empty(folder.path / "made"));
  fs::remove(folder.path / "made");
  fs::create_symlink("nowhere", folder.path / "made");
  CHECK(folder.why("a") == taken);
}

TEST_CASE("a folder that cannot be finished is removed again") {
  const Folder folder;
  fs::create_directories(folder.path / "own" / "put_hook");
  std::ofstream(folder.path / "own" / "put_hook" / "plugin.cpp") << "plugin_name";
  const auto made = plugin::new_plugin(
      {.name = "a", .directory = folder.path / "made", .templates = folder.path / "own"});
  REQUIRE(made.has_error());
  CHECK(made.error().text ==
        (folder.path / "own" / "common").string() + ": No such file or directory");
  CHECK_FALSE(fs::exists(folder.path / "made"));
}
