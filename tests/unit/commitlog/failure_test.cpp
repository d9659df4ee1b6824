// A disk that fails: the log closes, waiters learn it, nothing is tried again.
#include "disk.hpp"
#include "fixture.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

constexpr uint32_t durable_bit = mark_bit(Mark::durable);

void require_closed(Fixture& f, Disk& disk) {
  REQUIRE(f.put("T", 0, "more") == Errc::gate_closed);
  REQUIRE(f.result.error_wire_code == 14);
  REQUIRE_THAT(f.result.reason, Catch::Contains("00000000000000000000"));
  const int syncs = disk.syncs;
  REQUIRE(f.log->flush_now() == Errc::store_failed);
  REQUIRE(f.log->prepare_now() == Errc::store_failed);
  REQUIRE(disk.syncs == syncs);
}

}  // namespace

TEST_CASE("a failed sync closes the log and fails those who wait, now and later") {
  const Flush flush = GENERATE(Flush::async, Flush::sync);
  Fixture f(flush);
  Disk disk;
  f.options.file_system = &disk;
  f.open();
  f.put_ok("one");
  Outcomes waiting;
  f.log->await(f.result.log_end, durable_bit, waiting.completion());
  REQUIRE(waiting.calls == 0);
  disk.fail_syncs = true;
  REQUIRE(f.log->flush_now() == Errc::store_failed);
  REQUIRE(waiting.calls == 1);
  REQUIRE(waiting.error == Errc::store_failed);
  REQUIRE(f.log->mark(Mark::durable) == LogOffset(0));
  REQUIRE((f.log->mark(Mark::visible) == LogOffset(0)) == (flush == Flush::sync));
  require_closed(f, disk);

  Outcomes late;
  REQUIRE(f.log->await(f.result.log_end, durable_bit, late.completion()) == Token{});
  REQUIRE(late.calls == 1);
  REQUIRE(late.error == Errc::store_failed);
  disk.fail_syncs = false;  // a disk that recovers doesn't bring the log back
  require_closed(f, disk);
  REQUIRE_FALSE(f.log->stop().has_value());
}

TEST_CASE("a failed write under sync flush closes the log before anything became readable") {
  Fixture f(Flush::sync);
  Disk disk;
  f.options.file_system = &disk;
  f.open();
  f.put_ok("one");
  Outcomes waiting;
  f.log->await(f.result.log_end, mark_bit(Mark::written), waiting.completion());
  disk.fail_writes = true;
  REQUIRE(f.log->flush_now() == Errc::store_failed);
  REQUIRE(waiting.error == Errc::store_failed);
  REQUIRE(f.log->mark(Mark::written) == LogOffset(0));
  require_closed(f, disk);
}

TEST_CASE("what was read before the failure stays readable, and the next open recovers") {
  Fixture f;
  Disk disk;
  f.options.file_system = &disk;
  f.open();
  f.put_ok("one");
  REQUIRE_FALSE(f.log->flush_now());
  disk.fail_syncs = true;
  f.put_ok("two");
  REQUIRE(f.log->flush_now() == Errc::store_failed);
  REQUIRE(f.records().size() == 2);
  disk.fail_syncs = false;
  f.reopen();
  REQUIRE(f.records().size() == 2);
  f.put_ok("three");
}

TEST_CASE("no room for the next segment makes appends busy and heals when there is room") {
  Fixture f;
  Disk disk;
  f.options.file_system = &disk;
  f.options.warm_ahead_bytes = 65536;
  f.open();
  disk.fail_allocations = true;
  const std::string body(60000, 'x');
  REQUIRE_FALSE(f.put("T", 0, body));
  REQUIRE(f.log->prepare_now() == Errc::busy);
  REQUIRE(f.put("T", 0, body) == Errc::busy);
  disk.fail_allocations = false;
  REQUIRE_FALSE(f.log->prepare_now());
  REQUIRE_FALSE(f.put("T", 0, body));
  REQUIRE(f.result.log_begin == LogOffset(65536));
}

TEST_CASE("an open whose disk fails says what failed") {
  Fixture f;
  Disk disk;
  f.options.file_system = &disk;
  disk.fail_allocations = true;
  REQUIRE_FALSE(f.try_open().has_value());
  disk.fail_allocations = false;
  disk.fail_syncs = true;
  auto opened = f.try_open();
  REQUIRE_FALSE(opened.has_value());
  REQUIRE_THAT(opened.error().text, Catch::Contains("recovery"));
}
