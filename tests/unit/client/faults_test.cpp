// What goes wrong beside a client: callbacks that throw, peers that stop listening, ends in the middle.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <stdexcept>

#include "client/link.hpp"
#include "client/polled_delivery.hpp"
#include "client/producer.hpp"
#include "client/push_consumer.hpp"
#include "mini_cluster.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"
#include "protocol/send_header.hpp"

namespace gantry::client::testing {
namespace {

namespace code = protocol::request_code;

Reply stored(int32_t status = 0) {
  protocol::SendMessageAnswer answer;
  answer.message_id = "0A01020300002A9F0000000000001000";
  return reply(status, "", write_send_answer(answer));
}

// Nameserver and broker of topic "orders"; sends are answered by `broker`.
class Orders {
 public:
  explicit Orders(ScriptedServer::Script broker)
      : broker_(std::move(broker)), nameserver_([this](const Request& request) {
          const auto topic = protocol::FieldReader(request.fields).text_or("topic", "");
          return std::optional<Reply>(
              topic == "orders" ? reply(0, route_body({broker_.address()}, 4)) : reply(17));
        }) {}
  std::string address() const { return nameserver_.address(); }

 private:
  ScriptedServer broker_;
  ScriptedServer nameserver_;
};

const Message hello{.topic = "orders", .body = "hello"};

}  // namespace

TEST_CASE("a selector or a completion that throws costs its own send, and the producer ends") {
  Orders orders([](const Request& request) {
    return request.code == code::send_message_v2 ? stored() : reply(0);
  });
  Cluster cluster(orders.address());
  Producer producer(cluster, "group");
  Destination odd;
  odd.selector = [](std::span<const Queue>) -> size_t { throw std::runtime_error("odd queues"); };
  const auto refused = producer.send(hello, odd);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text.find("odd queues") != std::string::npos);
  std::promise<void> told;
  producer.send_async(hello, [&](const Outcome<Sent>& sent) {
    if (!sent) told.set_value();
  }, odd);
  told.get_future().wait();
  const auto throwing = [](const Outcome<Sent>&) { throw std::runtime_error("not my day"); };
  producer.send_async(hello, throwing);
  producer.send_async({.topic = "or ders", .body = "x"}, throwing);
  CHECK(producer.send(hello).has_value());
}

TEST_CASE("a message that was stored late is stored, whatever becomes of trying again") {
  std::atomic<int> sends{0};
  Orders orders([&](const Request& request) {
    if (request.code != code::send_message_v2) return reply(0);
    return sends++ == 0 ? stored(10) : reply(13);
  });
  Cluster cluster(orders.address());
  ProducerOptions options;
  options.group = "group";
  options.retry_when_stored_late = true;
  Producer producer(cluster, options);
  const auto sent = producer.send(hello);
  REQUIRE(sent.has_value());
  CHECK(sent->status == Stored::flush_disk_timeout);
  CHECK(sends == 2);
}

TEST_CASE("a send ends in its time although no nameserver answers") {
  ScriptedServer silent([](const Request&) { return std::optional<Reply>(); });
  ClusterOptions patient;
  patient.nameservers = silent.address();
  patient.call_timeout = milliseconds(60'000);
  Cluster cluster(patient);
  ProducerOptions options;
  options.group = "group";
  options.send_timeout = milliseconds(30);
  Producer producer(cluster, options);
  const auto began = std::chrono::steady_clock::now();
  const auto sent = producer.send(hello);
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error().text == "no nameserver told the route of topic orders within 30 ms");
  CHECK_FALSE(producer.send_oneway(hello).has_value());
  CHECK(std::chrono::steady_clock::now() - began < patient.call_timeout / 2);
}

