// Appending: places, numbers, store times, limits, gates, the end of a segment.
#include <fstream>

#include "base/endian.hpp"
#include "fixture.hpp"

using namespace gantry;
using namespace gantry::testing;
using namespace std::string_view_literals;

TEST_CASE("an appended record is visible at once under async flush") {
  Fixture f;
  f.open();
  REQUIRE(f.put_ok("one") == LogOffset(0));
  const LogOffset second = f.put_ok("two");
  REQUIRE(second == f.result.log_begin);
  REQUIRE(f.log->mark(Mark::visible) == f.result.log_end);
  REQUIRE(f.log->mark(Mark::durable) == LogOffset(0));
  const auto records = f.records();
  REQUIRE(records.size() == 2);
  REQUIRE(records[0].body == "one");
  REQUIRE(records[1].body == "two");
  REQUIRE(records[1].log_offset == second);
  REQUIRE_FALSE(f.log->flush_now());
  REQUIRE(f.log->mark(Mark::durable) == f.result.log_end);
}

TEST_CASE("numbers are dense per topic and queue and go on where the index ends") {
  Fixture f;
  f.open();
  f.numbers_from = QueueOffset(41);
  f.put_ok("a", "T", 0);
  f.numbers_from = QueueOffset(7);
  f.put_ok("b", "T", 1);
  f.put_ok("c", "T", 0);
  f.put_ok("d", "T", 1);
  const auto records = f.records();
  REQUIRE(records[0].queue_offset == QueueOffset(41));
  REQUIRE(records[1].queue_offset == QueueOffset(7));
  REQUIRE(records[2].queue_offset == QueueOffset(42));
  REQUIRE(records[3].queue_offset == QueueOffset(8));
  REQUIRE(f.numbers_asked == 2);

  f.log->forget_numbers();
  f.numbers_from = QueueOffset(100);
  f.put_ok("e", "T", 0);
  REQUIRE(f.result.first_queue_offset == QueueOffset(100));
}

TEST_CASE("a number source that cannot tell refuses the append, and none takes no number") {
  Fixture f;
  f.open();
  f.log->set_number_source(
      {[](void*, Text, int32_t, QueueOffset&) { return ErrorCode(Errc::no_numbers); }, nullptr});
  REQUIRE(f.put("T", 0, "a") == Errc::no_numbers);
  f.log->set_number_source({});
  REQUIRE(f.put("T", 0, "a") == Errc::no_numbers);
  REQUIRE(f.log->mark(Mark::appended) == LogOffset(0));
}

TEST_CASE("raw and unnumbered records leave the counters alone") {
  Fixture f;
  f.open();
  RecordDraft draft = draft_of("T", 0, "x");
  draft.queue_offset = QueueOffset(1234);
  Put put;
  put.records = {&draft, 1};
  put.number = PutNumber::raw;
  REQUIRE_FALSE(f.log->append(put, f.result));
  REQUIRE(f.result.first_queue_offset == QueueOffset(1234));
  put.number = PutNumber::none;
  REQUIRE_FALSE(f.log->append(put, f.result));
  REQUIRE(f.result.first_queue_offset == QueueOffset(0));
  f.put_ok("y");
  const auto records = f.records();
  REQUIRE(records[0].queue_offset == QueueOffset(1234));
  REQUIRE(records[1].queue_offset == QueueOffset(0));
  REQUIRE(records[2].queue_offset == QueueOffset(0));
}

TEST_CASE("a batch is contiguous and takes span numbers a record") {
  Fixture f;
  f.open();
  const RecordDraft drafts[] = {draft_of("T", 3, "a"), draft_of("T", 3, "bb"),
                                draft_of("T", 3, "ccc")};
  std::array<LogOffset, 3> offsets;
  Put put;
  put.records = drafts;
  put.span = 10;
  f.result.log_offsets = offsets;
  REQUIRE_FALSE(f.log->append(put, f.result));
  const auto records = f.records();
  REQUIRE(records.size() == 3);
  for (size_t i = 0; i < 3; i++) {
    REQUIRE(records[i].log_offset == offsets[i]);
    REQUIRE(records[i].queue_offset == QueueOffset(static_cast<int64_t>(i) * 10));
  }
  f.result.log_offsets = {};
  f.put_ok("next", "T", 3);
  REQUIRE(f.result.first_queue_offset == QueueOffset(30));
}

