// A module that requires topics, groups, offsets and clients, in a fake host that offers them.
#include <catch2/catch.hpp>

#include "cpp/capabilities.hpp"
#include "cpp/fake/host.hpp"
#include "cpp/messaging.hpp"
#include "cpp/module.hpp"

using namespace gantry::sdk;
using Catch::Contains;

namespace {

// A message that a client gives back: its group's retry topic is made, the group goes on behind it,
// and the answer says in how many sessions the group is, and the client's own.
class Retrier : public Module {
 public:
  explicit Retrier(const gantry_host* host) : Module(host) {}

  gantry_status start(gantry_token) override {
    capabilities_ = &host_.service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES);
    requests_ = &host_.service<gantry_requests>(GANTRY_HOST_REQUESTS);
    topics_ = bind(GANTRY_CAP_TOPICS);
    groups_ = bind(GANTRY_CAP_GROUPS);
    offsets_ = bind(GANTRY_CAP_OFFSETS);
    clients_ = bind(GANTRY_CAP_CLIENTS);
    return GANTRY_OK;
  }

  gantry_status handle(const gantry_call& call, const gantry_request&, gantry_token token,
                       uint32_t) {
    gantry_group group{};
    group.struct_size = sizeof group;
    Lease<gantry_groups> groups(*capabilities_, groups_, &call);
    if (groups->find(groups.self(), &call, str("G"), &group) != GANTRY_OK)
      throw Refusal(GANTRY_REFUSED, "no such group", 26);
    gantry_topic topic = fake::Broker::plain_topic(group.retry_queues);
    token_ = token;
    Lease<gantry_topics> topics(*capabilities_, topics_, &call);
    const gantry_status status =
        topics->ensure(topics.self(), &call, str("%RETRY%G"), &topic, {&Retrier::made, this});
    if (status != GANTRY_OK) throw Refusal(status, call.error->text, 1);
    return GANTRY_PENDING;
  }
  void session_closed(const gantry_call&, gantry_session) {}

 private:
  gantry_binding* bind(const char* id) {
    gantry_binding* out = nullptr;
    gantry_error error{};
    error.struct_size = sizeof error;
    if (capabilities_->bind(host_.raw(), id, str(""), &out, &error) != GANTRY_OK)
      throw Refusal(GANTRY_REFUSED, error.text);
    return out;
  }

  static void made(void* context, const gantry_call* call, gantry_status status, const void*) {
    auto& self = *static_cast<Retrier*>(context);
    if (status != GANTRY_OK) return self.answer(1, status == GANTRY_FAULT ? call->error->text : "");
    Lease<gantry_offsets> offsets(*self.capabilities_, self.offsets_, call);
    offsets->commit(offsets.self(), call, str("G"), str("T"), 0, GANTRY_COMMIT_FORWARD, 5);
    Lease<gantry_clients> clients(*self.capabilities_, self.clients_, call);
    uint32_t count = 0;
    gantry_session session = 0;
    clients->sessions(clients.self(), call, GANTRY_CLIENT_CONSUMER, str("G"), nullptr, 0, &count);
    clients->find(clients.self(), call, GANTRY_CLIENT_CONSUMER, str("G"), str("c"), &session);
    self.answer(0, std::to_string(count) + " sessions, " + std::to_string(session));
  }

  void answer(int32_t code, std::string_view remark) {
    gantry_response response{};
    response.struct_size = sizeof response;
    response.code = code;
    response.remark = str(remark);
    requests_->respond(host_.raw(), token_, &response);
  }

  const gantry_capabilities* capabilities_ = nullptr;
  const gantry_requests* requests_ = nullptr;
  gantry_binding* topics_ = nullptr;
  gantry_binding* groups_ = nullptr;
  gantry_binding* offsets_ = nullptr;
  gantry_binding* clients_ = nullptr;
  gantry_token token_ = 0;
};

constexpr gantry_route give_back = route(36, GANTRY_ACCESS_NONE);
constexpr const gantry_route* routes[] = {&give_back};
constexpr gantry_request_handler handler = request_handler<Retrier>(routes);
constexpr gantry_offer offer_handler = offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&offer_handler};
constexpr gantry_need need_topics = need(GANTRY_CAP_TOPICS);
constexpr gantry_need need_groups = need(GANTRY_CAP_GROUPS);
constexpr gantry_need need_offsets = need(GANTRY_CAP_OFFSETS);
constexpr gantry_need need_clients = need(GANTRY_CAP_CLIENTS);
constexpr const gantry_need* needs[] = {&need_topics, &need_groups, &need_offsets, &need_clients};
constexpr gantry_module retrier =
    module<Retrier>({.name = "retrier", .offers = offers, .needs = needs});
constexpr const gantry_module* modules[] = {&retrier};
constexpr gantry_plugin retrier_plugin = plugin("test.retrier", "1", modules);

struct Fixture {
  Fixture() {
    host.offer(broker);
    host.load(retrier_plugin, "retrier");
    host.start();
  }
  fake::Answer ask() { return host.request("retrier", {.code = 36}); }
  fake::Broker broker;
  fake::Host host;
};

}  // namespace

