#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace gantry::nameserver::testing;

namespace {

void put_text(std::string& out, const std::string& text) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<uint32_t>(text.size()) >> shift);
  out += text;
}

std::string deflated(const std::string& plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size,
           reinterpret_cast<const Bytef*>(plain.data()), static_cast<uLong>(plain.size()));
  out.resize(size);
  return out;
}

// The layout inside a compressed registration, version 5.
std::string layout(const std::vector<std::string>& topics) {
  std::string out;
  put_text(out, R"({"counter":1,"stateVersion":0,"timestamp":1})");
  out += std::string("\0\0\0", 3) + static_cast<char>(topics.size());
  for (const std::string& topic : topics) put_text(out, topic + " 4 4 6 SINGLE_TAG {}");
  put_text(out, "[]");
  return out + std::string(4, '\0');  // no mappings
}

fake::Request compressed(const std::string& body) {
  fake::Request request = Fixture::registration({}, {});
  request.fields.push_back({"compressed", "true"});
  request.body = body;
  return request;
}

fake::Request with(const std::string& key, const std::string& value) {
  fake::Request request = Fixture::registration({}, {"T", "U"});
  std::erase_if(request.fields, [&](const auto& field) { return field.first == key; });
  request.fields.push_back({key, value});
  return request;
}

}  // namespace

TEST_CASE("a compressed registration is understood") {
  Fixture f;
  REQUIRE(f.send(compressed(deflated(layout({"T", "U"})))).code == 0);
  REQUIRE(f.route("T").queues[0].read_queues == 4);
}

TEST_CASE("a compressed registration that is cut, damaged or no zlib at all is refused") {
  Fixture f;
  const std::string good = deflated(layout({"T", "U"}));
  for (const std::string& body : {good.substr(0, good.size() - 3), std::string("garbage"),
                                  deflated("short"), good.substr(0, 1)}) {
    const fake::Answer answer = f.send(compressed(body));
    REQUIRE(answer.code == 1);
    REQUIRE_FALSE(answer.remark.empty());
  }
  REQUIRE(f.ask("T").code == 17);
}

TEST_CASE("a small body that inflates beyond the limit is refused") {
  Fixture f({{"registration_bytes_max", 65536}});
  const fake::Answer answer = f.send(compressed(deflated(std::string(1 << 20, '\0'))));
  REQUIRE(answer.code == 1);
  REQUIRE(answer.remark == "the body inflates to more than 65536 bytes");
}

TEST_CASE("a body over the limit is refused") {
  Fixture f({{"registration_bytes_max", 65536}});
  fake::Request request = Fixture::registration({}, {"T", "U"});
  request.body.append(65536, ' ');
  REQUIRE(f.send(request).remark == "the body has more than 65536 bytes");
}

TEST_CASE("the body's crc is checked when it is sent") {
  Fixture f;
  fake::Request request = Fixture::registration({}, {"T", "U"});
  const uint32_t crc = fake::crc32(gantry::sdk::span(gantry::sdk::bytes(request.body)));
  request.fields.push_back({"bodyCrc32", std::to_string(crc & 0x7fffffff)});
  REQUIRE(f.send(request).code == 0);
  request.fields.back().second = "1";
  REQUIRE(f.send(request).code == 1);
  REQUIRE(f.send(request).remark == "crc32 not match");
  request.fields.back().second = "0";
  REQUIRE(f.send(request).code == 0);
}

TEST_CASE("a missing or unreadable field is named") {
  Fixture f;
  REQUIRE(f.send(with("brokerName", "")).remark == "the field brokerName is missing");
  REQUIRE(f.send(with("brokerId", "zero")).remark == "the field brokerId is no whole number: zero");
  REQUIRE(f.send(with("brokerId", "-1")).remark == "the field brokerId is below 0: -1");
  REQUIRE(f.send(with("heartbeatTimeoutMillis", "1m")).code == 1);
  REQUIRE(f.send({.code = code::unregister_broker}).remark == "the field clusterName is missing");
  fake::Request garbage = Fixture::registration({}, {});
  garbage.body = "garbage";
  REQUIRE(f.send(garbage).remark.starts_with("the body of the registration: "));
}

TEST_CASE("a large registration is read on a worker") {
  Fixture f;
  std::vector<std::string> topics;
  for (int i = 0; i < 2000; ++i) topics.push_back("topic-" + std::to_string(i));
  const fake::Request request = Fixture::registration({}, topics);
  REQUIRE(request.body.size() > 16 * 1024);
  REQUIRE(f.send(request).code == 0);
  REQUIRE(f.ask("topic-1999").code == 0);
  fake::Request damaged = request;
  damaged.body.resize(damaged.body.size() - 10);
  REQUIRE(f.send(damaged).code == 1);
}