TEST_CASE("a put over a limit names field and value and takes no number") {
  Fixture f;
  f.options.message_bytes_max = 1000;
  f.open();
  f.put_ok("first");
  const LogOffset end = f.log->mark(Mark::appended);
  const auto refused = [&](const RecordDraft& draft, const std::string& reason) {
    Put put;
    put.records = {&draft, 1};
    REQUIRE(f.log->append(put, f.result) == Errc::invalid);
    REQUIRE(f.result.reason == reason);
    REQUIRE(f.log->mark(Mark::appended) == end);
  };
  const std::string large(40000, 'x');
  const std::string_view over = std::string_view(large).substr(0, 1001);
  refused(draft_of("T", 0, over), "body: 1001 bytes, at most 1000");
  refused(draft_of("", 0, "x"), "topic: empty");
  refused(draft_of(large, 0, "x"), "topic: 40000 bytes, at most 255");
  refused(draft_of("T", -1, "x"), "queue_id: -1, at least 0");
  RecordDraft draft = draft_of("T", 0, "x");
  draft.property_text = std::string_view(large);
  refused(draft, "properties: 40000 bytes, at most 32767");
  draft = draft_of("T", 0, "x");
  draft.store_host = Bytes(ipv4_host).first(6);
  refused(draft, "store_host: 6 bytes, must be 8 or 20");
  f.put_ok("second");
  REQUIRE(f.result.first_queue_offset == QueueOffset(1));
}

TEST_CASE("a batch of two queues, an empty one and further queues without numbers are refused") {
  Fixture f;
  f.open();
  const RecordDraft drafts[] = {draft_of("T", 0, "a"), draft_of("T", 1, "b")};
  Put put;
  REQUIRE(f.log->append(put, f.result) == Errc::invalid);
  put.records = drafts;
  REQUIRE(f.log->append(put, f.result) == Errc::invalid);
  REQUIRE(f.result.reason == "records: of more than one topic and queue");
  const Text streams[] = {"%LMQ%a"sv, ""sv};
  put.records = {drafts, 1};
  put.streams = {streams, 1};
  put.number = PutNumber::none;
  REQUIRE(f.log->append(put, f.result) == Errc::invalid);
  REQUIRE(f.result.reason == "streams: 1, but the put takes no dense numbers");
  put.number = PutNumber::dense;
  put.streams = streams;
  REQUIRE(f.log->append(put, f.result) == Errc::invalid);
  REQUIRE(f.result.reason == "streams: a name of 0 bytes, must be from 1 to 255");
}

TEST_CASE("a further queue that is named twice, or is the put's own, is refused and nothing numbered") {
  Fixture f;
  f.open();
  RecordDraft draft = draft_of("%LMQ%b", 0, "x");
  Put put;
  put.records = {&draft, 1};
  const Text twice[] = {"%LMQ%a"sv, "%LMQ%c"sv, "%LMQ%a"sv};
  const auto refused = [&](std::span<const Text> streams, const std::string& reason) {
    put.streams = streams;
    CHECK(f.log->append(put, f.result) == Errc::invalid);
    CHECK(f.result.reason == reason);
    CHECK(f.log->check_records(put, f.result) == Errc::invalid);
  };
  refused(twice, "streams: %LMQ%a is named twice");
  const Text own[] = {"%LMQ%c"sv, "%LMQ%b"sv};
  refused(own, "streams: %LMQ%b is the queue that the records are put in");
  draft.queue_id = 1;  // another queue of that topic: the stream is its queue 0
  put.streams = own;
  REQUIRE_FALSE(f.log->append(put, f.result));
  CHECK(f.property_texts()[0] == "INNER_MULTI_QUEUE_OFFSET\1" "0,0\2");
}

