// Producers against brokers that answer what a test says.
#include "client/producer.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"
#include "protocol/send_header.hpp"
#include "scripted_server.hpp"

namespace gantry::client::testing {
namespace {

namespace code = protocol::request_code;

Reply stored(int32_t status = 0) {
  protocol::SendMessageAnswer answer;
  answer.message_id = "0A01020300002A9F0000000000001000";
  answer.queue_id = 3;
  answer.queue_offset = 17;
  return reply(status, "", write_send_answer(answer));
}

// A broker whose answers to sends are given; the last one goes on.
class Broker {
 public:
  explicit Broker(std::vector<Reply> answers)
      : answers_(std::move(answers)), server_([this](const Request& request) {
          if (request.code != code::send_message_v2 && request.code != code::send_batch_message) {
            return std::optional<Reply>(reply(0));
          }
          return std::optional<Reply>(answers_[std::min(next_++, answers_.size() - 1)]);
        }) {}
  std::string address() const { return server_.address(); }
  std::vector<Request> sends() const { return server_.asked(code::send_message_v2); }
  size_t farewells() const { return server_.asked(code::unregister_client).size(); }
  std::vector<Request> batches() const { return server_.asked(code::send_batch_message); }

 private:
  std::vector<Reply> answers_;
  size_t next_ = 0;
  ScriptedServer server_;
};

// A nameserver that knows one topic's route.
class Nameserver {
 public:
  Nameserver(std::string_view known, std::string route)
      : known_(known), route_(std::move(route)), server_([this](const Request& request) {
          const auto topic = protocol::FieldReader(request.fields).text_or("topic", "");
          return std::optional<Reply>(topic == known_ ? reply(0, route_) : reply(17));
        }) {}
  std::string address() const { return server_.address(); }
  size_t asked() const { return server_.asked().size(); }

 private:
  const std::string known_;
  const std::string route_;
  ScriptedServer server_;
};

protocol::SendMessageHeader header_of(const Request& request) {
  return protocol::read_send_header(request.fields, protocol::SendForm::v2).value();
}

}  // namespace

TEST_CASE("a sent message carries its keys, tag, properties and a unique key, and says where it is") {
  Broker broker({stored()});
  Nameserver nameserver("orders", route_body({broker.address()}, 4));
  Cluster cluster(nameserver.address());
  Producer producer(cluster, "group");
  Message message{.topic = "orders", .body = "hello", .tags = "paid", .keys = "k1 k2"};
  message.properties = {{"colour", "blue"}};
  message.flag = 7;
  message.delay_level = 3;
  const auto sent = producer.send(message);
  REQUIRE(sent.has_value());
  CHECK(sent->status == Stored::stored);
  CHECK(sent->offset_id == "0A01020300002A9F0000000000001000");
  CHECK(sent->queue == Queue{"a", broker.address(), 3});
  CHECK(sent->queue_offset == 17);
  const auto sends = broker.sends();
  REQUIRE(sends.size() == 1);
  const auto header = header_of(sends[0]);
  CHECK(header.producer_group == "group");
  CHECK(header.topic == "orders");
  CHECK(header.default_topic == protocol::topic::auto_create);
  CHECK(header.flag == 7);
  CHECK(header.sys_flag == 0);
  const auto property = [&](std::string_view name) {
    return std::string(protocol::find_property(header.properties, name).value_or("none"));
  };
  CHECK(property("TAGS") == "paid");
  CHECK(property("KEYS") == "k1 k2");
  CHECK(property("colour") == "blue");
  CHECK(property("DELAY") == "3");
  CHECK(property("WAIT") == "true");
  CHECK(property("UNIQ_KEY") == sent->message_id);
  CHECK(sends[0].body == "hello");
}

TEST_CASE("a group's last producer takes leave of its brokers, not those before it") {
  Broker broker({stored()});
  Nameserver nameserver("orders", route_body({broker.address()}, 4));
  Cluster cluster(nameserver.address());
  // A farewell has no answer. What is sent behind it, over the same connection, has.
  Producer other(cluster, "other");
  const auto farewells = [&] {
    REQUIRE(other.send({.topic = "orders", .body = "x"}).has_value());
    return broker.farewells();
  };
  {
    Producer last(cluster, "group");
    REQUIRE(last.send({.topic = "orders", .body = "x"}).has_value());
    {
      Producer first(cluster, "group");
      REQUIRE(first.send({.topic = "orders", .body = "x"}).has_value());
    }
    CHECK(farewells() == 0);
  }
  CHECK(farewells() == 1);
}

TEST_CASE("a broker that answers one of the codes for it makes a producer try another broker") {
  const int32_t refusal = GENERATE(17, 14, 1, 2, 16, 204, 205, 1500);
  INFO(refusal);
  Broker refusing({reply(refusal)});
  Broker taking({stored()});
  Nameserver nameserver("orders", route_body({refusing.address(), taking.address()}, 4));
  Cluster cluster(nameserver.address());
  Producer producer(cluster, "group");
  for (int i = 0; i < 8; ++i) {
    const auto sent = producer.send({.topic = "orders", .body = "x"});
    REQUIRE(sent.has_value());
    CHECK(sent->queue.broker == "b");
  }
  CHECK(taking.sends().size() == 8);
  CHECK(refusing.sends().size() >= 1);
}

TEST_CASE("any other refusal is the application's at once, named with its broker") {
  Broker refusing({reply(13)});
  Broker taking({stored()});
  Nameserver nameserver("orders", route_body({refusing.address()}, 4));
  Cluster cluster(nameserver.address());
  Producer producer(cluster, "group");
  const auto sent = producer.send({.topic = "orders", .body = "x"});
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error().text.find(refusing.address() + " answered 13") != std::string::npos);
  CHECK(refusing.sends().size() == 1);
}

