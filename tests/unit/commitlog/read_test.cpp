// Reading: pins, runs, residency, the borders of the log.
#include "disk.hpp"
#include "fixture.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

struct Filled : Fixture {
  Disk disk;
  std::vector<IndexEntry> entries;

  explicit Filled(int count, size_t body_bytes = 1000) {
    options.file_system = &disk;
    open();
    for (int i = 0; i < count; i++) {
      const LogOffset place = put_ok(std::string(body_bytes, static_cast<char>('a' + i % 26)));
      entries.push_back({place.value, 0, static_cast<int32_t>(result.log_end - place), 0});
    }
  }
};

}  // namespace

TEST_CASE("a read pins its bytes: they stay after the log is gone") {
  Slice slice;
  {
    Filled f(3);
    const IndexEntry& entry = f.entries[1];
    REQUIRE_FALSE(
        f.log->read(LogOffset(entry.log_offset), static_cast<uint64_t>(entry.size), false, slice));
  }
  RecordView view;
  REQUIRE_FALSE(decode_record(slice.bytes, decode_check, view));
  REQUIRE(text_of(view.body) == std::string(1000, 'b'));
}

TEST_CASE("a read outside the log, beyond visible or over a segment's end is gone") {
  Filled f(3);
  Slice slice;
  const LogOffset end = f.log->mark(Mark::visible);
  REQUIRE_FALSE(f.log->read(end + -10, 10, false, slice));
  REQUIRE(f.log->read(end + -10, 11, false, slice) == Errc::gone);
  REQUIRE(f.log->read(end, 1, false, slice) == Errc::gone);
  REQUIRE(f.log->read(LogOffset(-1), 1, false, slice) == Errc::gone);
  REQUIRE(f.log->read(LogOffset(1) + (int64_t{1} << 60), 1, false, slice) == Errc::gone);
  REQUIRE(f.log->read(LogOffset(0), UINT64_MAX, false, slice) == Errc::gone);
  Filled two(100);
  REQUIRE(two.log->read(LogOffset(65000), 1000, false, slice) == Errc::gone);
}

TEST_CASE("adjacent entries share a slice, a gap or a segment's end begins another") {
  Filled f(80);
  std::vector<Slice> out(10);
  EntriesRead done;
  REQUIRE_FALSE(f.log->read_entries(f.entries, false, out, done));
  REQUIRE(done.covered == 80);
  REQUIRE(done.slices == 2);
  RecordView view;
  REQUIRE_FALSE(decode_record(out[1].bytes, decode_check, view));
  REQUIRE(view.log_offset == LogOffset(65536));

  const IndexEntry apart[] = {f.entries[0], f.entries[2], f.entries[3], f.entries[7]};
  REQUIRE_FALSE(f.log->read_entries(apart, false, out, done));
  REQUIRE(done.covered == 4);
  REQUIRE(done.slices == 3);
  REQUIRE_FALSE(f.log->read_entries(apart, false, std::span(out).first(2), done));
  REQUIRE(done.covered == 3);
  REQUIRE(done.slices == 2);
}

TEST_CASE("entries that lead nowhere are gone, after good ones they end the read") {
  Filled f(3);
  std::vector<Slice> out(10);
  EntriesRead done;
  for (const IndexEntry bad :
       {IndexEntry{-5, 0, 10, 0}, IndexEntry{0, 0, 0, 0}, IndexEntry{0, 0, -1, 0},
        IndexEntry{1 << 30, 0, 10, 0}, IndexEntry{INT64_MAX, 0, INT32_MAX, 0}}) {
    REQUIRE(f.log->read_entries({&bad, 1}, false, out, done) == Errc::gone);
    REQUIRE(done.covered == 0);
    const IndexEntry both[] = {f.entries[0], bad};
    REQUIRE_FALSE(f.log->read_entries(both, false, out, done));
    REQUIRE(done.covered == 1);
  }
}

TEST_CASE("what isn't in memory would block, unless the caller may") {
  Filled f(5);
  f.reopen();
  f.disk.cold = true;
  f.disk.loads = 0;
  Slice slice;
  REQUIRE(f.log->read(LogOffset(0), 100, false, slice) == Errc::would_block);
  REQUIRE(f.disk.loads == 0);
  REQUIRE_FALSE(f.log->read(LogOffset(0), 100, true, slice));
  REQUIRE(f.disk.loads == 1);

  std::vector<Slice> out(3);
  EntriesRead done;
  REQUIRE(f.log->read_entries(f.entries, false, out, done) == Errc::would_block);
  std::vector<RecordView> views(3);
  RecordRun run;
  RunLimits limits;
  limits.may_block = false;
  REQUIRE(f.log->next_records(LogOffset(0), limits, views, run) == Errc::would_block);
}

TEST_CASE("what was just appended needs no question whether it is in memory") {
  Filled f(5);
  f.disk.cold = true;
  Slice slice;
  REQUIRE_FALSE(f.log->read(LogOffset(0), 100, false, slice));
}

