// KV configuration: what operators keep at the nameserver, and what it reads itself of it.
#include <catch2/catch.hpp>

#include "fixture.hpp"
#include "nameserver/kv_config.hpp"

using namespace gantry::nameserver::testing;

namespace {

constexpr const char* orders = "ORDER_TOPIC_CONFIG";

fake::Request put(std::string name_space, std::string key, std::string value) {
  return {.code = code::put_kv_config,
          .fields = {{"namespace", name_space}, {"key", key}, {"value", value}}};
}
fake::Request get(std::string name_space, std::string key) {
  return {.code = code::get_kv_config, .fields = {{"namespace", name_space}, {"key", key}}};
}
fake::Request erase(std::string name_space, std::string key) {
  return {.code = code::delete_kv_config, .fields = {{"namespace", name_space}, {"key", key}}};
}
fake::Request list(std::string name_space) {
  return {.code = code::get_kvlist_by_namespace, .fields = {{"namespace", name_space}}};
}

// A node with a metadata store.
struct Stored {
  explicit Stored(fake::MetadataStore& store, const fake::Settings& settings = {})
      : instance(host.load(gantry_plugin_v1, "nameserver", settings)) {
    host.offer(store);
    host.start();
  }
  fake::Answer send(fake::Request request) {
    return host.request("nameserver", std::move(request));
  }
  // The nameserver's own way to the store.
  gantry_binding* store() {
    const gantry_host* raw = instance.host();
    const auto& capabilities =
        gantry::sdk::Host(raw).service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES);
    gantry_binding* binding = nullptr;
    gantry_error error{};
    REQUIRE(capabilities.bind(raw, GANTRY_CAP_METADATA_STORE, gantry_str{}, &binding, &error) ==
            GANTRY_OK);
    return binding;
  }

  fake::Host host;
  fake::Instance& instance;
};

}  // namespace

TEST_CASE("a value is what was put last, under its namespace and key") {
  Fixture f;
  REQUIRE(f.send(put("N", "k", "1")).code == 0);
  REQUIRE(f.send(put("N", "k", "2")).code == 0);
  REQUIRE(f.send(put("M", "k", "3")).code == 0);
  REQUIRE(f.send(get("N", "k")).field("value") == "2");
  REQUIRE(f.send(get("M", "k")).field("value") == "3");
  REQUIRE(f.send(put("N", "k", "")).code == 0);
  REQUIRE(f.send(get("N", "k")).field("value") == "");
}

TEST_CASE("what nobody put is answered 22, naming it") {
  Fixture f;
  f.send(put("N", "k", "1"));
  const fake::Answer none = f.send(get("N", "x"));
  REQUIRE(none.code == 22);
  REQUIRE(none.remark == "No config item, Namespace: N Key: x");
  REQUIRE(f.send(list("X")).code == 22);
  REQUIRE(f.send(list("X")).remark == "No config item, Namespace: X");
}

TEST_CASE("a deleted value is gone, and its namespace stays, empty") {
  Fixture f;
  f.send(put("N", "k", "1"));
  f.send(put("N", "l", "2"));
  REQUIRE(f.send(erase("N", "k")).code == 0);
  REQUIRE(f.send(get("N", "k")).code == 22);
  REQUIRE(f.send(list("N")).body == R"({"table":{"l":"2"}})");
  REQUIRE(f.send(erase("N", "l")).code == 0);
  REQUIRE(f.send(list("N")).body == R"({"table":{}})");
  REQUIRE(f.send(erase("N", "l")).code == 0);
  REQUIRE(f.send(erase("nobody's", "l")).code == 0);
}

TEST_CASE("the route of an ordered topic tells its queues until its order is deleted") {
  Fixture f;
  f.enroll();
  REQUIRE(f.route("T").order_topic_conf.empty());
  f.send(put(orders, "T", "broker-a:4"));
  REQUIRE(f.route("T").order_topic_conf == "broker-a:4");
  REQUIRE(f.route("U").order_topic_conf.empty());
  f.send(erase(orders, "T"));
  REQUIRE(f.route("T").order_topic_conf.empty());
}

TEST_CASE("where it isn't wished, routes don't tell the order") {
  Fixture f({{"ordered_topics", false}});
  f.enroll();
  f.send(put(orders, "T", "broker-a:4"));
  REQUIRE(f.route("T").order_topic_conf.empty());
}

TEST_CASE("a broker that registers is told all ordered topics") {
  Fixture f;
  REQUIRE(f.enroll().body.empty());
  f.send(put("N", "k", "1"));
  REQUIRE(f.enroll().body.empty());
  f.send(put(orders, "T", "broker-a:4"));
  REQUIRE(f.enroll().body == R"({"table":{"T":"broker-a:4"}})");
  f.send(erase(orders, "T"));
  REQUIRE(f.enroll().body == R"({"table":{}})");
}

TEST_CASE("without a namespace, a key or a value nothing is put, and the answer says which") {
  Fixture f;
  for (size_t missing = 0; missing < 3; ++missing) {
    fake::Request request = put("N", "k", "1");
    const std::string name = request.fields[missing].first;
    request.fields.erase(request.fields.begin() + static_cast<std::ptrdiff_t>(missing));
    const fake::Answer answer = f.send(request);
    REQUIRE(answer.code == 1);
    REQUIRE(answer.remark == "the field " + name + " is missing");
  }
  REQUIRE(f.send(get("", "k")).remark == "the field namespace is missing");
  REQUIRE(f.send(erase("N", "")).remark == "the field key is missing");
  REQUIRE(f.send(list("")).remark == "the field namespace is missing");
  REQUIRE(f.send(get("N", "k")).code == 22);
}

