// plugin-tests/faulty/README.md has a row for every plugin of its folder.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace fs = std::filesystem;

TEST_CASE("every faulty plugin has its row: its deed, what catches it, what a node makes of it") {
  const fs::path folder = fs::path(GANTRY_SOURCE_DIR) / "plugin-tests" / "faulty";
  std::ifstream file(folder / "README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  int plugins = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& path = entry.path();
    const bool is_plugin = (path.extension() == ".c" || path.extension() == ".cpp") &&
                           !path.stem().string().ends_with("_test");
    if (!is_plugin) continue;
    INFO(path.filename());
    CHECK(readme.find("\n| `" + path.stem().string() + "` |") != std::string::npos);
    ++plugins;
  }
  CHECK(plugins > 30);
}
