// gantryctl as a program: against answers recorded from a RocketMQ broker, and against a node.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

#include "client/admin.hpp"
#include "client/pull_consumer.hpp"
#include "client/push_consumer.hpp"
#include "ctl_run.hpp"
#include "protocol/bytes.hpp"
#include "protocol/codes.hpp"
#include "scripted_server.hpp"
#include "support/golden.hpp"
#include "test_node.hpp"

using namespace gantry;
using namespace gantry::integration;
using client::testing::ScriptedServer;

namespace bj = boost::json;

namespace {

std::string text(const bj::object& document, const char* member) {
  return std::string(document.at(member).as_string());
}

// A nameserver and broker of recorded answers: a code's first success in the files, else its first
// refusal, with this server's address for the recorded broker's.
class Recorded {
 public:
  explicit Recorded(const std::vector<std::string>& files)
      : server_([this](const client::Request& request) { return answer(request); }) {
    for (const std::string& name : files) read(*testing::golden(("wire/" + name).c_str()));
  }
  std::string address() const { return server_.address(); }
  std::vector<client::Request> asked(int32_t code) const { return server_.asked(code); }

 private:
  void read(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
      const bj::object exchange = bj::parse(line).as_object();
      if (!exchange.at("response").is_object()) continue;
      const bj::object& response = exchange.at("response").as_object();
      const bj::object& header = response.at("header").as_object();
      const auto code = exchange.at("code").to_number<int32_t>();
      client::Reply reply;
      reply.code = header.at("code").to_number<int32_t>();
      const auto known = answers_.find(code);
      if (known != answers_.end() && (reply.code != 0 || known->second.code == 0)) continue;
      if (const auto* ext = header.if_contains("extFields"); ext != nullptr && ext->is_object()) {
        for (const auto& field : ext->as_object()) {
          reply.fields.emplace_back(field.key(), std::string(field.value().as_string()));
        }
      }
      const std::string frame = *protocol::from_hex(std::string(response.at("hex").as_string()));
      const auto head = response.at("headerLength").to_number<size_t>();
      reply.body = frame.substr(8 + head);
      answers_[code] = std::move(reply);
    }
  }
  std::optional<client::Reply> answer(const client::Request& request) {
    const auto found = answers_.find(request.code);
    if (found == answers_.end()) {
      client::Reply unsupported;
      unsupported.code = protocol::response_code::request_code_not_supported;
      return unsupported;
    }
    client::Reply reply = found->second;
    constexpr std::string_view recorded = "127.0.0.2:27811";
    for (size_t at = 0; (at = reply.body.find(recorded, at)) != std::string::npos;) {
      reply.body.replace(at, recorded.size(), server_.address());
    }
    return reply;
  }

  std::map<int32_t, client::Reply> answers_;
  ScriptedServer server_;
};

}  // namespace

