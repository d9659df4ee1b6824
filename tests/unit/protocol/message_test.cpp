#include <catch2/catch.hpp>

#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/properties.hpp"

namespace gantry::protocol {
namespace {

MessageView sample() {
  MessageView message;
  message.topic = "orders";
  message.body = "hello";
  message.properties = "UNIQ_KEY\1U1\2TAGS\1TagA\2";
  message.queue_id = 3;
  message.queue_offset = 77;
  message.log_offset = 4096;
  message.born_ms = 1'700'000'000'000;
  message.born_host = *parse_host("10.1.2.9:51000");
  message.store_host = *parse_host("10.1.2.3:10911");
  return message;
}

}  // namespace

TEST_CASE("a record is cut anywhere: an error, never a crash") {
  const std::string record = encode_record(sample()).value();
  REQUIRE(decode_record(record).has_value());
  for (std::size_t size = 0; size < record.size(); ++size) {
    INFO(size);
    CHECK_FALSE(decode_record(std::string_view(record).substr(0, size)).has_value());
  }
}

TEST_CASE("a record whose lengths do not fill it is an error") {
  std::string record = encode_record(sample()).value();
  const std::size_t body_size_at = 84;
  record[body_size_at + 3] = 4;  // one less than the body
  CHECK_FALSE(decode_record(record).has_value());
  record[body_size_at] = static_cast<char>(0xff);
  CHECK_FALSE(decode_record(record).has_value());
  record = encode_record(sample()).value();
  record[4] = 0;
  CHECK(decode_record(record).error().text.find("unknown magic") != std::string::npos);
}

TEST_CASE("records stand one after the other, and a fault says where") {
  const std::string record = encode_record(sample()).value();
  const std::string twice = record + record;
  const auto views = decode_records(twice);
  REQUIRE(views.has_value());
  CHECK(views->size() == 2);
  CHECK((*views)[1].message_id() == "U1");
  CHECK((*views)[1].offset_id() == "0A01020300002A9F0000000000001000");
  const auto fault = decode_records(record + "\1");
  REQUIRE_FALSE(fault.has_value());
  CHECK(fault.error().text.starts_with("byte " + std::to_string(record.size()) + ": "));
}

TEST_CASE("a topic above 127 bytes makes a record of version 2") {
  MessageView message = sample();
  const std::string topic(168, 't');
  message.topic = topic;
  const std::string record = encode_record(message).value();
  const auto view = decode_record(record);
  REQUIRE(view.has_value());
  CHECK(view->version == 2);
  CHECK(view->topic == topic);
}

TEST_CASE("IPv6 hosts set their bits and come back") {
  MessageView message = sample();
  message.born_host = *parse_host("[2001:db8::1]:5");
  const std::string record = encode_record(message).value();
  const auto view = decode_record(record);
  REQUIRE(view.has_value());
  CHECK(view->born_host == message.born_host);
  CHECK(view->store_host == message.store_host);
  CHECK(view->sys_flag == message_flag::born_host_ipv6);
}

TEST_CASE("properties that do not fit their length are refused") {
  const std::string properties(property_bytes_max + 1, 'x');
  MessageView message = sample();
  message.properties = properties;
  CHECK_FALSE(encode_record(message).has_value());
  std::string batch;
  CHECK_FALSE(append_batch_item(batch, {0, "b", properties}).has_value());
  CHECK(batch.empty());
}

TEST_CASE("a batch reader stops at a fault and says where") {
  std::string batch;
  REQUIRE(append_batch_item(batch, {1, "one", "a\1b\2"}).has_value());
  const std::size_t second = batch.size();
  REQUIRE(append_batch_item(batch, {2, "two", ""}).has_value());
  batch[second + 3] += 1;  // the second item says it has a byte more
  BatchReader reader(batch);
  CHECK(reader.next() == BatchItem{1, "one", "a\1b\2"});
  CHECK_FALSE(reader.next());
  REQUIRE(reader.failed());
  CHECK(reader.fault().text.starts_with("byte " + std::to_string(second) + ": "));
  CHECK_FALSE(reader.next());
}

}  // namespace gantry::protocol
