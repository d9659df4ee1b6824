// The contract's cases against the fake host. The real host's test loads the same library.
#include <catch2/catch.hpp>

#include "cases.hpp"
#include "cpp/fake/host.hpp"

using namespace gantry;
using namespace gantry::sdk;

namespace {

const std::string probe =
    std::string(GANTRY_BINARY_DIR) + "/lib/gantry/test-plugins/contract_probe.so";

// The cases wait for real time on a real host; here it is moved until they answer.
fake::Answer run(fake::Host& host, const char* name) {
  const auto exchange =
      host.send("contract_probe", {.code = contract::run_case_code, .fields = {{"case", name}}});
  for (int i = 0; i < 100 && !exchange->answer; ++i) host.advance_ms(10);
  INFO(name);
  REQUIRE(exchange->answer.has_value());
  return *exchange->answer;
}

void run_all(fake::HostOptions options) {
  const fake::Library library(probe);
  const fake::Library filter_tag(std::string(GANTRY_PLUGIN_DIR) + "/filter_tag.so");
  fake::MetadataStore store;
  options.advertise["contract_probe"] = "127.0.0.1:9100";  // so that it can dial itself
  fake::Host host(options);
  host.offer(store);
  host.load(filter_tag.plugin(), "filter_tag");
  host.load(library.plugin(), "contract_probe");
  host.start();
  for (const char* name : contract::case_names) {
    const fake::Answer answer = run(host, name);
    INFO(name << ": " << answer.remark);
    CHECK(answer.code == 0);
  }
  // The one misdeed among the cases.
  REQUIRE(host.take_breaches() ==
          std::vector<std::string>{"contract_probe returned OK without an answer"});
  REQUIRE(host.live_buffers() == 0);
  host.stop();
}

}  // namespace

TEST_CASE("the fake host keeps the contract on one shard") {
  run_all({});
}

TEST_CASE("the fake host keeps the contract on two shards") {
  run_all({.shard_count = 2});
}

TEST_CASE("the fake broker offers topics, groups, offsets and clients as the contract says") {
  const uint32_t shards = GENERATE(1u, 2u);
  const fake::Library library(probe);
  fake::Broker broker;
  fake::Host host({.shard_count = shards});
  host.offer(broker);
  host.load(library.plugin(), "contract_probe");
  host.start();
  for (const char* name : contract::messaging_case_names) {
    const fake::Answer answer = run(host, name);
    INFO(name << ": " << answer.remark);
    CHECK(answer.code == 0);
  }
  host.stop();
}

TEST_CASE("the fake host changes the log as the contract says") {
  const uint32_t shards = GENERATE(1u, 2u);
  const fake::Library library(probe);
  fake::Host host({.shard_count = shards});
  host.load(library.plugin(), "contract_probe", {{"replicates", true}});
  host.start();
  for (const char* name : contract::change_case_names) {
    const fake::Answer answer = run(host, name);
    INFO(name << ": " << answer.remark);
    CHECK(answer.code == 0);
  }
  REQUIRE(host.live_buffers() == 0);
  host.stop();
}

TEST_CASE("an unknown case is refused by name") {
  const fake::Library library(probe);
  fake::Host host;
  host.load(library.plugin(), "contract_probe");
  host.start();
  const fake::Answer answer = run(host, "no such case");
  REQUIRE(answer.code == 1);
  REQUIRE(answer.remark == "case: no such case");
}
