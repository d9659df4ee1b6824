// Put hooks and index codes in the fake host.
#include <algorithm>
#include <catch2/catch.hpp>

#include "cpp/capabilities.hpp"
#include "cpp/fake/host.hpp"

using namespace gantry::sdk;
using Texts = std::vector<std::string>;

namespace {

const std::string library =
    std::string(GANTRY_BINARY_DIR) + "/lib/gantry/test-plugins/put_hooks.so";

std::string delay_to(const std::string& time) { return "DELAY_TO\x01" + time + "\x02"; }

struct Result {
  gantry_status status = GANTRY_OK;
  int32_t wire_code = 0;
  std::string text;
  gantry_put_result put{};
};

// Appends records of `topic` in the name of a module, one for each property text.
Result append(fake::Instance& module, fake::Host& host, std::string_view topic,
              const Texts& properties, uint32_t flags = 0, const Texts& streams = {},
              int32_t sys_flag = 0) {
  static const std::string address = fake::host_bytes("127.0.0.1:10911");
  std::vector<gantry_message> records;
  for (const std::string& text : properties) {
    gantry_message record{};
    record.struct_size = sizeof record;
    record.topic = str(topic);
    record.body = bytes(std::string_view("body"));
    record.property_text = str(text);
    record.sys_flag = sys_flag;
    record.born_host = record.store_host = bytes(std::string_view(address));
    records.push_back(record);
  }
  std::vector<gantry_str> names;
  for (const std::string& stream : streams) names.push_back(str(stream));
  const gantry_put put{sizeof put,
                       flags,
                       static_cast<uint32_t>(records.size()),
                       sizeof(gantry_message),
                       records.data(),
                       1,
                       static_cast<uint32_t>(names.size()),
                       names.data()};
  Result out;
  out.put.struct_size = sizeof out.put;
  const gantry_host* raw = module.host();
  const auto& log = *static_cast<const gantry_commitlog*>(raw->service(raw, GANTRY_HOST_COMMITLOG));
  host.on_shard([&](const gantry_call& call) {
    out.status = log.append(raw, &call, &put, &out.put);
    out.wire_code = call.error->wire_code;
    out.text = call.error->text;
  });
  host.run_until_idle();
  return out;
}

std::vector<gantry_message> stored(fake::Host& host) {
  return host.log().records(host.log().begin(), host.log().end());
}
std::string properties_of(const gantry_message& record) {
  std::string text(view(record.property_text));
  std::replace(text.begin(), text.end(), '\x01', '=');
  std::replace(text.begin(), text.end(), '\x02', ';');
  return text;
}

// A log consumer of the test's own. What it was given: one test, one consumer.
std::vector<int64_t> codes_seen;

class Seeing final : public Module {
 public:
  using Module::Module;
  int64_t position() { return 0; }
  void live(int64_t) {}
  void truncate(int64_t) {}
  int64_t persist(const gantry_call&, int64_t stable) { return stable; }
  gantry_status consume(const gantry_call&, const gantry_batch& batch, uint32_t& consumed) {
    for (; consumed < batch.count; ++consumed) {
      codes_seen.push_back(batch.first[consumed].tag_code);
    }
    return GANTRY_OK;
  }
};

constexpr gantry_log_consumer consumer = log_consumer<Seeing>(GANTRY_LOG_INLINE);
constexpr gantry_offer offer_consumer = offer(GANTRY_CAP_LOG_CONSUMER, "", &consumer);
constexpr const gantry_offer* offers[] = {&offer_consumer};
constexpr gantry_module seeing = module<Seeing>({.name = "seeing", .offers = offers});
constexpr const gantry_module* modules[] = {&seeing};
constexpr gantry_plugin seeing_plugin = plugin("org.gantry.test.seeing", "0.1", modules);

}  // namespace

TEST_CASE("a hook redirects and rewrites a batch, the put's other facts stay") {
  const fake::Library hooks(library);
  fake::Host host;
  auto& module = host.load(hooks.plugin(), "hook_redirect");
  host.start();
  const Texts properties = {delay_to("7"), delay_to("8") + "K\x01v\x02"};
  const Result done = append(module, host, "T", properties);
  REQUIRE(done.status == GANTRY_OK);
  REQUIRE(stored(host).size() == 2);
  for (const gantry_message& record : stored(host)) {
    CHECK(view(record.topic) == "DELAYED");
    CHECK(view(record.body) == "later: body");
  }
  CHECK(properties_of(stored(host)[1]) == "DELAY_TO=8;K=v;REAL_TOPIC=T;REAL_QID=0;");
  CHECK(host.logged("kept for later: DELAYED at 0"));
}