TEST_CASE("gantryctl's documents are these, of what a RocketMQ broker answered") {
  if (!testing::golden("wire")) return;
  const Recorded recorded({"mqadmin-5.5.0.jsonl", "raw-admin.jsonl", "raw-namesrv.jsonl"});
  const std::string at = recorded.address();
  const auto check = [&](const std::string& arguments, std::string document) {
    const Ran ran = ctl(at, "--json " + arguments);
    INFO(arguments << ": " << ran.errors);
    CHECK(ran.code == 0);
    const size_t place = document.find("BROKER");
    if (place != std::string::npos) document.replace(place, 6, at);
    CHECK(ran.out == document + '\n');
  };
  check("cluster",
        R"({"brokers":[{"cluster":"golden","broker":"broker-golden","id":0,"address":"BROKER"}]})");
  check("topic list",
        R"({"topics":["TopicCompact","TopicEmpty","TopicFifo","TopicMade","TopicNoPerm",)"
        R"("TopicNoRead","TopicNoWrite","TopicWire","TopicWireOrder","TopicWirePop",)"
        R"("TopicWirePopO","TopicWireRetry","TopicWireRpc","TopicWireTx","broker-golden",)"
        R"("golden","golden_REPLY_TOPIC"]})");
  check("topic create -t TopicByTool --queues 2",
        R"({"topic":"TopicByTool","writeQueues":2,"readQueues":2,"perm":6,)"
        R"("brokers":[{"broker":"broker-golden","address":"BROKER"}]})");
  check("topic describe -t TopicWire",
        R"({"topic":"TopicWire","brokers":[{"broker":"broker-golden","writeQueues":1,)"
        R"("readQueues":1,"perm":6}],"queues":[)"
        R"({"broker":"broker-golden","queue":0,"min":0,"max":16,"storedAt":1795261637963},)"
        R"({"broker":"broker-golden","queue":1,"min":0,"max":3,"storedAt":1795261520188},)"
        R"({"broker":"broker-golden","queue":2,"min":0,"max":2,"storedAt":1795261472494},)"
        R"({"broker":"broker-golden","queue":3,"min":0,"max":8,"storedAt":1795261558119}],)"
        R"("groups":["CID_RMQ_SYS_TRANS"]})");
  check("topic delete -t TopicByTool",
        R"({"topic":"TopicByTool","brokers":[{"broker":"broker-golden","address":"BROKER"}]})");
  check("group create -g GID_made",
        R"({"group":"GID_made","brokers":[{"broker":"broker-golden","address":"BROKER"}]})");
  check("group describe -g GID_java550",
        R"({"group":"GID_java550","model":"CLUSTERING","type":"CONSUME_PASSIVELY","members":[],)"
        R"("subscriptions":[],"subscriptionsDiffer":false,"subscriptionDifference":"",)"
        R"("subscriptionsUnknown":[],"queues":[)"
        R"({"topic":"TopicWire","broker":"broker-golden","queue":0,"consumed":2,"end":16,)"
        R"("behind":14,"storedAt":1795261480673},)"
        R"({"topic":"TopicWire","broker":"broker-golden","queue":1,"consumed":2,"end":3,)"
        R"("behind":1,"storedAt":1795261472089},)"
        R"({"topic":"TopicWire","broker":"broker-golden","queue":2,"consumed":2,"end":2,)"
        R"("behind":0,"storedAt":1795261472494},)"
        R"({"topic":"TopicWire","broker":"broker-golden","queue":3,"consumed":7,"end":8,)"
        R"("behind":1,"storedAt":1795261472637}],"behind":16})");
  check("group reset-offset -g GID_java550 -t TopicWire --to-end",
        R"({"group":"GID_java550","queues":[)"
        R"({"topic":"TopicWire","broker":"broker-golden","queue":0,"offset":17},)"
        R"({"topic":"TopicWire","broker":"broker-golden","queue":1,"offset":5},)"
        R"({"topic":"TopicWire","broker":"broker-golden","queue":2,"offset":2},)"
        R"({"topic":"TopicWire","broker":"broker-golden","queue":3,"offset":8}]})");
  check("group clone-offset --from GID_java550 --to GID_made",
        R"({"from":"GID_java550","to":"GID_made","topic":"",)"
        R"("brokers":[{"broker":"broker-golden","address":"BROKER"}]})");
  check("message query -t TopicWire -k key-java550",
        R"({"messageId":"C0000202778B4E0E2F2A69842AD00000",)"
        R"("offsetId":"7F00000200006CA30000000000000000","topic":"TopicWire",)"
        R"("broker":"broker-golden","queue":1,"offset":0,"logOffset":0,"tags":"TagA",)"
        R"("keys":"key-java550","bornAt":1795261469394,"bornHost":"127.0.0.1:49354",)"
        R"("storedAt":1795261470160,"storeHost":"127.0.0.2:27811","tries":0,"flag":0,)"
        R"("properties":{"MSG_REGION":"DefaultRegion",)"
        R"("UNIQ_KEY":"C0000202778B4E0E2F2A69842AD00000","CLUSTER":"golden","TAGS":"TagA",)"
        R"("KEYS":"key-java550","WAIT":"true","TRACE_ON":"true"},"body":"hello java550"})");
}