TEST_CASE("a record is numbered in further queues and tells the numbers it has there") {
  Fixture f;
  f.open();
  const Text both[] = {"%LMQ%a"sv, "%LMQ%b"sv};
  RecordDraft drafts[] = {draft_of("T", 3, "x"), draft_of("T", 3, "y")};
  drafts[0].property_text = "K\1v"sv;
  drafts[1].property_text = "K\1v\2"sv;
  Put put;
  put.records = drafts;
  put.streams = both;
  REQUIRE_FALSE(f.log->append(put, f.result));
  put.records = {drafts + 1, 1};
  put.streams = {both + 1, 1};
  REQUIRE_FALSE(f.log->append(put, f.result));
  const auto texts = f.property_texts();
  REQUIRE(texts.size() == 3);
  CHECK(texts[0] == "K\1v\2INNER_MULTI_QUEUE_OFFSET\1" "0,0\2");
  CHECK(texts[1] == "K\1v\2INNER_MULTI_QUEUE_OFFSET\1" "1,1\2");
  CHECK(texts[2] == "K\1v\2INNER_MULTI_QUEUE_OFFSET\1" "2\2");
  CHECK(f.records()[2].queue_offset == QueueOffset(2));
  f.put_ok("z", "%LMQ%b");
  CHECK(f.result.first_queue_offset == QueueOffset(3));
}

TEST_CASE("a put that is refused takes no number of its further queues either") {
  Fixture f;
  f.open();
  const Text stream("%LMQ%a");
  const std::string text(32767 - 45, 'p');
  RecordDraft draft = draft_of("T", 0, "x");
  draft.property_text = std::string_view(text);
  Put put;
  put.records = {&draft, 1};
  put.streams = {&stream, 1};
  REQUIRE(f.log->append(put, f.result) == Errc::invalid);
  REQUIRE(f.result.reason == "properties: 32768 bytes, at most 32767");
  f.log->close_gate("g", 14, "closed");
  draft.property_text = {};
  REQUIRE(f.log->append(put, f.result) == Errc::gate_closed);
  f.log->open_gate("g");
  REQUIRE_FALSE(f.log->append(put, f.result));
  CHECK(f.property_texts()[0] == "INNER_MULTI_QUEUE_OFFSET\1" "0\2");
}

TEST_CASE("an inner batch tells its first number and takes one for each of its messages") {
  Fixture f;
  f.open();
  RecordDraft draft = draft_of("T", 0, "many");
  draft.sys_flag = sys_flag_inner_batch;
  draft.property_text = "INNER_NUM\1" "7\2"sv;
  Put put;
  put.records = {&draft, 1};
  put.span = 7;
  for (const char* base : {"0", "7"}) {
    REQUIRE_FALSE(f.log->append(put, f.result));
    CHECK(f.property_texts().back() == std::string("INNER_NUM\1" "7\2INNER_BASE\1") + base + "\2");
  }
  CHECK(f.records().back().queue_offset == QueueOffset(7));
}

TEST_CASE("store times never go back when the clock does") {
  Fixture f;
  f.open();
  f.put_ok("a");
  const int64_t first = f.result.stored_ms;
  f.clock.advance_ms(-5000);
  f.put_ok("b");
  REQUIRE(f.result.stored_ms == first);
  f.reopen();
  f.put_ok("c");
  REQUIRE(f.result.stored_ms == first);
}

TEST_CASE("a record that doesn't fit ends its segment with RocketMQ's blank record") {
  Fixture f;
  f.open();
  const std::string body(30000, 'x');
  f.put_ok(body);
  f.put_ok(body);
  const LogOffset end = f.result.log_end;
  const auto left = static_cast<int32_t>(65536 - end.value);
  REQUIRE(f.put_ok(body) == LogOffset(65536));
  const auto bytes = f.segment_bytes(0);
  REQUIRE(load_be<int32_t>(&bytes[static_cast<size_t>(end.value)]) == left);
  REQUIRE(load_be<int32_t>(&bytes[static_cast<size_t>(end.value) + 4]) == blank_magic);
  REQUIRE(f.records().size() == 3);
}

