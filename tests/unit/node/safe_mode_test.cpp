// Crash reports and what a start makes of them.
#include "node/safe_mode.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace gantry;
using node::SafeMode;
namespace fs = std::filesystem;
namespace crash = node::crash;

namespace {

struct Root {
  Root() {
    std::string name = (fs::temp_directory_path() / "gantry-safe-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Root() { fs::remove_all(path); }
  // A start after a crash inside that instance (empty: inside none).
  SafeMode start_after(const std::string& instance, const std::string& call = "handle") {
    fs::create_directories(path / "gantry");
    std::ofstream(crash::path_in(path))
        << crash::text_of({instance, "gantry.request_handler/0", call, "signal 11"});
    return SafeMode::load(path, 3);
  }
  fs::path path;
};

}  // namespace

TEST_CASE("a crash report is read as it was written") {
  const crash::Report in = {"deadly", "gantry.put_hook/0", "before", "signal 6"};
  const crash::Report out = crash::parse(crash::text_of(in));
  CHECK(out.instance == in.instance);
  CHECK(out.capability == in.capability);
  CHECK(out.call == in.call);
  CHECK(out.reason == in.reason);
  CHECK(crash::parse(crash::text_of({"", "", "", "signal 6"})).instance.empty());
  for (const char* bad : {"", "\n", "instance x\n", "gantry.crash 1\ninstance", "gantry.crash 1\n\n"}) {
    CHECK(crash::parse(bad).instance.empty());
  }
}

TEST_CASE("the third crash in a row inside one call leaves its instance out, until the file goes") {
  Root root;
  CHECK(root.start_after("deadly").left_out().empty());
  CHECK(root.start_after("deadly").left_out().empty());
  const SafeMode third = root.start_after("deadly");
  REQUIRE(third.left_out().contains("deadly"));
  CHECK(third.left_out().at("deadly") ==
        "the last 3 processes crashed inside it, in handle of gantry.request_handler/0 (signal 11); "
        "it is left out until " + SafeMode::path_in(root.path).string() + " is removed");
  third.stopped_well();
  CHECK(SafeMode::load(root.path, 3).left_out().contains("deadly"));
  CHECK(SafeMode::load(root.path, 0).left_out().empty());  // switched off
  fs::remove(SafeMode::path_in(root.path));
  CHECK(SafeMode::load(root.path, 3).left_out().empty());
}

TEST_CASE("another call, another instance, none at all, or a good stop begins the row anew") {
  Root root;
  const auto nearly = [&] {
    root.start_after("deadly");
    root.start_after("deadly");
  };
  nearly();
  CHECK(root.start_after("deadly", "session_closed").left_out().empty());
  nearly();
  CHECK(root.start_after("other").left_out().empty());
  nearly();
  CHECK(root.start_after("").left_out().empty());
  nearly();
  SafeMode::load(root.path, 3).stopped_well();
  CHECK(root.start_after("deadly").left_out().empty());
}

TEST_CASE("crashes inside no module leave nothing out, however many") {
  Root root;
  for (int i = 0; i < 5; ++i) CHECK(root.start_after("").left_out().empty());
}

TEST_CASE("files that are damaged are as good as none") {
  Root root;
  for (const char* text : {"", "gantry.crashes 1\n", "gantry.crashes 1\ncount x\n",
                           "gantry.crashes 1\ncount 9\n", "nonsense"}) {
    fs::create_directories(root.path / "gantry");
    std::ofstream(SafeMode::path_in(root.path)) << text;
    CHECK(SafeMode::load(root.path, 3).left_out().empty());
    std::ofstream(crash::path_in(root.path)) << text;
    CHECK(SafeMode::load(root.path, 3).left_out().empty());
  }
}