TEST_CASE("a module that requires a broker's capabilities does not start where nobody offers them") {
  fake::Host host;
  host.load(retrier_plugin, "retrier");
  REQUIRE_THROWS_WITH(host.start(), Contains("gantry.topics/0"));
}

TEST_CASE("a module finds and makes what the test's broker has, and the test sees it") {
  Fixture f;
  CHECK(f.ask().code == 26);
  gantry_group group = fake::Broker::plain_group();
  group.retry_queues = 3;
  f.broker.put_group("G", group);
  f.broker.connect(GANTRY_CLIENT_CONSUMER, "G", "c", 4);
  f.broker.connect(GANTRY_CLIENT_CONSUMER, "G", "d", 5);
  f.broker.connect(GANTRY_CLIENT_CONSUMER, "G", "c", 6);  // came again
  f.broker.connect(GANTRY_CLIENT_PRODUCER, "G", "c", 7);
  const fake::Answer answer = f.ask();
  CHECK(answer.code == 0);
  CHECK(answer.remark == "3 sessions, 6");
  REQUIRE(f.broker.topic("%RETRY%G").has_value());
  CHECK(f.broker.topic("%RETRY%G")->read_queues == 3);
  CHECK(f.broker.offset("G", "T", 0) == 5);
  f.broker.disconnect(6);
  CHECK(f.ask().remark == "2 sessions, 4");
  CHECK(f.broker.made() == 1);
}

TEST_CASE("what a module commits counts for nothing until a reset was heard of") {
  Fixture f;
  f.broker.put_group("G");
  f.broker.set_offset("G", "T", 0, 2);
  f.broker.reset_offset("G", "T", 0, 1);
  f.ask();
  CHECK(f.broker.offset("G", "T", 0) == 1);
  f.broker.hear_reset("G", "T", 0);
  f.ask();
  CHECK(f.broker.offset("G", "T", 0) == 5);
}

TEST_CASE("the test's broker holds what is to be made, fails it with a reason, or refuses it") {
  Fixture f;
  f.broker.put_group("G");
  f.broker.hold();
  const auto held = f.host.send("retrier", {.code = 36});
  CHECK(f.broker.held() == 1);
  CHECK_FALSE(held->answer.has_value());
  CHECK_FALSE(f.broker.topic("%RETRY%G").has_value());
  SECTION("released") {
    f.broker.release();
    f.host.run_until_idle();
    CHECK(held->answer.value().code == 0);
    CHECK(f.broker.topic("%RETRY%G").has_value());
  }
  SECTION("lost, as by a crash") {
    f.broker.lose_held();
    f.host.run_until_idle();
    CHECK(held->answer.value().code == 1);
    CHECK_FALSE(f.broker.topic("%RETRY%G").has_value());
  }
  SECTION("failed") {
    f.broker.release();
    f.host.run_until_idle();
    fake::Broker full;
    full.put_group("G");
    full.fail_next_ensure("the disk is full");
    fake::Host other;
    other.offer(full);
    other.load(retrier_plugin, "retrier");
    other.start();
    const fake::Answer failed = other.request("retrier", {.code = 36});
    CHECK(failed.code == 1);
    CHECK(failed.remark == "the disk is full");
    CHECK_FALSE(full.topic("%RETRY%G").has_value());
    CHECK(other.request("retrier", {.code = 36}).code == 0);
  }
  SECTION("of more queues than may be") {
    f.broker.release();
    f.host.run_until_idle();
    fake::Broker small;
    small.topic_queues_max = 0;
    small.put_group("G");
    fake::Host other;
    other.offer(small);
    other.load(retrier_plugin, "retrier");
    other.start();
    CHECK_THAT(other.request("retrier", {.code = 36}).remark, Contains("read_queues: 1"));
  }
}

TEST_CASE("a stop of the host makes what its broker holds, a kill loses it") {
  const bool killed = GENERATE(false, true);
  Fixture f;
  f.broker.put_group("G");
  f.broker.hold();
  f.host.send("retrier", {.code = 36});
  killed ? f.host.kill() : f.host.stop();
  CHECK(f.broker.topic("%RETRY%G").has_value() == !killed);
}

TEST_CASE("groups that only operators make are refused, and topics are walked on workers only") {
  Fixture f;
  f.broker.makes_groups = false;
  f.broker.put_group("There");
  static constexpr gantry_groups groups = gantry::sdk::groups<fake::Broker>();
  static constexpr gantry_topics topics = gantry::sdk::topics<fake::Broker>();
  auto* const self = reinterpret_cast<gantry_instance*>(&f.broker);
  fake::Completion refused, there;
  f.host.on_shard([&](const gantry_call& call) {
    CHECK(groups.ensure(self, &call, str("New"), refused.get()) == GANTRY_REFUSED);
    CHECK_THAT(call.error->text, Contains("New"));
    CHECK(groups.ensure(self, &call, str("There"), there.get()) == GANTRY_OK);
    const auto each = [](void*, gantry_str, const gantry_topic*) { return gantry_status{GANTRY_OK}; };
    topics.each(self, &call, each, nullptr);
  });
  f.host.run_until_idle();
  CHECK_FALSE(refused.called());
  CHECK(there.status() == GANTRY_OK);
  CHECK(f.host.take_breaches() ==
        std::vector<std::string>{"topics.each was called off a worker"});
}
