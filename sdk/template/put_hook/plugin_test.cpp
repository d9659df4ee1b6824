// The plugin in the fake host: a message is put, the test looks at what the log holds.
#include <catch2/catch.hpp>
#include <string>

#include "cpp/fake/host.hpp"
#include "cpp/values.hpp"

using namespace gantry::sdk;

namespace {

// What the stored message says in `property`, or nothing.
std::string stored(const fake::Settings& settings, const std::string& properties,
                   const std::string& property) {
  fake::Host host;
  fake::Instance& hook = host.load(gantry_plugin_v1, "plugin_name", settings);
  host.start();
  const std::string address = fake::host_bytes("127.0.0.1:10911");
  gantry_message message{};
  message.struct_size = sizeof message;
  message.topic = str("T");
  message.body = bytes(std::string_view("body"));
  message.property_text = str(properties);
  message.born_host = message.store_host = bytes(std::string_view(address));
  const gantry_put put{sizeof put, 0, 1, sizeof message, &message, 1, 0, nullptr};
  const gantry_host* raw = hook.host();
  const auto& log = *static_cast<const gantry_commitlog*>(raw->service(raw, GANTRY_HOST_COMMITLOG));
  host.on_shard([&](const gantry_call& call) {
    gantry_put_result result{};
    result.struct_size = sizeof result;
    REQUIRE(log.append(raw, &call, &put, &result) == GANTRY_OK);
  });
  host.run_until_idle();
  const auto records = host.log().records(host.log().begin(), host.log().end());
  REQUIRE(records.size() == 1);
  const auto value = fake::find_property(view(records[0].property_text), property);
  return std::string(value.value_or("nothing"));
}

}  // namespace

TEST_CASE("a message is stamped") {
  CHECK(stored({}, "", "STAMPED_BY") == "plugin_name");
  CHECK(stored({}, "KEYS\x01k\x02", "KEYS") == "k");
}

TEST_CASE("configuration says with what") {
  CHECK(stored({{"property", "SITE"}, {"value", "north"}}, "", "SITE") == "north");
}

TEST_CASE("an earlier stamp is replaced") {
  CHECK(stored({{"value", "new"}}, "STAMPED_BY\x01old\x02", "STAMPED_BY") == "new");
}

TEST_CASE("a property without a name does not start") {
  fake::Host host;
  host.load(gantry_plugin_v1, "plugin_name", {{"property", ""}});
  CHECK_THROWS_WITH(host.start(), Catch::Contains("property = \"\": it needs a name"));
}