TEST_CASE("the only broker is tried three times, on different queues") {
  Broker refusing({reply(2), reply(14), stored()});
  Nameserver nameserver("orders", route_body({refusing.address()}, 4));
  Cluster cluster(nameserver.address());
  Producer producer(cluster, "group");
  CHECK(producer.send({.topic = "orders", .body = "x"}).has_value());
  std::set<int32_t> queues;
  for (const Request& request : refusing.sends()) queues.insert(header_of(request).queue_id);
  CHECK(queues.size() == 3);
}

TEST_CASE("a broker nobody reaches costs a try, and its address is asked for anew") {
  std::string dead;
  { dead = ScriptedServer([](const Request&) { return std::nullopt; }).address(); }
  Broker taking({stored()});
  Nameserver nameserver("orders", route_body({dead, taking.address()}, 1));
  Cluster cluster(nameserver.address());
  Producer producer(cluster, "group");
  for (int i = 0; i < 4; ++i) {
    const auto sent = producer.send({.topic = "orders", .body = "x"});
    REQUIRE(sent.has_value());
    CHECK(sent->queue.broker == "b");
  }
  CHECK(nameserver.asked() > 1);
}

TEST_CASE("a named queue, and what a selector chose, are taken at their word") {
  Broker refusing({reply(2)});
  Broker taking({stored()});
  Nameserver nameserver("orders", route_body({refusing.address(), taking.address()}, 4));
  Cluster cluster(nameserver.address());
  Producer producer(cluster, "group");
  Destination to;
  to.exact = Destination::Exact{"a", 2};
  CHECK_FALSE(producer.send({.topic = "orders", .body = "x"}, to).has_value());
  REQUIRE(refusing.sends().size() == 1);
  CHECK(header_of(refusing.sends()[0]).queue_id == 2);
  CHECK(taking.sends().empty());

  to.exact = Destination::Exact{"nobody", 2};
  const auto unknown = producer.send({.topic = "orders", .body = "x"}, to);
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().text.find("nobody") != std::string::npos);

  to = {};
  to.selector = [](std::span<const Queue> queues) { return queues.size() - 1; };
  CHECK(producer.send({.topic = "orders", .body = "x"}, to).has_value());
  REQUIRE(taking.sends().size() == 1);
  CHECK(header_of(taking.sends()[0]).queue_id == 3);
  to.selector = [](std::span<const Queue> queues) { return queues.size(); };
  CHECK_FALSE(producer.send({.topic = "orders", .body = "x"}, to).has_value());
}

TEST_CASE("messages of one key go to one queue, the one Java's hash selector takes") {
  Broker broker({stored()});
  Nameserver nameserver("orders", route_body({broker.address()}, 4));
  Cluster cluster(nameserver.address());
  Producer producer(cluster, "group");
  for (int i = 0; i < 5; ++i) {
    CHECK(producer.send({.topic = "orders", .body = "x"}, Destination::by_key("TagA")).has_value());
  }
  for (const Request& request : broker.sends()) {
    CHECK(header_of(request).queue_id == 2598919 % 4);
  }
}

TEST_CASE("messages stored although a promise was late say so") {
  const auto [status, meaning] =
      GENERATE(table<int32_t, Stored>({{10, Stored::flush_disk_timeout},
                                       {12, Stored::flush_slave_timeout},
                                       {11, Stored::slave_not_available}}));
  Broker broker({stored(status), stored()});
  Nameserver nameserver("orders", route_body({broker.address()}, 4));
  Cluster cluster(nameserver.address());
  ProducerOptions options;
  options.group = "group";
  {
    Producer producer(cluster, options);
    CHECK(producer.send({.topic = "orders", .body = "x"})->status == meaning);
  }
  CHECK(broker.sends().size() == 1);
  options.retry_when_stored_late = true;
  Broker late({stored(status), stored()});
  Nameserver other("orders", route_body({late.address()}, 4));
  Cluster second(other.address());
  Producer producer(second, options);
  CHECK(producer.send({.topic = "orders", .body = "x"})->status == Stored::stored);
  CHECK(late.sends().size() == 2);
}

