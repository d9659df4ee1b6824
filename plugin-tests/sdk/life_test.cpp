// The fake host's life cycle, settings and unload contract.
#include <catch2/catch.hpp>
#include <filesystem>

#include "scripted.hpp"

using namespace gantry::sdk;
using namespace gantry::sdk::testing;
using Catch::Contains;
using Events = std::vector<std::string>;

namespace {

const gantry_timer& timer_of(const Scripted& module) {
  return module.service<gantry_timer>(GANTRY_HOST_TIMER);
}

}  // namespace

TEST_CASE("modules start in the order of needs and stop in reverse") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "user");
  host.load(scripted_plugin, "provider");
  host.start();
  host.stop();
  REQUIRE(scripts.events == Events{"user create", "provider create", "provider start", "user start",
                                   "user drain", "provider drain", "user stop", "user destroy",
                                   "provider stop", "provider destroy"});
}

TEST_CASE("a missing need keeps the host from starting") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "user");
  REQUIRE_THROWS_WITH(host.start(), "user needs test.thing/0, which nobody offers");
  REQUIRE(scripts.events.empty());
}

TEST_CASE("a test may offer what is needed") {
  Scripts scripts;
  fake::Host host;
  int thing = 0;
  int other = 0;
  host.offer("test.thing/0", "one", &thing, nullptr);
  host.offer("test.thing/0", "two", &other, nullptr);
  host.load(scripted_plugin, "user");
  scripts["user"].start = [&](Scripted& module, gantry_token) {
    const auto& capabilities = module.service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES);
    const Host bound(module.raw());
    Lease<int> first(capabilities, bound.bind("test.thing/0"), nullptr);
    Lease<int> second(capabilities, bound.bind_if_offered("test.thing/0", "two"), nullptr);
    REQUIRE(static_cast<bool>(first));
    REQUIRE(static_cast<bool>(second));
    CHECK(first.operator->() == &thing);
    CHECK(second.operator->() == &other);
    return GANTRY_OK;
  };
  host.start();
  host.stop();
}

TEST_CASE("what nobody offers is null when it is optional, else a refusal that names it") {
  Scripts scripts;
  fake::Host host;
  int thing = 0;
  host.offer("test.thing/0", "one", &thing, nullptr);
  host.load(scripted_plugin, "user");
  scripts["user"].start = [](Scripted& module, gantry_token) {
    const Host bound(module.raw());
    CHECK(bound.bind_if_offered("test.thing/0", "two") == nullptr);
    CHECK_THROWS_WITH(bound.bind("test.thing/0", "two"), "nobody offers test.thing/0 as two");
    CHECK_THROWS_WITH(bound.bind_if_offered("test.other/0"), Contains("test.other/0"));
    return GANTRY_OK;
  };
  host.start();
  host.stop();
}

TEST_CASE("a failed start names instance and reason, and what had started ends") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "provider");
  host.load(scripted_plugin, "user");
  scripts["user"].start = [](Scripted&, gantry_token) -> gantry_status {
    throw Refusal(GANTRY_FAULT, "the file is damaged");
  };
  REQUIRE_THROWS_WITH(host.start(), Contains("user: start failed") && Contains("damaged"));
  REQUIRE(scripts.events == Events{"provider create", "user create", "provider start", "user start",
                                   "user stop", "user destroy", "provider stop",
                                   "provider destroy"});
}

TEST_CASE("a module that cannot be created is not destroyed") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "provider");
  scripts["provider"].create = [](const gantry_host*) { throw std::runtime_error("no memory"); };
  REQUIRE_THROWS_WITH(host.start(), Contains("provider could not be created: no memory"));
  REQUIRE(scripts.events == Events{"provider create"});
}

TEST_CASE("a pending start ends by its token") {
  Scripts scripts;
  fake::Host host;
  auto& instance = host.load(scripted_plugin, "provider");
  scripts["provider"].start = [](Scripted& module, gantry_token token) {
    module.raw()->complete(module.raw(), token + 1, GANTRY_FAULT, nullptr);  // a stale one
    struct Later {
      const gantry_host* host;
      gantry_token token;
    };
    auto* later = new Later{module.raw(), token};
    timer_of(module).work(module.raw(),
                          {[](void* at, const gantry_call*, gantry_status, const void*) {
                             auto* self = static_cast<Later*>(at);
                             self->host->complete(self->host, self->token, GANTRY_OK, nullptr);
                             delete self;
                           },
                           later});
    return GANTRY_PENDING;
  };
  host.start();
  REQUIRE(instance.started());
  REQUIRE(host.late_answers() == 1);
}

