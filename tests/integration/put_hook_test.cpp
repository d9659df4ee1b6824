// Put hooks and index codes of a library in a whole node: what a client's send comes to, and what
// the store's files then hold.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <fstream>

#include "base/endian.hpp"
#include "client/connection.hpp"
#include "commitlog/record.hpp"
#include "node/verify/verify.hpp"
#include "protocol/codes.hpp"
#include "protocol/names.hpp"
#include "protocol/send_header.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;

namespace {

Shape hooked() {
  Shape shape;
  shape.load.push_back(std::string(GANTRY_BINARY_DIR) + "/lib/gantry/test-plugins/put_hooks.so");
  return shape;
}

client::Reply send(client::Connection& broker, const std::string& properties) {
  protocol::SendMessageHeader header;
  header.producer_group = "hooked_producer";
  header.topic = "T";
  header.default_topic = protocol::topic::auto_create;
  header.default_topic_queues = 4;
  header.queue_id = 2;
  header.born_ms = 1'700'000'000'000;
  header.properties = properties;
  const Outcome<client::Reply> reply =
      broker.call(protocol::request_code::send_message_v2,
                  write_send_header(header, protocol::SendForm::v2), "body");
  INFO((reply.has_value() ? "" : reply.error().text));
  REQUIRE(reply.has_value());
  return *reply;
}

std::string delay_to(const std::string& time) { return "DELAY_TO\x01" + time + "\x02"; }

std::vector<uint8_t> file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Unit {
  int64_t log_offset = 0;
  int32_t size = 0;
  int64_t code = 0;
};

// Entry `index` of a queue's file.
Unit unit(const std::filesystem::path& data, const std::string& queue, size_t index) {
  constexpr size_t unit_bytes = 20;
  const auto bytes = file(data / "consumequeue" / queue / "00000000000000000000");
  REQUIRE(bytes.size() >= (index + 1) * unit_bytes);
  const uint8_t* at = bytes.data() + index * unit_bytes;
  return {load_be<int64_t>(at), load_be<int32_t>(at + 8), load_be<int64_t>(at + 12)};
}

struct Verified {
  node::Verdict verdict = node::Verdict::unchecked;
  std::string text;
  bool says(std::string_view words) const { return text.find(words) != std::string::npos; }
};

// `gantry verify` with a node's configuration.
Verified verify(const std::filesystem::path& data, const Shape& shape) {
  const Folder folder;
  const std::filesystem::path file = folder.path() / "node.toml";
  std::ofstream(file) << configuration(shape, data);
  Verified out;
  out.verdict = node::verify({.folder = data, .configuration = file},
                             [&](const std::string& line) { out.text += line + '\n'; });
  return out;
}

// Changes a byte of the unit of DELAYED/0 that a node has stored.
void change_unit(const std::filesystem::path& data, int64_t at) {
  std::fstream units(data / "consumequeue/DELAYED/0/00000000000000000000",
                     std::ios::in | std::ios::out | std::ios::binary);
  units.seekg(at);
  const int byte = units.get();
  units.seekp(at);
  units.put(static_cast<char>(byte + 1));
  REQUIRE(units.good());
}

constexpr int64_t size_at = 11;  // its last byte, in a unit
constexpr int64_t code_at = 19;

// A stopped node that has kept a message for later.
struct Delayed : TestNode {
  Delayed() {
    REQUIRE(start(hooked()).has_value());
    {
      client::Connection broker(address("broker"));
      CHECK(send(broker, "TAGS\x01red\x02").code == 0);
      CHECK(send(broker, delay_to("1234567890123")).code == 0);
    }
    stop();
    REQUIRE(failure() == "");
  }
};

}  // namespace

TEST_CASE("verify knows the codes of the modules that are configured") {
  Delayed node;
  const Verified clean = verify(node.data_dir(), hooked());
  INFO(clean.text);
  CHECK(clean.verdict == node::Verdict::clean);
  CHECK_FALSE(clean.says("not compared"));
  change_unit(node.data_dir(), code_at);
  const Verified changed = verify(node.data_dir(), hooked());
  INFO(changed.text);
  CHECK(changed.verdict == node::Verdict::findings);
  CHECK(changed.says("of DELAYED/0 tells of log offset"));
}

TEST_CASE("verify without the module whose codes a topic has says so, and compares all else") {
  Delayed node;
  const Verified without = verify(node.data_dir(), Shape{});
  INFO(without.text);
  CHECK(without.verdict == node::Verdict::clean);
  CHECK(without.says("not compared: the index codes of 1 records of topic DELAYED: they are those of "
                     "hook_redirect (gantry.index_code/0)"));
  change_unit(node.data_dir(), size_at);
  const Verified changed = verify(node.data_dir(), Shape{});
  INFO(changed.text);
  CHECK(changed.verdict == node::Verdict::findings);
  CHECK(changed.says("of DELAYED/0 tells of log offset"));
}