TEST_CASE("one-way sends to a broker that reads nothing any more fail, and don't fill the memory") {
  std::promise<void> gate;
  const std::shared_future<void> open = gate.get_future().share();
  Orders orders([open](const Request& request) {
    if (request.code == code::send_message_v2) open.wait();
    return reply(0);
  });
  Cluster cluster(orders.address());
  ProducerOptions options;
  options.group = "group";
  options.send_timeout = milliseconds(200);
  Producer producer(cluster, options);
  const Message large{.topic = "orders", .body = std::string(1u << 20, 'x')};
  Outcome<void> told;
  int taken = 0;
  while (told && taken < 100) {
    told = producer.send_oneway(large);
    ++taken;
  }
  gate.set_value();
  REQUIRE_FALSE(told.has_value());
  CHECK(told.error().text.find("it takes nothing") != std::string::npos);
}

TEST_CASE("a link that ends while it dials leaves nothing behind") {
  ScriptedServer server([](const Request&) { return reply(0); });
  const std::string address = server.address();
  boost::asio::io_context io;
  auto link = std::make_unique<Link>(io, "localhost" + address.substr(address.find(':')));
  std::vector<std::string> failures;
  for (int i = 0; i < 2; ++i) {
    boost::asio::co_spawn(io, link->ask({28, {}, ""}, milliseconds(60'000)),
                          [&](const std::exception_ptr&, const Outcome<Reply>& answer) {
                            failures.push_back(answer ? "none" : answer.error().text);
                          });
  }
  io.poll();  // the name is being resolved
  link.reset();
  io.run_for(std::chrono::seconds(20));
  CHECK(io.stopped());
  REQUIRE(failures.size() == 2);
  for (const std::string& failure : failures) {
    // By then the name may have been found.
    CHECK_THAT(failure, Catch::EndsWith("the client has ended") || Catch::EndsWith("the client ends"));
  }
}

TEST_CASE("what was pulled before a jump is taken as what it is, however late") {
  boost::asio::io_context io;
  PolledDelivery delivery;
  const auto lease = std::make_shared<Lease>(io, MessageQueue{"orders", "a", 0}, 0);
  delivery.arrived(lease, std::vector<Received>(2));
  lease->forget();  // and before the delivery is told, the application takes
  CHECK(delivery.take(milliseconds(0), 32).turn == 0);
}

TEST_CASE("an orderly queue is another's only when its listener is done, however long that takes") {
  MiniCluster mini(1);
  mini.put(0, "slow");
  mini.put(0, "next");
  Cluster cluster(mini.address());
  std::promise<void> gate;
  std::atomic<int> begun{0};
  PushConsumerOptions options;
  options.group = "billing";
  options.from = From::first;
  PushConsumer consumer(cluster, options);
  consumer.on_messages_in_order([&, open = gate.get_future().share()](auto) {
    ++begun;
    open.wait();
    return ConsumedInOrder::done;
  });
  REQUIRE(consumer.subscribe("orders").has_value());
  REQUIRE(consumer.start().has_value());
  REQUIRE(soon([&] { return begun == 1; }));
  const Request changed{code::notify_consumer_ids_changed, {{"consumerGroup", "billing"}}, ""};
  // Whoever is asked for members a second time has dealt with the first change.
  const auto rebalances = [&] {
    const size_t before = mini.server().asked(code::get_consumer_list_by_group).size();
    mini.server().push(changed);
    return soon([&] {
      return mini.server().asked(code::get_consumer_list_by_group).size() > before;
    });
  };
  mini.set_others({"!"});  // sorts before every address: the one queue is its
  REQUIRE(rebalances());
  REQUIRE(soon([&] { return consumer.assignment().empty(); }));
  REQUIRE(rebalances());
  REQUIRE(rebalances());
  CHECK(mini.server().asked(code::unlock_batch_mq).empty());
  CHECK(mini.committed(0) == -1);
  gate.set_value();
  CHECK(soon([&] { return mini.server().asked(code::unlock_batch_mq).size() == 1; }));
  CHECK(mini.committed(0) == 1);
  CHECK(begun == 1);
  mini.set_others({});
  REQUIRE(rebalances());
  CHECK(soon([&] { return begun == 2; }));
}

}  // namespace gantry::client::testing
