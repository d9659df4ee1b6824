// What the Java nameserver answered to the same requests.
#include <boost/json.hpp>
#include <fstream>
#include <functional>

#include "fixture.hpp"
#include "support/golden.hpp"

using namespace gantry::nameserver::testing;

namespace {

namespace json = boost::json;

std::string unhex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

// The body of a recorded frame: behind two length words and the header.
std::string recorded_body(const json::object& frame) {
  const std::string bytes = unhex(frame.at("hex").as_string());
  return bytes.substr(8 + frame.at("headerLength").to_number<size_t>());
}

fake::Request request_of(const json::object& frame) {
  const json::object& header = frame.at("header").as_object();
  fake::Request out;
  out.code = header.at("code").to_number<int32_t>();
  out.version = header.at("version").to_number<int32_t>();
  if (const auto* fields = header.if_contains("extFields"))
    for (const auto& [key, value] : fields->as_object())
      out.fields.emplace_back(std::string(key), std::string(value.as_string()));
  out.body = recorded_body(frame);
  return out;
}

bool is_served(int64_t code) {
  return code != code::update_namesrv_config && code != code::get_namesrv_config;
}

void compare(const json::object& recorded, const fake::Answer& answer) {
  const json::object& header = recorded.at("header").as_object();
  REQUIRE(answer.code == header.at("code").to_number<int32_t>());
  if (const auto* fields = header.if_contains("extFields"))
    for (const auto& [key, value] : fields->as_object())
      REQUIRE(answer.field(key).value_or("(none)") == std::string(value.as_string()));
  // A table of ordered topics that was emptied before a recording began: here there never was one.
  const std::string body = recorded_body(recorded);
  REQUIRE((answer.body == body || (answer.body.empty() && body == R"({"table":{}})")));
}

using Before = std::function<void(const json::object& request)>;

// Of the steps in `of_other_topics` only the code is compared.
int replay(const char* name, Fixture& f, const std::vector<std::string_view>& of_other_topics = {},
           const Before& before = {}) {
  const auto path = gantry::testing::golden(name);
  if (!path) return -1;
  std::ifstream file(*path);
  int compared = 0;
  for (std::string line; std::getline(file, line);) {
    const json::object exchange = json::parse(line).as_object();
    const std::string step(exchange.at("step").as_string());
    if (!is_served(exchange.at("code").as_int64())) continue;
    INFO(step << ": " << exchange.at("request").at("header"));
    if (before) before(exchange.at("request").as_object());
    const json::object& recorded = exchange.at("response").as_object();
    const fake::Answer answer = f.send(request_of(exchange.at("request").as_object()));
    if (std::find(of_other_topics.begin(), of_other_topics.end(), step) == of_other_topics.end())
      compare(recorded, answer);
    else
      REQUIRE(answer.code == recorded.at("header").at("code").to_number<int32_t>());
    ++compared;
  }
  return compared;
}

}  // namespace

TEST_CASE("a Java broker's life at the nameserver is answered as recorded") {
  Fixture f;
  // A recording keeps two exchanges of each shape: the registrations of the two topics that are
  // asked for later are not among them.
  const auto before = [&](const json::object& request) {
    if (request.at("header").at("opaque") != 104) return;
    fake::Request missing = Fixture::registration(
        {.name = "broker-golden", .address = "127.0.0.2:27811", .cluster = "golden"}, {});
    auto body = body_of({"TopicWirePop", "%RETRY%GID_jpop"});
    body.topics.topics.at("TopicWirePop").read_queues = 2;
    body.topics.topics.at("TopicWirePop").write_queues = 2;
    body.topics.topics.at("%RETRY%GID_jpop").read_queues = 1;
    body.topics.topics.at("%RETRY%GID_jpop").write_queues = 1;
    missing.body = gantry::protocol::write_body(body);
    REQUIRE(f.send(missing).code == 0);
  };
  const int compared = replay("wire/register.jsonl", f, {}, before);
  REQUIRE((compared == -1 || compared == 15));
}

TEST_CASE("a damaged and a wrongly flagged registration are answered as recorded") {
  Fixture f;
  const int compared = replay("wire/register-options.jsonl", f);
  REQUIRE((compared == -1 || compared == 7));
}

TEST_CASE("routes, lists, KV configuration and registrations are answered as recorded") {
  Fixture f;
  // The broker that lived while this was recorded; the recording doesn't have its registration.
  const BrokerFields broker{
      .name = "broker-golden", .address = "127.0.0.2:27811", .cluster = "golden"};
  auto registration = Fixture::registration(broker, {}, 3);
  auto body = body_of({"TopicWire", "TopicWireOther", "TopicWireOrder"});
  body.topics.topics.at("TopicWireOrder").read_queues = 2;
  body.topics.topics.at("TopicWireOrder").write_queues = 2;
  registration.body = gantry::protocol::write_body(body);
  REQUIRE(f.send(registration).code == 0);
  const int compared = replay(
      "wire/raw-namesrv.jsonl", f,
      {"all topics", "topics of a cluster", "wipe write permission", "add write permission"});
  REQUIRE((compared == -1 || compared == 40));
}