TEST_CASE("a record fits a segment only if eight bytes stay free behind it") {
  for (const int64_t spare : {8, 7, 0}) {
    Fixture f;
    f.open();
    f.put_ok("x");
    const auto record_overhead = static_cast<size_t>(f.result.log_end.value - 1);
    const auto left = static_cast<size_t>(65536 - f.result.log_end.value - spare);
    const LogOffset place = f.put_ok(std::string(left - record_overhead, 'y'));
    REQUIRE((place == LogOffset(65536)) == (spare < 8));
  }
}

TEST_CASE("a batch that doesn't fit moves to the next segment as a whole") {
  Fixture f;
  f.open();
  f.put_ok(std::string(40000, 'x'));
  const std::string body(15000, 'y');
  const RecordDraft drafts[] = {draft_of("T", 0, body), draft_of("T", 0, body)};
  Put put;
  put.records = drafts;
  REQUIRE_FALSE(f.log->append(put, f.result));
  REQUIRE(f.result.log_begin == LogOffset(65536));
}

TEST_CASE("without prepared space an append is busy, takes no number, and fits once there is") {
  Fixture f;
  f.options.warm_ahead_bytes = 8192;
  f.open();
  const std::string body(7000, 'x');
  REQUIRE_FALSE(f.put("T", 0, body));
  REQUIRE(f.put("T", 0, body) == Errc::busy);
  REQUIRE_FALSE(f.log->prepare_now());
  REQUIRE_FALSE(f.put("T", 0, body));
  REQUIRE(f.result.first_queue_offset == QueueOffset(1));
}

TEST_CASE("a record larger than the space kept ahead finds room, behind a segment's end too") {
  Fixture f;
  f.options.warm_ahead_bytes = 4096;
  f.open();
  for (int i = 0; i < 5; i++) f.put_ok(std::string(40000, 'x'));
  REQUIRE(f.records().size() == 5);
}

TEST_CASE("a closed gate refuses with its code and reason, the first closed one speaks") {
  Fixture f;
  f.open();
  f.log->close_gate("disk", 14, "the disk is full");
  f.log->close_gate("fenced", 16, "another node leads");
  REQUIRE(f.put("T", 0, "a") == Errc::gate_closed);
  REQUIRE(f.result.error_wire_code == 14);
  REQUIRE(f.result.reason == "the disk is full");
  f.log->open_gate("disk");
  REQUIRE(f.put("T", 0, "a") == Errc::gate_closed);
  REQUIRE(f.result.error_wire_code == 16);
  f.log->open_gate("fenced");
  f.put_ok("a");
  REQUIRE(f.result.first_queue_offset == QueueOffset(0));
}

TEST_CASE("under sync flush nothing is visible before it is durable") {
  Fixture f(Flush::sync);
  f.open();
  f.put_ok("a");
  REQUIRE(f.log->mark(Mark::appended) == f.result.log_end);
  REQUIRE(f.log->mark(Mark::visible) == LogOffset(0));
  REQUIRE(f.records().empty());
  Slice slice;
  REQUIRE(f.log->read(LogOffset(0), 10, true, slice) == Errc::gone);
  REQUIRE_FALSE(f.log->flush_now());
  REQUIRE(f.log->mark(Mark::durable) == f.result.log_end);
  REQUIRE(f.log->mark(Mark::visible) == f.result.log_end);
  REQUIRE(f.records().size() == 1);
}

TEST_CASE("sync flush writes what rolled over segments to the right files") {
  Fixture f(Flush::sync);
  f.open();
  for (int i = 0; i < 5; i++) f.put_ok(std::string(25000, static_cast<char>('a' + i)));
  REQUIRE_FALSE(f.log->flush_now());
  f.reopen();
  const auto records = f.records();
  REQUIRE(records.size() == 5);
  for (size_t i = 0; i < 5; i++) REQUIRE(records[i].body[0] == static_cast<char>('a' + i));
}

TEST_CASE("staged bytes are bounded: more is busy until they are flushed") {
  Fixture f(Flush::sync);
  f.options.staged_bytes_max = 3000;
  f.open();
  const std::string body(2000, 'x');
  REQUIRE_FALSE(f.put("T", 0, body));
  REQUIRE(f.put("T", 0, body) == Errc::busy);
  REQUIRE_FALSE(f.log->flush_now());
  REQUIRE_FALSE(f.put("T", 0, body));
}