TEST_CASE("what gantryctl sends it consumes, finds and describes") {
  TestNode node;
  REQUIRE(node.start(Shape()).has_value());
  const std::string at = node.nameserver();
  const std::string broker = node.address("broker");
  CHECK(ctl(at, "topic create -t orders --queues 2").out ==
        fmt::format("topic orders on broker-a ({}): 2 queues to write, 2 to read\n", broker));
  CHECK(ctl(at, "topic update -t orders -r 4").out ==
        fmt::format("topic orders on broker-a ({}): 2 queues to write, 4 to read\n", broker));
  const Ran sent = ctl(at, "--json send -t orders -p hello --tags paid -k k1 --count 3");
  REQUIRE(sent.code == 0);
  const bj::object first = bj::parse(sent.out.substr(0, sent.out.find('\n'))).as_object();
  CHECK(text(first, "status") == "SEND_OK");
  const std::string id = text(first, "messageId");
  const std::string offset_id = text(first, "offsetId");

  const Ran consumed = ctl(at, "consume -t orders -g readers --count 3");
  CHECK(consumed.code == 0);
  CHECK(consumed.out.find("offset 0 tags paid: hello 1\n") != std::string::npos);
  const Ran more = ctl(at, "consume -t orders -g readers --count 1 --wait 0");
  CHECK(more.code == 1);
  CHECK(more.errors.find("0 of 1 messages") != std::string::npos);

  const std::string topics = ctl(at, "topic list").out;
  CHECK(topics.find("orders\n") != std::string::npos);
  CHECK(topics.find("%RETRY%") == std::string::npos);
  const std::vector<std::string> ways = {
      "get -i " + offset_id, "query -t orders -k k1", "query -t orders -u " + id,
      fmt::format("get -t orders -q {} -o 0", first.at("queue").to_number<int>())};
  for (const std::string& which : ways) {
    const Ran found = ctl(at, "--json message " + which);
    INFO(which << ": " << found.errors);
    REQUIRE(found.code == 0);
    const bj::object message = bj::parse(found.out.substr(0, found.out.find('\n'))).as_object();
    CHECK(text(message, "messageId") == id);
    CHECK(text(message, "body") == "hello 1");
    CHECK(text(message, "tags") == "paid");
  }
  // Sent over two queues and within a millisecond or two, and yet in the order they were stored in.
  const std::string all = ctl(at, "--json message query -t orders -k k1").out;
  const size_t one = all.find("hello 1");
  const size_t two = all.find("hello 2");
  CHECK((one < two && two < all.find("hello 3") && all.find("hello 3") != std::string::npos));
  CHECK(ctl(at, "cluster").out ==
        fmt::format("cluster         broker    id  address\nDefaultCluster  broker-a  0   {}\n",
                    broker));
}

TEST_CASE(
    "members of one group that subscribe differently are shown, by gantryctl's words and fields") {
  TestNode node;
  REQUIRE(node.start(Shape()).has_value());
  const std::string at = node.nameserver();
  REQUIRE(ctl(at, "topic create -t orders --queues 4").code == 0);
  const auto described = [&] {
    const Ran ran = ctl(at, "--json group describe -g billing");
    INFO(ran.errors);
    REQUIRE(ran.code == 0);
    return bj::parse(ran.out).as_object();
  };
  const auto words = [&] { return ctl(at, "group describe -g billing").out; };
  const auto pusher = [&](client::Cluster& cluster, const std::string& tags) {
    client::PushConsumerOptions options;
    options.group = "billing";
    auto consumer = std::make_unique<client::PushConsumer>(cluster, options);
    consumer->on_messages([](auto) { return client::Consumed::done; });
    REQUIRE(consumer->subscribe("orders", tags).has_value());
    REQUIRE(consumer->start().has_value());
    return consumer;
  };

  client::Cluster one(at);
  const auto first = pusher(one, "paid || sent");
  CHECK_FALSE(described().at("subscriptionsDiffer").as_bool());
  CHECK(words().find("alike") == std::string::npos);  // there is nobody to be like

  // A pull member has no retries to subscribe to, which is no difference.
  client::Cluster two(at);
  client::ConsumerOptions options;
  options.group = "billing";
  client::PullConsumer alike(two, options);
  REQUIRE(alike.subscribe("orders", "sent||paid").has_value());
  bj::object group = described();
  CHECK(group.at("members").as_array().size() == 2);
  CHECK_FALSE(group.at("subscriptionsDiffer").as_bool());
  CHECK(text(group, "subscriptionDifference").empty());
  CHECK(group.at("subscriptionsUnknown").as_array().empty());
  CHECK(words().find("all members subscribe alike\n") != std::string::npos);

  client::Cluster three(at);
  auto other = pusher(three, "refused");
  group = described();
  CHECK(group.at("subscriptionsDiffer").as_bool());
  const std::string said = text(group, "subscriptionDifference");
  CHECK(said.find("client " + three.client_id() + " subscribes to orders with TAG refused") !=
        std::string::npos);
  CHECK(said.find("subscribes to orders with TAG paid || sent") != std::string::npos);
  CHECK(words().find("WARNING: the members subscribe differently, so each of them may miss "
                     "messages: " +
                     said + "\n") != std::string::npos);

  other->stop();
  CHECK_FALSE(described().at("subscriptionsDiffer").as_bool());
  CHECK(words().find("all members subscribe alike\n") != std::string::npos);
}

