// That the bench can be trusted: its requests are true ones, its percentiles right, and it notices
// answers that are wrong.
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "fixed_answer.hpp"
#include "latencies.hpp"
#include "load_connection.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

using namespace gantry;
using namespace gantry::bench;

namespace {

constexpr std::string_view born_ms = "1799999999999";

// A connection of the load, and the server's end of it.
class Pair {
 public:
  explicit Pair(uint32_t depth = 2) : connection_(open(), shape_, depth, 7) {}
  ~Pair() { ::close(server_); }

  LoadConnection& connection() { return connection_; }

  // The opaques of the requests that have arrived.
  std::vector<int32_t> requests() {
    std::array<uint8_t, 65536> buffer;
    const ssize_t got = ::recv(server_, buffer.data(), buffer.size(), 0);
    REQUIRE(got > 0);
    std::vector<int32_t> opaques;
    const uint64_t each = shape_.bytes().size();
    for (uint64_t at = 0; at < static_cast<uint64_t>(got); at += each) {
      const auto request = wire::decode_frame({buffer.data() + at, each}, scratch_);
      REQUIRE(request.has_value());
      opaques.push_back(request->header.opaque);
    }
    return opaques;
  }

  static std::vector<uint8_t> answer(int32_t code, int32_t opaque) {
    wire::Header header;
    header.code = code;
    header.opaque = opaque;
    header.flag = wire::flag_response;
    header.remark = std::string_view("as told");
    wire::ByteSink out;
    REQUIRE_FALSE(wire::encode_head(wire::Serialize::json, header, 0, out));
    return {out.bytes().begin(), out.bytes().end()};
  }
  void send(Bytes bytes) {
    REQUIRE(::send(server_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }
  // What the load says to what was sent; empty when it is content.
  std::string read() {
    const auto done = connection_.read(buffer_, reader_, answered);
    return done ? std::string() : done.error().text;
  }

  std::vector<LoadConnection::Answered> answered;

 private:
  Socket open() {
    std::array<int, 2> ends;
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    server_ = ends[1];
    return Socket(ends[0]);
  }

  const RequestShape shape_{RequestOptions{}};
  int server_ = -1;
  LoadConnection connection_;
  wire::HeaderScratch scratch_;
  AnswerReader reader_;
  std::vector<uint8_t> buffer_ = std::vector<uint8_t>(65536);
};

std::string text_of(const wire::Header& header, std::string_view key) {
  const auto found = wire::find(header.fields, key);
  REQUIRE(found.has_value());
  return std::string(found->view());
}

}  // namespace

TEST_CASE("a request is a true send in either form, with its own opaque and keys") {
  for (const auto form : {wire::Serialize::json, wire::Serialize::compact}) {
    const RequestShape shape({.serialize = form, .topic = "orders", .queue_id = 3});
    std::vector<uint8_t> frame = shape.bytes();
    shape.stamp(frame.data(), 2'000'000'001, 0xBEEF, born_ms);
    wire::HeaderScratch scratch;
    const auto request = wire::decode_frame(frame, scratch);
    REQUIRE(request.has_value());
    REQUIRE(request->serialize == form);
    REQUIRE(request->header.code == 310);
    REQUIRE(request->header.opaque == 2'000'000'001);
    REQUIRE(text_of(request->header, "b") == "orders");
    REQUIRE(text_of(request->header, "e") == "3");
    REQUIRE(text_of(request->header, "g") == born_ms);
    REQUIRE(text_of(request->header, "i") ==
            "KEYS\1order-eu-0000BEEF\2UNIQ_KEY\0017F0000010A2C18B4AAC2158E0000BEEF\2"
            "WAIT\1true\2TAGS\1created\2");
    REQUIRE(request->body.size() == 1024);
  }
}

TEST_CASE("percentiles are exact to two percent, the greatest is exact") {
  Latencies times;
  REQUIRE(times.percentile_ns(0.5) == 0);
  for (uint64_t i = 1; i <= 100'000; ++i) times.add(i * 1000);
  REQUIRE(times.count() == 100'000);
  REQUIRE(times.max_ns() == 100'000'000);
  for (const double share : {0.01, 0.5, 0.99, 0.999}) {
    const double exact = share * 1e8;
    REQUIRE(static_cast<double>(times.percentile_ns(share)) >= exact);
    REQUIRE(static_cast<double>(times.percentile_ns(share)) <= exact * 1.02);
  }
  REQUIRE(times.percentile_ns(1) == 100'000'000);
}

TEST_CASE("answers are taken in any order and in pieces, and their slots used again") {
  Pair pair;
  LoadConnection& connection = pair.connection();
  for (int round = 0; round < 5; ++round) {
    connection.start(10, born_ms);
    connection.start(20, born_ms);
    REQUIRE_FALSE(connection.has_free_slot());
    REQUIRE(connection.write().has_value());
    const std::vector<int32_t> opaques = pair.requests();
    REQUIRE(opaques.size() == 2);
    const std::vector<uint8_t> second = Pair::answer(0, opaques[1]);
    pair.send(second);
    const std::vector<uint8_t> first = Pair::answer(0, opaques[0]);
    pair.send(Bytes(first).first(30));
    REQUIRE(pair.read().empty());
    REQUIRE(pair.answered.size() == 1);
    REQUIRE(pair.answered[0].due_ns == 20);
    pair.send(Bytes(first).subspan(30));
    REQUIRE(pair.read().empty());
    REQUIRE(pair.answered.size() == 1);
    REQUIRE(pair.answered[0].due_ns == 10);
    REQUIRE(connection.in_flight() == 0);
  }
}

TEST_CASE("an answer that nobody asked for, a second one and a refusal are noticed") {
  Pair pair;
  pair.connection().start(0, born_ms);
  REQUIRE(pair.connection().write().has_value());
  const int32_t opaque = pair.requests().at(0);
  SECTION("another opaque") {
    pair.send(Pair::answer(0, opaque + 1));
    REQUIRE(pair.read() == fmt::format("an answer to {}, which nobody asked", opaque + 1));
  }
  SECTION("twice, also when the slot is in use again") {
    pair.send(Pair::answer(0, opaque));
    REQUIRE(pair.read().empty());
    for (int i = 0; i < 2; ++i) pair.connection().start(0, born_ms);
    pair.send(Pair::answer(0, opaque));
    REQUIRE(pair.read() == fmt::format("an answer to {}, which nobody asked", opaque));
  }
  SECTION("a code that is no success") {
    pair.send(Pair::answer(1, opaque));
    REQUIRE(pair.read() == "answered 1 'as told'");
  }
  SECTION("busy is left to the run") {
    pair.send(Pair::answer(busy_code, opaque));
    REQUIRE(pair.read().empty());
    REQUIRE(pair.answered.at(0).code == busy_code);
  }
}

TEST_CASE("the yardstick's answer has 256 bytes and the request's opaque, in either form") {
  for (const auto form : {wire::Serialize::json, wire::Serialize::compact}) {
    const RequestShape shape({.serialize = form});
    std::vector<uint8_t> request = shape.bytes();
    shape.stamp(request.data(), 1'234'567'890, 1, born_ms);
    FixedAnswer responder;
    wire::ByteSink out;
    REQUIRE_FALSE(responder.respond(wire::next_frame(request, request.size()).frame, out));
    REQUIRE(out.size() == fixed_answer_bytes);
    wire::HeaderScratch scratch;
    const auto answer = wire::decode_frame(out.bytes(), scratch);
    REQUIRE(answer.has_value());
    REQUIRE(wire::is_response(answer->header));
    REQUIRE(answer->header.code == 0);
    REQUIRE(answer->header.opaque == 1'234'567'890);
  }
}