TEST_CASE("who carries none of the names, or says so, passes the hooks by") {
  const fake::Library hooks(library);
  fake::Host host;
  auto& module = host.load(hooks.plugin(), "hook_redirect");
  host.load(hooks.plugin(), "hook_refuse");
  host.start();
  REQUIRE(append(module, host, "T", {"K\x01v\x02"}).status == GANTRY_OK);
  REQUIRE(append(module, host, "T", {"REFUSE\x01x\x02"}, GANTRY_PUT_NO_HOOKS).status == GANTRY_OK);
  CHECK(view(stored(host)[1].topic) == "T");
}

TEST_CASE("a refusing hook's sentence and code reach the appender, and nothing is stored") {
  const fake::Library hooks(library);
  fake::Host host;
  auto& module = host.load(hooks.plugin(), "hook_refuse");
  host.start();
  const Result done = append(module, host, "T", {"REFUSE\x01x\x02"});
  CHECK(done.status == GANTRY_REFUSED);
  CHECK(done.wire_code == 16);
  CHECK(done.text == "no records for T");
  CHECK(stored(host).empty());
}

TEST_CASE("a hook that throws, or edits what can't be, is at fault, and a line says so") {
  const fake::Library hooks(library);
  fake::Host host;
  auto& module = host.load(hooks.plugin(), "hook_fault");
  host.start();
  Result done = append(module, host, "T", {"FAULT\x01x\x02"});
  CHECK(done.status == GANTRY_REFUSED);
  CHECK(done.wire_code == 1);
  CHECK(done.text == "put hook hook_fault failed with status -7: it was asked to fail");
  CHECK(host.logged(done.text));
  done = append(module, host, "T", {"FAULT\x01" "edit\x02"});
  CHECK(done.text == "put hook hook_fault failed with status -6: topic: empty");
  CHECK(stored(host).empty());
}

TEST_CASE("a topic's index code is what its module says, for all consumers") {
  const fake::Library hooks(library);
  fake::Log log;
  log.append_visible({.topic = "DELAYED", .properties = delay_to("5")});
  fake::Host host({.log = &log});
  auto& module = host.load(hooks.plugin(), "hook_redirect");
  codes_seen.clear();
  host.load(seeing_plugin, "seeing");
  host.start();
  REQUIRE(append(module, host, "T", {delay_to("9")}).status == GANTRY_OK);
  REQUIRE(append(module, host, "T", {""}).status == GANTRY_OK);
  CHECK(codes_seen == std::vector<int64_t>{5, 9, 0});
}

TEST_CASE("two modules that claim a topic's code do not start together") {
  const fake::Library hooks(library);
  fake::Host host;
  host.load(hooks.plugin(), "hook_redirect");
  host.load(hooks.plugin(), "hook_redirect", {}, "other");
  REQUIRE_THROWS_WITH(
      host.start(),
      "gantry.index_code/0: topic DELAYED is claimed by hook_redirect and by other");
}

TEST_CASE("records are numbered in further queues, and an inner batch tells its first number") {
  const fake::Library hooks(library);
  fake::Host host;
  auto& module = host.load(hooks.plugin(), "hook_refuse");
  host.start();
  const Texts streams = {"%LMQ%a", "%LMQ%b"};
  REQUIRE(append(module, host, "T", {"K\x01v", "K\x01w\x02"}, 0, streams).status == GANTRY_OK);
  REQUIRE(append(module, host, "T", {""}, 0, {"%LMQ%b"}, 0x80).status == GANTRY_OK);
  const auto records = stored(host);
  CHECK(properties_of(records[0]) == "K=v;INNER_MULTI_QUEUE_OFFSET=0,0;");
  CHECK(properties_of(records[1]) == "K=w;INNER_MULTI_QUEUE_OFFSET=1,1;");
  CHECK(properties_of(records[2]) == "INNER_BASE=2;INNER_MULTI_QUEUE_OFFSET=2;");
  CHECK(append(module, host, "T", {""}, GANTRY_PUT_UNNUMBERED, streams).text ==
        "streams: 2, but the put takes no dense numbers");
  CHECK(append(module, host, "T", {""}, 0, {""}).text ==
        "streams: a name of 0 bytes, must be from 1 to 255");
}

TEST_CASE("numbers of further queues are found again in the log") {
  const fake::Library hooks(library);
  fake::Host host;
  auto& module = host.load(hooks.plugin(), "hook_refuse");
  host.start();
  const Texts streams = {"%LMQ%a", "%LMQ%b"};
  const std::string names = "INNER_MULTI_DISPATCH\x01%LMQ%a,%LMQ%b\x02";
  REQUIRE(append(module, host, "T", {names, names}, 0, streams).status == GANTRY_OK);
  const int64_t end = host.log().end();
  REQUIRE(append(module, host, "T", {names}, 0, streams).status == GANTRY_OK);
  host.truncate(end);  // counters are forgotten
  CHECK(host.log().next_number("%LMQ%b", 0) == 2);
  CHECK(host.log().next_number("%LMQ%c", 0) == 0);
}
