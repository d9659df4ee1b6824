// gantry.host.plugins, and what is behind it: who was asked for, and who holds how many buffers.
#include <gantry/host/plugins.h>

#include <map>

#include "host_node.hpp"
#include "plugin/views.hpp"
#include "stderr_of.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

// The service, as the module `user` sees it; answers copied.
struct Seen {
  explicit Seen(HostNode& node) : call(node.clock) {
    host = hosts["user"];
    table = static_cast<const gantry_plugins*>(host->service(host, GANTRY_HOST_PLUGINS));
  }
  static void watch() {
    hosts.clear();
    script.create = [](const gantry_host* made) {
      hosts[std::string(sdk::view(made->instance_name))] = made;
    };
  }
  // Everything is borrowed from this; struct_size 0: there is no such instance.
  gantry_instance_facts facts(std::string_view name) const {
    for (uint32_t i = 0; i < table->count(host); ++i) {
      gantry_instance_facts out{};
      out.struct_size = sizeof out;
      REQUIRE(table->instance(host, call.get(), i, &out) == GANTRY_OK);
      if (sdk::view(out.name) == name) return out;
    }
    return {};
  }
  const gantry_buffers& buffers() const {
    return *static_cast<const gantry_buffers*>(host->service(host, GANTRY_HOST_BUFFERS));
  }

  static inline std::map<std::string, const gantry_host*> hosts;
  const gantry_host* host;
  const gantry_plugins* table;
  plugin::ThreadCall call;
};

gantry_slice reserve(const Seen& seen, uint64_t size) {
  gantry_slice slice{};
  uint8_t* writable = nullptr;
  REQUIRE(seen.buffers().reserve(seen.host, size, &slice, &writable) == GANTRY_OK);
  return slice;
}

}  // namespace

TEST_CASE("an instance that runs is told with its library's own words") {
  HostNode node;
  Seen::watch();
  REQUIRE(node.start("[plugins.second]\nmodule = \"store\"\n").has_value());
  const Seen seen(node);
  CHECK(seen.table->count(seen.host) == 2);
  const gantry_instance_facts facts = seen.facts("second");
  CHECK(sdk::view(facts.module) == "store");
  CHECK(sdk::view(facts.plugin) == "org.gantry.sample");
  CHECK(sdk::view(facts.version) == "1.0");
  CHECK(sdk::view(facts.library) == "x.so");
  CHECK(facts.trouble.size == 0);
  CHECK(facts.flags == GANTRY_INSTANCE_RUNNING);
  CHECK(facts.offer_count == 2);  // its store, and its life
  node.host.stop();
  CHECK_FALSE((seen.facts("second").flags & GANTRY_INSTANCE_RUNNING));
}

TEST_CASE("an instance that failed to start is told with the reason") {
  HostNode node;
  Seen::watch();
  script.start = [](const gantry_host* host, gantry_token) -> gantry_status {
    if (sdk::view(host->instance_name) == "lame") throw sdk::Refusal(GANTRY_FAULT, "no legs");
    return GANTRY_OK;
  };
  REQUIRE(node.start("[plugins.user]\n[plugins.lame]\nmodule = \"store\"\n"
                     "[plugins.store]\n").has_value());
  const Seen seen(node);
  const gantry_instance_facts facts = seen.facts("lame");
  CHECK_FALSE((facts.flags & GANTRY_INSTANCE_RUNNING));
  CHECK(sdk::view(facts.trouble).find("no legs") != std::string_view::npos);
  CHECK(sdk::view(facts.version) == "1.0");
  CHECK(seen.facts("store").flags == GANTRY_INSTANCE_RUNNING);
}

TEST_CASE("an instance that could not be made is told, without offers") {
  HostNode node;
  Seen::watch();
  const auto watch = script.create;
  script.create = [watch](const gantry_host* host) {
    if (sdk::view(host->instance_name) == "stillborn") throw sdk::Refusal(GANTRY_FAULT, "no air");
    watch(host);
  };
  REQUIRE(node.start("[plugins.stillborn]\nmodule = \"store\"\n[plugins.store]\n").has_value());
  const Seen seen(node);
  const gantry_instance_facts facts = seen.facts("stillborn");
  CHECK(sdk::view(facts.trouble).find("no air") != std::string_view::npos);
  CHECK(facts.offer_count == 0);
}

