// Nameservers in other processes: what each hears and when, and that one that is down, silent or
// forgetful costs nobody else anything.
#include <zlib.h>

#include <catch2/catch.hpp>

#include "protocol/bodies.hpp"
#include "rig.hpp"

using namespace gantry::messaging::test;
using gantry::protocol::RegisterBrokerBody;

namespace {

constexpr const char* first = "10.0.0.1:9876";
constexpr const char* second = "[2001:db8::2]:9876";

fake::Answer ok() {
  return {};
}

std::string field(const fake::Request& request, std::string_view name) {
  for (const auto& [key, value] : request.fields) {
    if (key == name) return value;
  }
  return "<none>";
}

RegisterBrokerBody body(const fake::Request& request) {
  return gantry::protocol::read_body<RegisterBrokerBody>(request.body).value();
}

std::string crc_of(const std::string& bytes) {
  const auto* data = reinterpret_cast<const Bytef*>(bytes.data());
  return std::to_string(crc32(0, data, static_cast<uInt>(bytes.size())) & 0x7fffffff);
}

std::string inflated(const std::string& bytes) {
  std::string out(1 << 20, '\0');
  uLongf size = out.size();
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                     reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()) == Z_OK);
  out.resize(size);
  return out;
}

// A broker of two nameservers in other processes, which answer 0.
struct Remote : Rig {
  explicit Remote(fake::Settings settings = {}, std::string address = "127.0.0.1:10911")
      : Rig(options(std::move(settings), std::move(address)), nullptr, nullptr, false) {
    for (fake::Peer* peer : {&one, &two}) {
      peer->serve([](const fake::Request&) { return ok(); });
    }
  }
  void start() { host.start(); }
  bool makes(const std::string& topic) {
    const auto exchange = send(310, send_v2(topic), "x");
    return exchange->answer && exchange->answer->code == code::success;
  }

  fake::Peer& one = host.peer(first);
  fake::Peer& two = host.peer(second);

 private:
  static RigOptions options(fake::Settings settings, std::string address) {
    settings.emplace("nameservers", fake::SettingValue::List{first, second});
    RigOptions out;
    out.settings = std::move(settings);
    out.nameserver = false;
    out.address = std::move(address);
    return out;
  }
};

}  // namespace