TEST_CASE("who gave codes is remembered by nodes that run without the module") {
  Delayed node;
  REQUIRE(node.start(Shape{}).has_value());
  node.stop();
  CHECK(verify(node.data_dir(), Shape{}).says("not compared"));
  const std::filesystem::path owners = node.data_dir() / "gantry" / "index_codes";
  std::ofstream(owners, std::ios::app) << "no line";
  const Verified damaged = verify(node.data_dir(), hooked());
  INFO(damaged.text);
  CHECK(damaged.verdict == node::Verdict::findings);
  CHECK(damaged.says(owners.string() + ": damaged"));
  REQUIRE(node.start(hooked()).has_value());
  node.stop();
  CHECK(verify(node.data_dir(), Shape{}).verdict == node::Verdict::clean);
  std::filesystem::remove(owners);
  CHECK(verify(node.data_dir(), Shape{}).verdict == node::Verdict::findings);
}

TEST_CASE("a library's put hook redirects a client's message, its code is in the index") {
  TestNode node;
  const Shape shape = hooked();
  const Outcome<void> started = node.start(shape);
  INFO((started.has_value() ? "" : started.error().text));
  REQUIRE(started.has_value());
  {
    client::Connection broker(node.address("broker"));
    CHECK(send(broker, "K\x01v\x02").code == 0);
    CHECK(send(broker, "TAGS\x01red\x02" + delay_to("1234567890123")).code == 0);
  }
  node.stop();
  CHECK(node.failure() == "");
  const Unit indexed = unit(node.data_dir(), "DELAYED/0", 0);
  CHECK(indexed.code == 1'234'567'890'123);
  CHECK(unit(node.data_dir(), "T/2", 0).code == 0);
  const auto log = file(node.data_dir() / "commitlog" / "00000000000000000000");
  commitlog::RecordView record;
  const Bytes bytes = Bytes(log).subspan(static_cast<size_t>(indexed.log_offset));
  REQUIRE_FALSE(commitlog::decode_record(bytes, commitlog::decode_check, record));
  CHECK(record.topic.view() == "DELAYED");
  CHECK(record.record_size == static_cast<uint32_t>(indexed.size));
  CHECK(std::string(record.body.begin(), record.body.end()) == "later: body");
  const std::string_view properties = record.property_text;
  CHECK(properties.find("REAL_TOPIC\x01T\x02REAL_QID\x01" "2\x02") != std::string_view::npos);
}

TEST_CASE("a replay at start gives records the codes they had") {
  TestNode node;
  const Shape shape = hooked();
  REQUIRE(node.start(shape).has_value());
  {
    client::Connection broker(node.address("broker"));
    CHECK(send(broker, delay_to("77")).code == 0);
  }
  node.stop();
  std::filesystem::remove_all(node.data_dir() / "consumequeue");
  const std::filesystem::path own = node.data_dir() / "gantry";
  for (const auto& entry : std::filesystem::directory_iterator(own)) {
    if (entry.path().filename().string().find("store_file") != std::string::npos) {
      std::filesystem::remove_all(entry.path());
    }
  }
  REQUIRE(node.start(shape).has_value());
  node.stop();
  CHECK(unit(node.data_dir(), "DELAYED/0", 0).code == 77);
}

TEST_CASE("a hook's refusal and its failure are answered, the node goes on") {
  TestNode node;
  REQUIRE(node.start(hooked()).has_value());
  client::Connection broker(node.address("broker"));
  const client::Reply refused = send(broker, "REFUSE\x01x\x02");
  CHECK(refused.code == 16);
  CHECK(refused.remark == "no records for T");
  const client::Reply failed = send(broker, "FAULT\x01x\x02");
  CHECK(failed.code == 1);
  CHECK(failed.remark == "put hook hook_fault failed with status -7: it was asked to fail");
  const client::Reply no_time = send(broker, delay_to("soon"));
  CHECK(no_time.code == 13);
  CHECK(no_time.remark == "DELAY_TO: soon is no time");
  CHECK(send(broker, "K\x01v\x02").code == 0);
  CHECK(node.failure() == "");
}

TEST_CASE("two claims of a topic's code keep the node from starting, naming both") {
  TestNode node;
  Shape shape = hooked();
  shape.plugins += "[plugins.hook_redirect]\n[plugins.other]\nmodule = \"hook_redirect\"\n";
  const Outcome<void> started = node.start(shape);
  REQUIRE(started.has_error());
  CHECK(started.error().text ==
        "gantry.index_code/0: topic DELAYED is claimed by hook_redirect and by other");
}