TEST_CASE("a library that was refused is told under its file's name, its instances by theirs") {
  HostNode node;
  Seen::watch();
  REQUIRE(node.start("directory = \"/nowhere\"\nload = [\"lost\", \"gone\"]\n"
                     "[plugins.mine]\nmodule = \"gone\"\n[plugins.never]\n").has_value());
  const Seen seen(node);
  CHECK(sdk::view(seen.facts("lost").trouble) == "/nowhere/lost.so: there is no such library");
  CHECK(sdk::view(seen.facts("lost").library) == "/nowhere/lost.so");
  CHECK(sdk::view(seen.facts("mine").trouble) == "/nowhere/gone.so: there is no such library");
  CHECK(seen.facts("gone").struct_size == 0);  // it is `mine`
  CHECK(sdk::view(seen.facts("never").trouble) ==
        "t.toml: plugins.never: no loaded library has a module never");
}

TEST_CASE("a library that is left out is told under its file's name") {
  HostNode node;
  Seen::watch();
  node.host.leave_out({{"/nowhere/wild.so", "it crashed 3 times"}});
  REQUIRE(node.start("directory = \"/nowhere\"\nload = [\"wild\"]\n").has_value());
  const Seen seen(node);
  CHECK(seen.facts("wild").flags == GANTRY_INSTANCE_LEFT_OUT);
  CHECK(sdk::view(seen.facts("wild").trouble) == "it crashed 3 times");
}

TEST_CASE("an instance that is left out is told with the reason, unless it is required") {
  const bool required = GENERATE(false, true);
  HostNode node;
  Seen::watch();
  node.host.leave_out({{"second", "it crashed 3 times"}});
  REQUIRE(node.start(std::string("[plugins.second]\nmodule = \"store\"\nrequired = ") +
                     (required ? "true" : "false") + "\n[plugins.store]\n").has_value());
  const Seen seen(node);
  const gantry_instance_facts facts = seen.facts("second");
  if (required) {
    CHECK(facts.flags == (GANTRY_INSTANCE_RUNNING | GANTRY_INSTANCE_REQUIRED));
    CHECK(facts.trouble.size == 0);
  } else {
    CHECK(facts.flags == GANTRY_INSTANCE_LEFT_OUT);
    CHECK(sdk::view(facts.trouble) == "it crashed 3 times");
  }
}

TEST_CASE("an offer's figures are those of its guard, the last one's of the instance's life") {
  HostNode node;
  Seen::watch();
  REQUIRE(node.start().has_value());
  const Seen seen(node);
  plugin::Instance& store = *node.host.find("store");
  plugin::Guard& guard = store.guard(store_offer);
  for (int i = 0; i < 3; ++i) {
    plugin::GuardedCall guarded(guard, "write");
    guarded.came_to(i == 2 ? GANTRY_FAULT : GANTRY_OK, "torn page");
  }
  uint32_t index = 0;
  gantry_instance_facts facts{};
  for (facts.struct_size = sizeof facts; sdk::view(facts.name) != "store"; ++index) {
    REQUIRE(seen.table->instance(seen.host, seen.call.get(), index, &facts) == GANTRY_OK);
  }
  --index;
  gantry_offer_figures figures{};
  figures.struct_size = sizeof figures;
  REQUIRE(seen.table->offer(seen.host, seen.call.get(), index, 0, &figures) == GANTRY_OK);
  CHECK(sdk::view(figures.id) == GANTRY_CAP_METADATA_STORE);
  CHECK(figures.calls == 3);
  CHECK(figures.faults == 1);
  CHECK(sdk::view(figures.last_fault) == "torn page");
  CHECK(figures.last_fault_ms == 1'000'000);
  CHECK(figures.flags == 0);
  REQUIRE(seen.table->offer(seen.host, seen.call.get(), index, 1, &figures) == GANTRY_OK);
  CHECK(figures.id.size == 0);
  CHECK(figures.calls == 2);  // create and start
  CHECK(seen.table->offer(seen.host, seen.call.get(), index, 2, &figures) == GANTRY_GONE);
  CHECK(seen.table->offer(seen.host, seen.call.get(), 2, 0, &figures) == GANTRY_GONE);
  CHECK(seen.table->instance(seen.host, seen.call.get(), 2, &facts) == GANTRY_GONE);
}

