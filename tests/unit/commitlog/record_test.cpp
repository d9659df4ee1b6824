// The record's bytes: decoding what is malformed, the two versions, the tag code.
#include "base/endian.hpp"
#include "fixture.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

constexpr uint8_t ipv6_host[20] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0,    0,
                                   0,    0,    0,    0,    0, 1, 0, 0, 0x2A, 0x9F};

std::vector<uint8_t> encode(const RecordDraft& draft) {
  EncodedRecord record;
  std::string reason;
  REQUIRE_FALSE(record.encode(draft, 1 << 20, 0, reason));
  record.stamp(QueueOffset(5), LogOffset(4096), 99);
  std::vector<uint8_t> bytes;
  for (Bytes part : record.parts()) bytes.insert(bytes.end(), part.begin(), part.end());
  REQUIRE(bytes.size() == record.size());
  return bytes;
}

}  // namespace

TEST_CASE("what is encoded is decoded again, with any mix of hosts and both versions") {
  const bool born_ipv6 = GENERATE(false, true);
  const bool store_ipv6 = GENERATE(false, true);
  const size_t topic_bytes = GENERATE(1, 127, 128, 255);
  const std::string topic(topic_bytes, 't');
  RecordDraft draft = draft_of(topic, 7, "body");
  if (born_ipv6) draft.born_host = ipv6_host;
  if (store_ipv6) draft.store_host = ipv6_host;
  draft.property_text = std::string_view("TAGS\1TagA\2k\1v\2");
  draft.app_flag = -3;
  draft.sys_flag = 0x30 | 0x100;  // the host bits are the encoder's
  draft.born_ms = 11;
  draft.reconsume_times = 4;
  draft.prepared_offset = 77;
  const auto bytes = encode(draft);

  RecordView view;
  REQUIRE_FALSE(decode_record(bytes, decode_check | decode_tag_code, view));
  REQUIRE(view.version == (topic_bytes > 127 ? 2 : 1));
  REQUIRE(view.topic.view() == topic);
  REQUIRE(text_of(view.body) == "body");
  REQUIRE(view.property_text.view() == draft.property_text.view());
  REQUIRE(view.queue_id == 7);
  REQUIRE(view.queue_offset == QueueOffset(5));
  REQUIRE(view.log_offset == LogOffset(4096));
  REQUIRE(view.stored_ms == 99);
  REQUIRE(view.born_ms == 11);
  REQUIRE(view.app_flag == -3);
  REQUIRE(view.sys_flag == (0x100 | (born_ipv6 ? 0x10 : 0) | (store_ipv6 ? 0x20 : 0)));
  REQUIRE(view.reconsume_times == 4);
  REQUIRE(view.prepared_offset == 77);
  REQUIRE(view.tag_code == 2598919);
  REQUIRE(view.born_host.size() == (born_ipv6 ? 20u : 8u));
  REQUIRE(view.store_host.size() == (store_ipv6 ? 20u : 8u));
  REQUIRE(view.record.size() == bytes.size());
}

TEST_CASE("a topic of few characters but more than 127 bytes can be read back") {
  std::string topic;
  for (int i = 0; i < 50; i++) topic += "\xE4\xB8\xAD";
  const auto bytes = encode(draft_of(topic, 0, "x"));
  RecordView view;
  REQUIRE_FALSE(decode_record(bytes, 0, view));
  REQUIRE(view.topic.view() == topic);
}

TEST_CASE("every truncation and every changed length or magic is no record") {
  const auto whole = encode(draft_of("Topic", 0, "some body"));
  RecordView view;
  for (size_t size = 0; size < whole.size(); size++)
    REQUIRE(decode_record(Bytes(whole).first(size), 0, view) == Errc::not_a_record);
  for (const size_t at : {0, 1, 2, 3, 4, 5, 6, 7, 84, 85, 86, 87, 97, 103, 104}) {
    for (const uint8_t change : {0x01, 0x7F, 0x80, 0xFF}) {
      auto bytes = whole;
      bytes[at] ^= change;
      bytes.resize(bytes.size() + 300);
      CAPTURE(at, change);
      REQUIRE(decode_record(bytes, 0, view) == Errc::not_a_record);
    }
  }
}

TEST_CASE("a changed body is noticed when asked for") {
  auto bytes = encode(draft_of("Topic", 0, "some body"));
  bytes[90] ^= 1;
  RecordView view;
  REQUIRE_FALSE(decode_record(bytes, 0, view));
  REQUIRE(decode_record(bytes, decode_check, view) == Errc::bad_crc);
}

TEST_CASE("the tag code is that of the last TAGS with a value") {
  const auto code = [](std::string_view properties) { return tag_code_of(properties); };
  using namespace std::string_view_literals;
  REQUIRE(code("") == 0);
  REQUIRE(code("TAGS\1a\2") == 97);
  REQUIRE(code("TAGS\1a") == 97);
  REQUIRE(code("k\1v\2TAGS\1a\2TAGS\1b\2") == 98);
  REQUIRE(code("TAGS\1a\2TAGS\1\2") == 97);
  REQUIRE(code("XTAGS\1a\2TAGSX\1b\2TAGS\2") == 0);
  REQUIRE(code("k\1TAGS\1a\2") == 0);
  REQUIRE(code("TAGS\1a\1b\2"sv) == java_hash("a\1b"sv));
}