TEST_CASE("a run of records stops at its limits and goes on where it stopped") {
  Filled f(80);
  std::vector<RecordView> views(100);
  RecordRun run;
  RunLimits limits;
  REQUIRE_FALSE(f.log->next_records(LogOffset(0), limits, views, run));
  const uint32_t in_first = run.count;
  REQUIRE(in_first > 50);
  REQUIRE(run.next == LogOffset(65536));
  REQUIRE(run.slice.bytes.size() ==
          static_cast<size_t>(f.entries[in_first - 1].log_offset + f.entries[in_first - 1].size));
  REQUIRE_FALSE(f.log->next_records(run.next, limits, views, run));
  REQUIRE(run.count == 80 - in_first);
  REQUIRE(run.next == f.log->mark(Mark::visible));
  REQUIRE_FALSE(f.log->next_records(run.next, limits, views, run));
  REQUIRE(run.count == 0);

  limits.bytes_max = 2500;
  REQUIRE_FALSE(f.log->next_records(LogOffset(0), limits, views, run));
  REQUIRE(run.count == 2);
  limits.bytes_max = 1;
  REQUIRE_FALSE(f.log->next_records(LogOffset(0), limits, views, run));
  REQUIRE(run.count == 1);
  REQUIRE_FALSE(f.log->next_records(LogOffset(0), limits, std::span(views).first(3), run));
  REQUIRE(f.log->next_records(LogOffset(5), limits, views, run) == Errc::not_a_record);
}

TEST_CASE("what the disk can't give is an error of every read, and a run ends before it") {
  Filled f(5);
  f.reopen();
  f.disk.cold = true;
  f.disk.unreadable = f.entries[2].log_offset + 500;
  Slice slice;
  REQUIRE(f.log->read(LogOffset(f.entries[2].log_offset), 600, true, slice));
  REQUIRE_FALSE(f.log->read(LogOffset(f.entries[1].log_offset), 600, true, slice));
  std::vector<Slice> out(3);
  EntriesRead done;
  REQUIRE_FALSE(f.log->read_entries(f.entries, true, out, done));
  REQUIRE(done.covered == 2);
  REQUIRE(f.log->read_entries(std::span(f.entries).subspan(2), true, out, done));
  std::vector<RecordView> views(3);
  RecordRun run;
  REQUIRE(f.log->next_records(LogOffset(0), {}, views, run));
  REQUIRE(run.count == 0);
  f.disk.unreadable = -1;
  REQUIRE_FALSE(f.log->next_records(LogOffset(0), {}, views, run));
  REQUIRE(run.count == 3);
}

TEST_CASE("a record longer than the run it begins is brought into memory whole") {
  Filled f(2, 20000);
  f.reopen();
  f.disk.cold = true;
  std::vector<RecordView> views(3);
  RecordRun run;
  RunLimits limits;
  limits.bytes_max = 100;
  f.disk.unreadable = 19000;
  REQUIRE(f.log->next_records(LogOffset(0), limits, views, run));
  f.disk.unreadable = -1;
  REQUIRE_FALSE(f.log->next_records(LogOffset(0), limits, views, run));
  REQUIRE(run.count == 1);
}

TEST_CASE("a run of records ends before the one that VISIBLE stands in, whatever that is") {
  Fixture f;
  f.options.visible_after = mark_bit(Mark::replicated);
  f.open();
  REQUIRE(f.log->claim_replicated());
  const LogOffset second = (f.put_ok(std::string(30000, 'a')), f.result.log_end);
  const LogOffset blank = (f.put_ok(std::string(30000, 'b')), f.result.log_end);
  const LogOffset third = f.put_ok(std::string(30000, 'c'));
  REQUIRE(third == LogOffset(65536));
  std::vector<RecordView> views(10);
  RecordRun run;
  const auto read = [&](LogOffset from, LogOffset visible) {
    f.log->raise_replicated(visible);
    REQUIRE(f.log->mark(Mark::visible) == visible);
    REQUIRE_FALSE(f.log->next_records(from, {}, views, run));
    return run.count;
  };
  CHECK(read(LogOffset(0), LogOffset(5)) == 0);  // not even its size
  CHECK(run.next == LogOffset(0));
  CHECK(read(LogOffset(0), second + 100) == 1);
  CHECK(run.next == second);
  CHECK(run.slice.bytes.size() == static_cast<size_t>(second.value));
  CHECK(read(second, second + 200) == 0);
  CHECK(run.next == second);
  CHECK(read(LogOffset(0), blank + 8) == 2);
  CHECK(run.next == blank);
  CHECK(read(blank, blank + 9) == 0);
  CHECK(run.next == blank);
  CHECK(read(blank, third + 1) == 0);
  CHECK(run.next == third);
  CHECK(read(third, f.result.log_end) == 1);
}
