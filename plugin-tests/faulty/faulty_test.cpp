// gantry-plugin-check against plugins that are broken on purpose: each case has one it catches.
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "checked.hpp"

using namespace gantry::faulty;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr const char* still_mapped = "skipped";  // a sanitizer keeps all libraries mapped
#else
constexpr const char* still_mapped = "failed";
#endif

struct Deed {
  const char* plugin;
  const char* caught_by;
  const char* outcome;
  const char* says;  // a part of the check's sentence
  const char* more = "";
};

const Deed deeds[] = {
    {"exports_more", "exports", "failed", "faulty_helper"},
    {"unique_symbol", "unique", "failed", "counted"},
    {"expects_gantry", "undefined", "failed", "gantry_of_the_node"},
    {"no_stop", "tables", "failed", "a life-cycle function is null"},
    {"newer_abi", "tables", "failed", "built for ABI 2.0"},
    {"crashes_at_load", "tables", "crashed", "SIGABRT"},
    {"exits_at_load", "tables", "crashed", "exit code 0"},
    {"field_without_resources", "access", "failed", "code 9200 has access FIELD but names no"},
    {"thread_local_state", "unmaps", still_mapped, "mapped"},
    {"unique_symbol", "unmaps", still_mapped, "mapped"},
    {"undeclared_service", "missing_services", "crashed", ""},
    {"bound_as_text", "bad_settings", "failed", "size_max"},
    {"default_out_of_bounds", "bad_settings", "failed", "size_max is out of bounds"},
    {"refuses_its_bound", "random_settings", "failed", "ten is too much"},
    {"lives_once", "life_twice", "failed", "it was made before"},
    {"never_ready", "life_twice", "failed", "start is pending"},
    {"refuses_to_stop", "life_twice", "failed", "drain failed"},
    {"completes_twice", "completions", "failed", "its start was completed 2 times"},
    {"completes_late", "completions", "failed",
     "its drain was completed, but had not been pending"},
    {"never_completes", "completions", "failed", "metadata_store.write was completed 0 times"},
    {"completes_at_once", "completions", "failed", "before it returned"},
    {"shared_state", "two_at_once", "failed", "OK without an answer"},
    {"aborts_on_used_folder", "one_folder", "crashed", "SIGABRT"},
    {"no_answer", "under_load", "failed", "OK without an answer"},
    {"never_ends", "life_twice", "failed", "quiesce is pending"},
    {"throws", "under_load", "failed", "code 9200: nobody catches this"},
    {"erratic_filter", "under_load", "failed", "a filter's expression: nobody catches this"},
    {"erratic_hook", "under_load", "failed", "a put: nobody catches this"},
    {"deaf_when_quiescent", "under_load", "crashed", "SIGABRT"},
    {"consumes_too_much", "under_load", "failed", "consumed more records than it was given"},
    {"too_many_verdicts", "under_load", "failed", "more verdicts than it was given messages"},
    {"impure_code", "under_load", "failed", "two codes for one record"},
    {"overflows_stack", "under_load", "crashed", ""},
    {"impure_function", "under_load", "failed", "a function gave two values for one message"},
    {"value_of_no_kind", "under_load", "failed", "a function gave a value of kind 5"},
    {"leaves_open", "under_load", "warning", "not answered before"},
    {"hangs", "under_load", "failed", "not over after 500 ms", "--timeout 0.5"},
    {"crashes_when_handed_back", "stop_under_load", "crashed", "SIGABRT"},
    {"retains_bodies", "retained", "failed", "buffers are still held"},
    {"slow", "slow", "warning", "a request of code 9200 took"},
    {"trusts_lengths", "random_views", "crashed", "SIGABRT"},
};

std::string file_of(const std::string& plugin) {
  return std::string(GANTRY_BINARY_DIR) + "/lib/gantry/faulty-plugins/" + plugin + ".so";
}

Checked ask(const Deed& deed) {
  return check(std::string("--json --case ") + deed.caught_by + " " + deed.more + " " +
               file_of(deed.plugin));
}

}  // namespace

TEST_CASE("a plugin with one fault is caught by the case for it, in words that name it") {
  for (const Deed& deed : deeds) {
    INFO(deed.plugin << " and the case " << deed.caught_by);
    const Checked checked = ask(deed);
    INFO(checked.output);
    const bool is_bad =
        deed.outcome == std::string("failed") || deed.outcome == std::string("crashed");
    CHECK(checked.exit_code == (is_bad ? 1 : 0));
    bool found = false;
    each_line(checked.output, [&](const std::string& line) {
      if (value_of(line, "case") != deed.caught_by) return;
      found = true;
      CHECK(value_of(line, "outcome") == deed.outcome);
      CHECK_THAT(value_of(line, "text"), Catch::Contains(deed.says));
    });
    CHECK(found);
  }
}

TEST_CASE("every case of the check has a plugin it catches") {
  std::set<std::string> catching;
  for (const Deed& deed : deeds) catching.insert(deed.caught_by);
  const Checked listed = check("--list");
  REQUIRE(listed.exit_code == 0);
  int cases = 0;
  each_line(listed.output, [&](const std::string& line) {
    if (!line.starts_with("  ")) return;  // a heading
    std::string name;
    std::istringstream(line) >> name;
    INFO(name);
    CHECK(catching.contains(name));
    ++cases;
  });
  CHECK(cases > 15);
}

TEST_CASE("the plugin whose faults were left out passes every case") {
  const Checked checked = check("--json " + file_of("sound"));
  INFO(checked.output);
  CHECK(checked.exit_code == 0);
  for (const auto& [name, outcome] : checked.outcomes()) {
    INFO(name);
    const bool has_settings = !name.ends_with("_settings");
    if (has_settings && name != "unmaps") CHECK(outcome == "passed");
  }
}

TEST_CASE("the check goes on with the next library after one that crashed it, and counts both") {
  const Checked checked = check("--case tables " + file_of("crashes_at_load") + " " +
                                file_of("exits_at_load") + " " + file_of("sound"));
  CHECK(checked.exit_code == 1);
  CHECK_THAT(checked.output, Catch::Contains("crashes_at_load.so: 1 crashed"));
  CHECK_THAT(checked.output, Catch::Contains("exits_at_load.so: 1 crashed"));
  CHECK_THAT(checked.output, Catch::Contains("sound.so: 1 passed"));
}

TEST_CASE("a file that is no library fails, and names no module") {
  const Checked checked = check("--json " + std::string(GANTRY_SOURCE_DIR) + "/README.md");
  CHECK(checked.exit_code == 1);
  const auto outcomes = checked.outcomes();
  CHECK(outcomes.at("exports") == "failed");
  CHECK(outcomes.at("tables") == "failed");
  CHECK(outcomes.at("access") == "skipped");
  CHECK(outcomes.size() == 6);
}

TEST_CASE("the check refuses options and files it does not know") {
  CHECK(check("--json 2>/dev/null").exit_code == 2);
  CHECK(check("--case no_such_case " + file_of("sound") + " 2>/dev/null").exit_code == 2);
  CHECK(check(file_of("not_there") + " 2>/dev/null").exit_code == 2);
}