TEST_CASE("a start that stays pending is an error, not a hang") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "provider");
  scripts["provider"].start = [](Scripted&, gantry_token) { return GANTRY_PENDING; };
  REQUIRE_THROWS_WITH(host.start(), Contains("nothing is left that could end it"));
}

TEST_CASE("settings are checked against their declarations") {
  Scripts scripts;
  fake::Host host;
  const auto load = [&](const char* module, fake::Settings settings) {
    host.load(scripted_plugin, module, settings);
  };
  REQUIRE_THROWS_WITH(load("handler", {{"nunber", 1}}), "handler declares no setting nunber");
  REQUIRE_THROWS_WITH(load("handler", {{"number", 11}}), Contains("number is out of bounds: 11"));
  REQUIRE_THROWS_WITH(load("handler", {{"number", "one"}}), Contains("setting number is of kind"));
  REQUIRE_THROWS_WITH(load("named", {}), "named requires the setting name");
  REQUIRE_THROWS_AS(load("missing", {}), std::logic_error);
  int64_t number = 0;
  std::vector<std::string> words;
  scripts["handler"].start = [&](Scripted& module, gantry_token) {
    number = module.host().setting_i64("number");
    words = module.host().setting_list("words");
    REQUIRE(module.host().setting_bool("flag"));
    REQUIRE(module.host().setting_str("node.cluster") == "DefaultCluster");
    REQUIRE(module.host().setting_str("door.broker.advertise") == "127.0.0.1:10911");
    REQUIRE_THROWS_AS(module.host().setting_str("number"), Refusal);
    REQUIRE_THROWS_AS(module.host().setting_i64("unheard_of"), Refusal);
    return GANTRY_OK;
  };
  load("handler", {});
  host.start();
  REQUIRE(number == 7);
  REQUIRE(words == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("every instance has its folder, and the store root has one owner") {
  Scripts scripts;
  std::string root;
  {
    fake::Host host;
    auto& handler = host.load(scripted_plugin, "handler", {}, "first");
    auto& rooted = host.load(scripted_plugin, "rooted");
    host.start();
    root = rooted.data_dir();
    REQUIRE(handler.data_dir() == root + "/gantry/first");
    REQUIRE(std::filesystem::is_directory(handler.data_dir()));
  }
  REQUIRE_FALSE(std::filesystem::exists(root));
  fake::Host host;
  host.load(scripted_plugin, "rooted", {}, "one");
  host.load(scripted_plugin, "rooted", {}, "two");
  REQUIRE_THROWS_WITH(host.start(), "one and two both claim consumequeue");
}

TEST_CASE("a code served twice on a door is a start error naming both") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "handler", {}, "one");
  host.load(scripted_plugin, "handler", {}, "two");
  host.door("main", {"one", "two"});
  REQUIRE_THROWS_WITH(host.start(), "door main: code 1 is served by one and by two");
}

TEST_CASE("timers still armed at stop are completed as cancelled, before stop") {
  Scripts scripts;
  fake::Host host;
  fake::Completion done;
  bool before_stop = false;
  scripts["provider"].start = [&](Scripted& module, gantry_token) {
    return timer_of(module).arm(module.raw(), 0, 1000, done.get(), nullptr);
  };
  scripts["provider"].stop = [&](Scripted&) { before_stop = done.called(); };
  host.load(scripted_plugin, "provider");
  host.start();
  host.stop();
  REQUIRE(before_stop);
  REQUIRE(done.count() == 1);
  REQUIRE(done.status() == GANTRY_CANCELLED);
}