TEST_CASE("every nameserver hears everything at the start and every 30 s, with its checksum") {
  Remote rig;
  rig.start();
  for (fake::Peer* peer : {&rig.one, &rig.two}) {
    REQUIRE(peer->got().size() == 1);
    const fake::Request& told = peer->got()[0];
    CHECK(told.code == 103);
    CHECK(told.version >= gantry::protocol::version::v5_0_0);
    CHECK(field(told, "brokerAddr") == "127.0.0.1:10911");
    CHECK(field(told, "compressed") == "false");
    CHECK(field(told, "bodyCrc32") == crc_of(told.body));
    CHECK(body(told).topics.topics.contains("TBW102"));
    CHECK(rig.host.logged("registered at 10.0.0.1:9876"));
  }
  rig.host.advance_ms(30'000);
  CHECK(rig.one.got().size() == 2);
  CHECK(rig.two.got().size() == 2);
}

TEST_CASE("a compressed registration says so, and inflates to the layout Java reads") {
  Remote rig({{"register_compressed", true}});
  rig.start();
  const fake::Request& told = rig.one.got().at(0);
  CHECK(field(told, "compressed") == "true");
  CHECK(field(told, "bodyCrc32") == crc_of(told.body));
  const auto read = gantry::protocol::read_register_layout(inflated(told.body), true);
  REQUIRE(read.has_value());
  CHECK(read->topics.topics.at("SCHEDULE_TOPIC_XXXX").read_queues == 18);
}

TEST_CASE("an IPv6 broker is announced in brackets, its replication port too") {
  Remote rig({}, "[2001:db8::1]:10911");
  rig.start();
  CHECK(field(rig.one.got().at(0), "brokerAddr") == "[2001:db8::1]:10911");
  CHECK(field(rig.one.got().at(0), "haServerAddr") == "[2001:db8::1]:10912");
}

TEST_CASE("a topic's change reaches every nameserver before the send that made it is answered") {
  Remote rig;
  rig.start();
  REQUIRE(rig.makes("T"));
  for (fake::Peer* peer : {&rig.one, &rig.two}) {
    REQUIRE(peer->got().size() == 2);
    CHECK(body(peer->got()[1]).topics.topics.size() == 1);
    CHECK(body(peer->got()[1]).topics.topics.at("T").write_queues == 4);
    CHECK(field(peer->got()[1], "bodyCrc32") == crc_of(peer->got()[1].body));
  }
}

TEST_CASE("a nameserver that is down delays neither sends nor the others, and is told when back") {
  Remote rig;
  rig.one.down("Connection refused");
  rig.start();
  REQUIRE(rig.makes("T"));  // while the clock stands still
  CHECK(rig.two.got().size() == 2);
  CHECK(rig.one.got().empty());
  CHECK(rig.host.logged("not registered at 10.0.0.1:9876: no connection to 10.0.0.1:9876: "
                        "Connection refused"));
  rig.one.up();
  rig.host.advance_ms(30'000);
  REQUIRE(rig.one.got().size() == 1);
  CHECK(body(rig.one.got()[0]).topics.topics.contains("T"));
  CHECK(rig.host.logged("registered at 10.0.0.1:9876"));
}

TEST_CASE("one that is told again and again in vain costs one line") {
  Remote rig;
  rig.one.down();
  rig.start();
  rig.host.advance_ms(300'000);
  const auto& lines = rig.host.lines();
  CHECK(std::count_if(lines.begin(), lines.end(), [](const fake::LogLine& line) {
          return line.text.starts_with("not registered at 10.0.0.1:9876");
        }) == 1);
}

TEST_CASE("a silent nameserver holds up a send for half a second once") {
  Remote rig;
  rig.start();
  rig.one.serve([](const fake::Request&) { return std::nullopt; });
  const auto waits = rig.send(310, send_v2("T"), "x");
  rig.host.advance_ms(499);
  CHECK_FALSE(waits->answer.has_value());
  rig.host.advance_ms(1);
  CHECK(waits->answer.has_value());
  rig.host.advance_ms(2'500);
  CHECK(rig.host.logged("not registered at 10.0.0.1:9876: no answer in time"));
  CHECK(rig.makes("U"));
}

TEST_CASE("what changes while a registration is under way is told in one, after it") {
  Remote rig;
  rig.start();
  rig.one.serve([](const fake::Request&) { return std::nullopt; });
  for (const char* topic : {"T", "U", "V"}) {
    static_cast<void>(rig.send(310, send_v2(topic), "x"));
    rig.host.advance_ms(500);
  }
  CHECK(rig.one.got().size() == 2);
  rig.one.serve([](const fake::Request&) { return ok(); });
  rig.host.advance_ms(1'500);  // T's time is over
  REQUIRE(rig.one.got().size() == 3);
  const auto topics = body(rig.one.got()[2]).topics.topics;
  CHECK(topics.contains("T"));  // whether it has T is not known
  CHECK(topics.contains("V"));
  CHECK(topics.contains("TBW102"));
}

TEST_CASE("one that does not know this broker any more is told everything at once") {
  Remote rig;
  rig.start();
  bool knows = false;
  rig.one.serve([&](const fake::Request& request) -> fake::Answer {
    if (!knows && body(request).topics.topics.size() == 1) {
      return {.code = 1, .remark = "register broker failed"};
    }
    knows = true;
    return {};
  });
  REQUIRE(rig.makes("T"));
  REQUIRE(rig.one.got().size() == 3);
  CHECK(body(rig.one.got()[2]).topics.topics.contains("TBW102"));
  REQUIRE(rig.makes("U"));
  CHECK(body(rig.one.got()[3]).topics.topics.size() == 1);
}

TEST_CASE("unless forced, a broker asks for the version a nameserver knows, and tells when it must") {
  Remote rig({{"register_forced", false}});
  const char* changed = "true";
  const auto serve = [&](const fake::Request& request) -> fake::Answer {
    if (request.code != 322) return {};
    return {.fields = {{"changed", changed}}};
  };
  rig.one.serve(serve);
  rig.start();
  REQUIRE(rig.one.got().size() == 2);
  CHECK(rig.one.got()[0].code == 322);
  const auto version =
      gantry::protocol::read_body<gantry::protocol::DataVersion>(rig.one.got()[0].body);
  REQUIRE(version.has_value());
  CHECK(*version == body(rig.one.got()[1]).topics.data_version);
  CHECK(rig.one.got()[1].code == 103);
  changed = "false";
  rig.host.advance_ms(30'000);
  REQUIRE(rig.one.got().size() == 3);
  CHECK(rig.one.got()[2].code == 322);
  REQUIRE(rig.makes("T"));
  REQUIRE(rig.one.got().size() == 4);
  CHECK(body(rig.one.got()[3]).topics.topics.size() == 1);
  // The other says nothing of a version, as one that is older than the question.
  CHECK(rig.two.got().size() == 5);
}

TEST_CASE("a nameserver that never heard of versions is told everything") {
  Remote rig({{"register_forced", false}});
  rig.one.serve([](const fake::Request& request) -> fake::Answer {
    return {.code = request.code == 322 ? 3 : 0};
  });
  rig.start();
  REQUIRE(rig.one.got().size() == 2);
  CHECK(rig.one.got()[1].code == 103);
}

TEST_CASE("a broker that stops takes itself out where it is known, and only there") {
  Remote rig;
  rig.two.down();
  rig.start();
  rig.host.stop();
  REQUIRE(rig.one.got().size() == 2);
  const fake::Request& farewell = rig.one.got()[1];
  CHECK(farewell.code == 104);
  CHECK(field(farewell, "brokerName") == "broker-a");
  CHECK(field(farewell, "brokerAddr") == "127.0.0.1:10911");
  CHECK(field(farewell, "clusterName") == "DefaultCluster");
  CHECK(field(farewell, "brokerId") == "0");
  CHECK(farewell.body.empty());
}