TEST_CASE("large bodies are compressed when that is wanted, small ones never") {
  const auto kind = GENERATE(Compression::zlib, Compression::lz4, Compression::zstd);
  Broker broker({stored()});
  Nameserver nameserver("orders", route_body({broker.address()}, 4));
  Cluster cluster(nameserver.address());
  ProducerOptions options;
  options.group = "group";
  options.compression = kind;
  Producer producer(cluster, options);
  CHECK(producer.send({.topic = "orders", .body = std::string(4096, 'x')}).has_value());
  CHECK(producer.send({.topic = "orders", .body = std::string(4097, 'x')}).has_value());
  const auto sends = broker.sends();
  CHECK(header_of(sends[0]).sys_flag == 0);
  CHECK(sends[0].body.size() == 4096);
  CHECK(header_of(sends[1]).sys_flag == compression_flags(kind));
  CHECK(inflate(kind, sends[1].body).value() == std::string(4097, 'x'));
}

TEST_CASE("a batch is one request whose messages have keys of their own") {
  Broker broker({stored()});
  Nameserver nameserver("orders", route_body({broker.address()}, 4));
  Cluster cluster(nameserver.address());
  Producer producer(cluster, "group");
  const std::vector<Message> messages = {{.topic = "orders", .body = "one", .tags = "t"},
                                         {.topic = "orders", .body = "two"}};
  const auto sent = producer.send_batch(messages);
  REQUIRE(sent.has_value());
  const auto batches = broker.batches();
  REQUIRE(batches.size() == 1);
  CHECK(header_of(batches[0]).batch);
  const auto items = protocol::decode_batch(batches[0].body).value();
  REQUIRE(items.size() == 2);
  CHECK(items[0].body == "one");
  CHECK(items[1].body == "two");
  const auto key = [&](int i) {
    return std::string(protocol::find_property(items[i].properties, "UNIQ_KEY").value());
  };
  CHECK(sent->message_id == key(0) + "," + key(1));
  CHECK_FALSE(producer.send_batch({}).has_value());
  const std::vector<Message> mixed = {{.topic = "orders", .body = "x"},
                                      {.topic = "bills", .body = "x"}};
  CHECK_FALSE(producer.send_batch(mixed).has_value());
}

TEST_CASE("completions of asynchronous sends come once each, also when they fail") {
  Broker broker({stored(), reply(13), stored()});
  Nameserver nameserver("orders", route_body({broker.address()}, 4));
  Cluster cluster(nameserver.address());
  std::atomic<int> good{0};
  std::atomic<int> bad{0};
  {
    Producer producer(cluster, "group");
    const auto count = [&](const Outcome<Sent>& sent) { ++(sent ? good : bad); };
    for (int i = 0; i < 20; ++i) producer.send_async({.topic = "orders", .body = "x"}, count);
    producer.send_async({.topic = "or ders", .body = "x"}, count);
    producer.send_async({.topic = "nowhere", .body = "x"}, count);
  }  // waits for them
  CHECK(good == 19);
  CHECK(bad == 3);
}

TEST_CASE("a topic that isn't there is sent to where the template is, four queues of it") {
  Broker broker({stored()});
  Nameserver nameserver(protocol::topic::auto_create, route_body({broker.address()}, 8, 7));
  Cluster cluster(nameserver.address());
  Producer producer(cluster, "group");
  std::set<int32_t> queues;
  for (int i = 0; i < 8; ++i) {
    CHECK(producer.send({.topic = "fresh", .body = "x"}).has_value());
  }
  for (const Request& request : broker.sends()) queues.insert(header_of(request).queue_id);
  CHECK(queues == std::set<int32_t>{0, 1, 2, 3});
}

TEST_CASE("what a broker would refuse anyway isn't sent, and the field is named") {
  Cluster cluster("127.0.0.1:1");
  Producer producer(cluster, "group");
  const auto fault = [&](const Message& message) { return producer.send(message).error().text; };
  CHECK(fault({.topic = "or ders", .body = "x"}).find("or ders") != std::string::npos);
  CHECK(fault({.topic = "orders", .body = ""}).find("body") != std::string::npos);
  CHECK(fault({.topic = "SCHEDULE_TOPIC_XXXX", .body = "x"}).find("SCHEDULE") != std::string::npos);
  CHECK(fault({.topic = "orders", .body = std::string((4u << 20) + 1, 'x')}).find("4194305") !=
        std::string::npos);
  Message reserved{.topic = "orders", .body = "x"};
  reserved.properties = {{"UNIQ_KEY", "mine"}};
  CHECK(fault(reserved).find("UNIQ_KEY") != std::string::npos);
  Message separated{.topic = "orders", .body = "x", .tags = std::string("a\x01", 2)};
  CHECK(fault(separated).find("tag") != std::string::npos);
  // And what nobody answers says where nobody is.
  CHECK(fault({.topic = "orders", .body = "x"}).find("127.0.0.1:1 cannot be reached") !=
        std::string::npos);
}

}  // namespace gantry::client::testing
