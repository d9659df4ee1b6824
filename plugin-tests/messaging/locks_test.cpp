// Codes 41 and 42: which client of a group consumes a queue in order.
#include <catch2/catch.hpp>

#include "rig.hpp"

using namespace gantry::messaging::test;

namespace {

std::string request(const std::string& client, const std::string& queues,
                    const std::string& group = "G") {
  return R"({"clientId":")" + client + R"(","consumerGroup":")" + group + R"(","mqSet":[)" +
         queues + R"(],"onlyThisBroker":false})";
}

std::string queue(int id) {
  return R"({"brokerName":"broker-a","queueId":)" + std::to_string(id) + R"(,"topic":"T"})";
}

std::string granted(const std::string& queues) {
  return R"({"lockOKMQSet":[)" + queues + "]}";
}

}  // namespace

TEST_CASE("a lock is its client's until it says so, and other queues are free") {
  Rig rig;
  CHECK(rig.ask(41, {}, request("a", queue(0) + "," + queue(1))).body ==
        granted(queue(0) + "," + queue(1)));
  CHECK(rig.ask(41, {}, request("b", queue(1) + "," + queue(2)), 2).body == granted(queue(2)));
  CHECK(rig.ask(41, {}, request("b", queue(1), "Other"), 2).body == granted(queue(1)));
  CHECK(rig.ask(42, {}, request("b", queue(1)), 2).code == code::success);  // not b's
  CHECK(rig.ask(41, {}, request("b", queue(1)), 2).body == granted(""));
  const auto unlocked = rig.ask(42, {}, request("a", queue(1)));
  CHECK(unlocked.code == code::success);
  CHECK(unlocked.body.empty());
  CHECK(rig.ask(41, {}, request("b", queue(1)), 2).body == granted(queue(1)));
}

TEST_CASE("a lock that is not renewed is anybody's after a minute, not before") {
  Rig rig({.settings = {{"client_scan_interval_ms", GENERATE(10'000, 3'600'000)}}});
  rig.ask(41, {}, request("a", queue(0)));
  rig.host.advance_ms(40'000);
  CHECK(rig.ask(41, {}, request("a", queue(0))).body == granted(queue(0)));  // renewed
  rig.host.advance_ms(60'000);
  CHECK(rig.ask(41, {}, request("b", queue(0)), 2).body == granted(""));
  rig.host.advance_ms(1);
  CHECK(rig.ask(41, {}, request("b", queue(0)), 2).body == granted(queue(0)));
  CHECK(rig.ask(41, {}, request("a", queue(0))).body == granted(""));
}

TEST_CASE(
    "a client that leaves its group leaves its locks, one whose connection broke keeps them") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "a"}), 1);
  rig.ask(34, {}, heartbeat({.client = "a"}), 2);
  rig.ask(41, {}, request("a", queue(0)));
  rig.ask(35, {{"clientID", "a"}, {"consumerGroup", "G"}}, {}, 2);
  CHECK(rig.ask(41, {}, request("b", queue(0)), 3).body ==
        granted(""));  // session 1 is still there
  rig.ask(35, {{"clientID", "a"}, {"consumerGroup", "G"}}, {}, 1);
  CHECK(rig.ask(41, {}, request("b", queue(0)), 3).body == granted(queue(0)));
  rig.ask(34, {}, heartbeat({.client = "b"}), 3);
  rig.host.close_session(3);
  rig.host.run_until_idle();
  CHECK(rig.ask(41, {}, request("a", queue(0)), 1).body == granted(""));
}

TEST_CASE("a farewell in the name of another client takes nothing from it") {
  Rig rig;
  rig.ask(34, {}, heartbeat({.client = "a"}), 1);
  rig.ask(34, {}, heartbeat({.client = "b"}), 2);
  rig.ask(41, {}, request("a", queue(0)));
  rig.ask(35, {{"clientID", "a"}, {"consumerGroup", "G"}}, {}, 2);
  CHECK(rig.ask(41, {}, request("c", queue(0)), 3).body == granted(""));
}

TEST_CASE("the table of locks is bounded, and has room again when locks expire") {
  Rig rig({.settings = {{"queue_locks_max", 64}}});
  std::string many;
  for (int i = 0; i < 10; ++i) many += (i ? "," : "") + queue(i);
  CHECK(rig.ask(41, {}, request("a", many)).body == granted(queue(0) + "," + queue(1)));
  rig.host.advance_ms(75'000);
  CHECK(rig.ask(41, {}, request("a", queue(5) + "," + queue(6))).body ==
        granted(queue(5) + "," + queue(6)));
}

TEST_CASE("a lock request that cannot be read is answered 1 and says what is wrong") {
  Rig rig;
  for (const int32_t what : {41, 42}) {
    const auto refused = [&](const std::string& body, const std::string& remark) {
      const auto answer = rig.ask(what, {}, body);
      CHECK(answer.code == code::system_error);
      CHECK_THAT(answer.remark, Catch::Contains(remark));
    };
    refused("", "a lock request has a body");
    refused("{", "byte 1");
    refused(request("", queue(0)), "clientId");
    refused(request("a", queue(0), ""), "consumerGroup");
    refused(R"({"clientId":"a","consumerGroup":"G","mqSet":[{"queueId":"x","topic":"T"}]})",
            "queueId");
  }
  CHECK(rig.ask(41, {}, R"({"clientId":"a","consumerGroup":"G"})").body == granted(""));
}