TEST_CASE("a caller built when the facts were fewer gets those it knows, and no byte more") {
  HostNode node;
  Seen::watch();
  REQUIRE(node.start().has_value());
  const Seen seen(node);
  gantry_instance_facts facts{};
  facts.struct_size = offsetof(gantry_instance_facts, version);
  facts.version = {"mine", 4};
  REQUIRE(seen.table->instance(seen.host, seen.call.get(), 0, &facts) == GANTRY_OK);
  CHECK(sdk::view(facts.plugin) == "org.gantry.sample");
  CHECK(sdk::view(facts.version) == "mine");
  CHECK(facts.struct_size == offsetof(gantry_instance_facts, version));
}

TEST_CASE("buffers count with the instance that holds them, whole, from every thread") {
  HostNode node;
  Seen::watch();
  REQUIRE(node.start().has_value());
  const Seen seen(node);
  gantry_slice on_shard{};
  node.runtime.shard(0).run_and_wait([&] { on_shard = reserve(seen, 1000); });
  const gantry_slice here = reserve(seen, 24);
  seen.buffers().retain(seen.host, here.buffer);
  CHECK(seen.facts("user").buffers_retained == 3);
  CHECK(seen.facts("user").bytes_retained == 1048);
  CHECK(seen.facts("store").buffers_retained == 0);
  seen.buffers().release(seen.host, on_shard.buffer);  // made on a shard, released elsewhere
  CHECK(seen.facts("user").buffers_retained == 2);
  CHECK(seen.facts("user").bytes_retained == 48);
  node.runtime.shard(0).run_and_wait([&] {
    seen.buffers().release(seen.host, here.buffer);
    seen.buffers().release(seen.host, here.buffer);
  });
  CHECK(seen.facts("user").buffers_retained == 0);
  CHECK(seen.facts("user").bytes_retained == 0);
}

TEST_CASE("an answer takes its body along, also when nobody waits for it any more") {
  HostNode node;
  Seen::watch();
  REQUIRE(node.start().has_value());
  const Seen seen(node);
  const gantry_slice body = reserve(seen, 100);
  gantry_response response{};
  response.struct_size = sizeof response;
  response.body = &body;
  response.body_count = 1;
  const auto& requests =
      *static_cast<const gantry_requests*>(seen.host->service(seen.host, GANTRY_HOST_REQUESTS));
  node.runtime.shard(0).run_and_wait([&] { requests.respond(seen.host, 12345, &response); });
  CHECK(seen.facts("user").buffers_retained == 0);
  CHECK(seen.facts("user").bytes_retained == 0);
}

TEST_CASE("who has not given a buffer back at stop is named with their count") {
  HostNode node;
  Seen::watch();
  REQUIRE(node.start().has_value());
  const gantry_host* user = Seen::hosts["user"];
  const gantry_host* store = Seen::hosts["store"];
  const Seen seen(node);
  const gantry_slice leaked = reserve(seen, 4096);
  const bool given = GENERATE(false, true);
  // What another module releases was given to it: nothing is missing.
  if (given) seen.buffers().release(store, leaked.buffer);
  const std::string told = stderr_of(node.root / "told", [&] { node.host.stop(); });
  const std::string line =
      "1 references to buffers were never given back; taken less given: user 1";
  CHECK((told.find(line) != std::string::npos) == !given);
  if (!given) seen.buffers().release(user, leaked.buffer);
}