TEST_CASE("names that no document can have are refused with their length") {
  Fixture f;
  const fake::Answer longest = f.send(put(std::string(200, 'n'), std::string(279, 'k'), "1"));
  REQUIRE(longest.code == 0);
  const fake::Answer over = f.send(put(std::string(200, 'n'), std::string(280, 'k'), "1"));
  REQUIRE(over.code == 1);
  REQUIRE(over.remark.find("480 bytes together; at most 479") != std::string::npos);
  const fake::Answer zero = f.send(put(std::string("n\0m", 3), "k", "1"));
  REQUIRE(zero.code == 1);
  REQUIRE(zero.remark.find("namespace has a zero byte") != std::string::npos);
}

TEST_CASE("values over kv_bytes_max are refused until others are deleted") {
  Fixture f({{"kv_bytes_max", 1024}});
  REQUIRE(f.send(put("N", "k", std::string(1000, 'v'))).code == 0);
  const fake::Answer over = f.send(put("N", "l", std::string(23, 'v')));
  REQUIRE(over.code == 1);
  REQUIRE(over.remark.find("over kv_bytes_max, 1024") != std::string::npos);
  REQUIRE(f.send(get("N", "l")).code == 22);
  f.send(erase("N", "k"));
  REQUIRE(f.send(put("N", "l", std::string(1000, 'v'))).code == 0);
}

TEST_CASE("with a metadata store values outlive the node") {
  fake::MetadataStore store;
  {
    Stored first(store);
    REQUIRE(first.send(put("N", "k", "1")).code == 0);
    REQUIRE(first.send(put("N", "l", "")).code == 0);
    REQUIRE(first.send(put("N", "gone", "3")).code == 0);
    REQUIRE(first.send(erase("N", "gone")).code == 0);
  }
  Stored second(store, {{"kv_bytes_max", 1024}});
  REQUIRE(second.send(get("N", "k")).field("value") == "1");
  REQUIRE(second.send(get("N", "l")).field("value") == "");
  REQUIRE(second.send(get("N", "gone")).code == 22);
  REQUIRE(second.send(put("N", "m", std::string(1020, 'v'))).code == 1);  // counts what was loaded
}

TEST_CASE("without a metadata store the node says that values don't outlive it") {
  Fixture f;
  REQUIRE(f.host.logged("without a metadata store KV configuration is gone at the next start"));
}

TEST_CASE("a value is neither acknowledged nor shown before it is durable") {
  fake::MetadataStore store;
  Stored node(store);
  store.hold();
  const auto first = node.host.send("nameserver", put("N", "k", "1"));
  const auto second = node.host.send("nameserver", put("N", "k", "2"));
  const auto third = node.host.send("nameserver", erase("N", "k"));
  REQUIRE_FALSE(first->answer.has_value());
  REQUIRE(node.send(get("N", "k")).code == 22);
  store.release();
  node.host.run_until_idle();
  for (const auto& exchange : {first, second, third}) REQUIRE(exchange->answer.value().code == 0);
  REQUIRE(node.send(get("N", "k")).code == 22);
  REQUIRE_FALSE(store.get("kv_config", std::string("N\0k", 3)));
}

TEST_CASE("a value that can't be stored is refused with the reason, and the next one is taken") {
  fake::MetadataStore store;
  Stored node(store);
  REQUIRE(node.send(put("N", "k", "1")).code == 0);
  store.fail_next_write("the disk is full");
  const fake::Answer failed = node.send(put("N", "k", "2"));
  REQUIRE(failed.code == 1);
  REQUIRE(failed.remark == "the disk is full");
  REQUIRE(node.send(get("N", "k")).field("value") == "1");
  REQUIRE(node.send(put("N", "k", "3")).code == 0);
  REQUIRE(node.send(get("N", "k")).field("value") == "3");
}

TEST_CASE("a nameserver ends when what it stores is stored, and takes no more meanwhile") {
  fake::MetadataStore store;
  Stored node(store);
  gantry::nameserver::KvConfig kv(gantry::sdk::Host(node.instance.host()), node.store(), 1024);
  std::vector<std::string> told;
  const auto put_one = [&](const char* key) {
    node.host.on_shard([&](const gantry_call& call) {
      kv.change(call, {"N", key, "1"}, [&told, key](gantry_status, std::string_view reason) {
        told.push_back(key + std::string(": ") + std::string(reason));
      });
    });
  };
  store.hold();
  put_one("k");
  put_one("l");
  kv.close([&] { told.push_back("closed"); });
  put_one("m");
  node.host.run_until_idle();
  REQUIRE(told == std::vector<std::string>{"m: the nameserver is stopping"});
  store.release();
  node.host.run_until_idle();
  REQUIRE(told ==
          std::vector<std::string>{"m: the nameserver is stopping", "k: ", "l: ", "closed"});
}

TEST_CASE("a stored document that can't be read is left out and told") {
  fake::MetadataStore store;
  store.put("kv_config", "no namespace", "1");
  store.put("kv_config", std::string("N\0k", 3), "1");
  Stored node(store);
  REQUIRE(node.host.logged("kv_config/no namespace cannot be read"));
  REQUIRE(node.send(get("N", "k")).field("value") == "1");
}
