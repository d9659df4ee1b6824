// Plugins a node refuses when it loads or makes them: it says why, and goes on unless it must not.
#include <catch2/catch.hpp>

#include "faulty_node.hpp"

using namespace gantry::integration;
using Catch::Matchers::Contains;

namespace {

struct Refused {
  const char* plugin;
  const char* says;  // after the library's file
  const char* keys = "";
};

const Refused refused[] = {
    {"expects_gantry", "cannot be loaded: "},
    {"expects_gantry", "undefined symbol: gantry_of_the_node"},
    {"no_stop", "module faulty: a life-cycle function is null"},
    {"newer_abi", "built for ABI 2.0, this host has 1.0"},
    {"field_without_resources",
     "module faulty: offer gantry.request_handler/0: the route of code 9200 has access FIELD but "
     "names no field"},
    {"bound_as_text", "module faulty: setting size_max: a bound is not of its kind"},
    {"default_out_of_bounds",
     "module faulty: setting size_max: its default 50 is out of its bounds"},
    {"refuses_its_bound",
     "module faulty, instance faulty: create failed with status -3: size_max: ten is too much",
     "size_max = 10"},
};

}  // namespace

TEST_CASE("a plugin that can't be loaded or made is named with its reason, the node goes on") {
  for (const Refused& one : refused) {
    FaultyNode node;
    node.start({.plugin = one.plugin, .keys = one.keys});
    INFO(one.plugin << ":\n" << node.said());
    REQUIRE(node.is_ready());
    CHECK_THAT(node.said(), Contains(faulty_file(one.plugin) + ": "));
    CHECK_THAT(node.said(), Contains(one.says));
    check_others_go_on(node);
    CHECK(node.stop().code == 0);
  }
}

TEST_CASE("a required one keeps the node from starting, with the same sentence") {
  for (const Refused& one : refused) {
    FaultyNode node;
    Shape shape = faulty_shape({.plugin = one.plugin});
    // A library that isn't loaded is required by its file's name.
    shape.plugins = std::string("[plugins.") + one.plugin +
                    "]\nmodule = \"faulty\"\nrequired = true\n" + one.keys;
    shape.doors.clear();
    node.start(shape);
    const NodeProcess::End end = node.end();
    INFO(one.plugin << ":\n" << node.said());
    CHECK(end.code == 1);
    const std::string failed = "gantry: " + faulty_file(one.plugin);
    CHECK_THAT(node.said(), Contains(failed));
  }
}

TEST_CASE("a plugin that can be made once has one instance, and says why there is no second") {
  FaultyNode node;
  Shape shape = faulty_shape({.plugin = "lives_once", .has_door = true});
  shape.plugins += "[plugins.second]\nmodule = \"faulty\"\n";
  node.start(shape);
  REQUIRE(node.is_ready());
  CHECK_THAT(node.said(), Contains("instance second: create failed with status -3: it was made "
                                   "before"));
  CHECK(node.ask().code == 0);
  check_others_go_on(node);
  CHECK(node.stop().code == 0);
}

TEST_CASE("a start that never ends is told, and ends when the node is to stop") {
  FaultyNode node;
  node.start({.plugin = "never_ready"});
  REQUIRE(node.says("faulty: start is still going on after 1 s"));
  const NodeProcess::End end = node.stop();
  INFO(node.said());
  CHECK(end.code == 1);
  CHECK_THAT(node.said(), Contains("instance faulty: start is called off: the node is to stop"));
}