TEST_CASE("what a module leaves behind is a breach") {
  Scripts scripts;
  fake::Host host;
  fake::Completion done;
  host.load(scripted_plugin, "provider");
  SECTION("a timer armed in stop") {
    scripts["provider"].stop = [&](Scripted& module) {
      timer_of(module).arm(module.raw(), 0, 1000, done.get(), nullptr);
    };
    host.start();
    REQUIRE_THROWS_WITH(host.stop(), Contains("asked for timer.arm while it was stopping"));
    REQUIRE(done.status() == GANTRY_CANCELLED);
  }
  SECTION("a buffer that was not released") {
    scripts["provider"].start = [](Scripted& module, gantry_token) {
      gantry_slice slice{};
      uint8_t* bytes = nullptr;
      return module.service<gantry_buffers>(GANTRY_HOST_BUFFERS)
          .reserve(module.raw(), 10, &slice, &bytes);
    };
    host.start();
    REQUIRE(host.live_buffers() == 1);
    REQUIRE_THROWS_WITH(host.stop(), Contains("10 bytes made for buffers.reserve by provider"));
  }
  SECTION("a buffer released twice") {
    scripts["provider"].start = [](Scripted& module, gantry_token) {
      const auto& buffers = module.service<gantry_buffers>(GANTRY_HOST_BUFFERS);
      gantry_slice slice{};
      uint8_t* bytes = nullptr;
      buffers.reserve(module.raw(), 10, &slice, &bytes);
      buffers.release(module.raw(), slice.buffer);
      buffers.release(module.raw(), slice.buffer);
      return GANTRY_OK;
    };
    host.start();
    REQUIRE_THROWS_WITH(host.stop(), Contains("released a buffer that is not alive"));
  }
}

TEST_CASE("a lease that is not left is a breach") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "provider");
  host.load(scripted_plugin, "user");
  scripts["user"].start = [](Scripted& module, gantry_token) {
    const auto& capabilities = module.service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES);
    gantry_binding* binding = nullptr;
    gantry_lease lease{};
    gantry_error error{};
    capabilities.bind(module.raw(), "test.thing/0", str("one"), &binding, &error);
    return capabilities.enter(binding, nullptr, &lease);
  };
  host.start();
  REQUIRE_THROWS_WITH(host.stop(), Contains("user has not left 1 calls of test.thing/0"));
}

TEST_CASE("binding off the control thread is a breach, and a tripped offer refuses") {
  Scripts scripts;
  fake::Host host;
  auto& provider = host.load(scripted_plugin, "provider");
  auto& user = host.load(scripted_plugin, "user");
  host.start();
  const gantry_host* raw = user.host();
  const auto& capabilities =
      *static_cast<const gantry_capabilities*>(raw->service(raw, GANTRY_HOST_CAPABILITIES));
  gantry_binding* binding = nullptr;
  host.on_shard([&](const gantry_call& call) {
    REQUIRE(capabilities.bind(raw, "test.thing/0", str(""), &binding, call.error) == GANTRY_OK);
    host.trip(provider);
    Lease<int> refused(capabilities, binding, &call);
    REQUIRE_FALSE(static_cast<bool>(refused));
    host.trip(provider, false);
    Lease<int> granted(capabilities, binding, &call);
    REQUIRE(static_cast<bool>(granted));
  });
  REQUIRE(host.take_breaches() == Events{"user called capabilities.bind from a shard"});
  host.stop();
}

TEST_CASE("a host that is left without stop still checks") {
  Scripts scripts;
  const auto forget = [&] {
    fake::Host host;
    scripts["provider"].start = [](Scripted& module, gantry_token) {
      gantry_slice slice{};
      uint8_t* bytes = nullptr;
      return module.service<gantry_buffers>(GANTRY_HOST_BUFFERS)
          .reserve(module.raw(), 10, &slice, &bytes);
    };
    host.load(scripted_plugin, "provider");
    host.start();
  };
  REQUIRE_THROWS_WITH(forget(), Contains("the contract was broken"));
  REQUIRE(scripts.events.back() == "provider destroy");
}

TEST_CASE("a log line is one line, of a known level") {
  Scripts scripts;
  fake::Host host;
  host.load(scripted_plugin, "provider");
  scripts["provider"].start = [&](Scripted& module, gantry_token) {
    const auto& logging = module.service<gantry_logging>(GANTRY_HOST_LOGGING);
    logging.write(module.raw(), GANTRY_LOGGING_INFO + 5, str("one\ntwo"));
    return GANTRY_OK;
  };
  host.start();
  REQUIRE(host.lines().size() == 1);
  CHECK(host.lines()[0].text == "one two");
  CHECK(host.lines()[0].level == GANTRY_LOGGING_INFO);
}