TEST_CASE("gantryctl says what to do when something is wrong") {
  TestNode node;
  REQUIRE(node.start(Shape()).has_value());
  const std::string at = node.nameserver();
  const auto said = [&](const std::string& arguments, int code, const std::string& part) {
    const Ran ran = ctl(at, arguments);
    INFO(arguments << ": " << ran.out << ran.errors);
    CHECK(ran.code == code);
    CHECK((ran.out + ran.errors).find(part) != std::string::npos);
  };
  said("topic describe -t nowhere", 1, "`gantryctl topic create --topic nowhere` makes it");
  said("topic update -t nowhere --queues 2", 1, "nowhere is not there");
  said("message query -t nowhere -k k", 1, "nowhere is not there");
  said("consume -t nowhere", 1, "gantryctl topic create --topic nowhere");
  said("group describe -g nobody", 1, "`gantryctl group create --group nobody` makes it");
  said("message get", 1, "--id, or --topic, --queue and --offset");
  said("message get -i zz", 1, "\"zz\" is no offset id");
  said("topic create -t 'a b'", 1, "a b");
  said("topic create -t x -c elsewhere", 1, "cluster elsewhere");
  said("send -t x -p y -q 0", 1, "--queue needs --broker");
  said("send -t x -p y --property colour", 1, "\"colour\" is not name=value");
  said("group reset-offset -g g -t x -s yesterday", 1, "\"yesterday\" is no time");
  said("group reset-offset -g g -t x", 2, "Exactly 1 option from");
  said("topic create", 2, "--topic is required");
  said("topic create -t x --queues 0", 2, "--queues");
  said("fly", 2, "A subcommand is required");
  said("-n 127.0.0.1:1 cluster", 1, "127.0.0.1:1 cannot be reached");
  said("-n 127.0.0.1:1 cluster", 1, "is a node running there?");
}

TEST_CASE("the completion scripts offer what may follow") {
  const auto completed = [](const std::string& words, int count) {
    const std::string script = fmt::format(
        "source <({}/bin/gantryctl completion bash); COMP_WORDS=({}); COMP_CWORD={}; _gantryctl; "
        "echo \"${{COMPREPLY[@]}}\"",
        GANTRY_BINARY_DIR, words, count);
    FILE* pipe = ::popen(fmt::format("bash -c '{}'", script).c_str(), "r");
    REQUIRE(pipe != nullptr);
    char buffer[4096];
    const size_t size = std::fread(buffer, 1, sizeof(buffer), pipe);
    ::pclose(pipe);
    return std::string(buffer, size);
  };
  CHECK(completed("gantryctl to", 1) == "topic\n");
  CHECK(completed("gantryctl topic de", 2) == "delete describe\n");
  CHECK(completed("gantryctl --nameserver host:1 group reset-offset --group topic --to", 7) ==
        "--topic --to-begin --to-end --to-time\n");
  const Ran zsh = ctl("", "completion zsh");
  CHECK(zsh.code == 0);
  CHECK(zsh.out.find("#compdef gantryctl\n") == 0);
  CHECK(zsh.out.find("\"group reset-offset\") may=\"") != std::string::npos);
}
