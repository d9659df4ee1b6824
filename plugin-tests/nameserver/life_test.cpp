#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace gantry::nameserver::testing;

TEST_CASE("a silent broker is forgotten after 120 s, not before") {
  Fixture f;
  f.enroll();
  f.host.advance_ms(120'000);
  REQUIRE(f.ask("T").code == 0);
  f.host.advance_ms(5'000);
  REQUIRE(f.ask("T").code == 17);
  REQUIRE(f.host.logged("10.0.0.1:10911"));
}

TEST_CASE("a heartbeat keeps a broker") {
  Fixture f;
  for (int i = 0; i < 10; ++i) {
    f.enroll();
    f.host.advance_ms(30'000);
  }
  REQUIRE(f.ask("T").code == 0);
}

TEST_CASE("a broker may name its own time limit") {
  Fixture f;
  auto request = Fixture::registration({}, {"T", "U"});
  request.fields.push_back({"heartbeatTimeoutMillis", "10000"});
  f.send(request);
  f.host.advance_ms(10'000);
  REQUIRE(f.ask("T").code == 0);
  f.host.advance_ms(5'000);
  REQUIRE(f.ask("T").code == 17);
}

TEST_CASE("the time limit and the scan can be configured") {
  Fixture f({{"expiry_ms", 1000}, {"scan_ms", 100}});
  f.enroll();
  f.host.advance_ms(1'100);
  REQUIRE(f.ask("T").code == 17);
}

TEST_CASE("a broker whose connection ends is forgotten at once") {
  Fixture f;
  f.enroll({}, {"T", "U"}, 7);
  f.enroll({.name = "broker-b", .address = "10.0.0.2:10911"}, {"T", "Only"}, 8);
  f.host.close_session(8);
  REQUIRE(f.ask("Only").code == 17);
  REQUIRE(f.ask("U").code == 0);
  REQUIRE(f.host.logged("hung up"));
}

TEST_CASE("a broker that came back on a new connection survives the end of the old one") {
  Fixture f;
  f.enroll({}, {"T", "U"}, 7);
  f.enroll({}, {"T", "U"}, 8);
  f.host.close_session(7);
  REQUIRE(f.ask("T").code == 0);
}

TEST_CASE("a broker in the process registers without a connection") {
  Fixture f;
  const auto request = Fixture::registration({}, {"T", "U"});
  std::vector<gantry_property> fields;
  for (const auto& [key, value] : request.fields)
    fields.push_back({gantry::sdk::str(key), gantry::sdk::str(value)});
  const gantry_slice body{gantry::sdk::bytes(request.body).data, request.body.size(), nullptr};
  gantry_request raw{};
  raw.struct_size = sizeof raw;
  raw.code = request.code;
  raw.fields = fields.data();
  raw.field_count = static_cast<uint32_t>(fields.size());
  raw.body = &body;
  raw.body_count = 1;
  fake::Completion done;
  const gantry_host* host = f.instance.host();
  const auto& requests =
      *static_cast<const gantry_requests*>(host->service(host, GANTRY_HOST_REQUESTS));
  REQUIRE(requests.call(host, gantry::sdk::str("nameserver"), &raw, 1000, done.get()) == GANTRY_OK);
  f.host.run_until_idle();
  REQUIRE(done.count() == 1);
  REQUIRE(done.status() == GANTRY_OK);
  f.host.advance_ms(60'000);
  REQUIRE(f.ask("T").code == 0);
}

TEST_CASE("nothing is looked for while the module is quiesced") {
  Fixture f;
  f.enroll();
  f.host.quiesce(f.instance);
  f.host.advance_ms(300'000);
  REQUIRE(f.ask("T").code == 0);
  f.host.resume(f.instance);
  f.host.advance_ms(5'000);
  REQUIRE(f.ask("T").code == 17);
}
