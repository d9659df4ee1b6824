// A follower's log: raw bytes in, cuts at its end, and the way back to leading.
#include <fmt/format.h>

#include <chrono>
#include <future>
#include <limits>
#include <thread>

#include "base/endian.hpp"
#include "disk.hpp"
#include "fixture.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

// A leader's log beside a follower's, whose REPLICATED the test raises.
struct Pair {
  Fixture leader;
  Fixture follower;
  std::string reason;

  explicit Pair(Flush flush = Flush::async) : follower(flush) {
    leader.open();
    open_follower();
  }
  void open_follower() {
    follower.open();
    REQUIRE(follower.log->claim_replicated());
    REQUIRE(follower.log->follow().has_value());
  }
  // The leader's bytes from `from` up to its end or `to`.
  std::vector<uint8_t> bytes(LogOffset from, LogOffset to = LogOffset(-1)) const {
    if (to.value < 0) to = leader.log->mark(Mark::visible);
    std::vector<uint8_t> all;
    for (LogOffset at = from; at < to;) {
      const LogOffset file_end((at.value / 65536 + 1) * 65536);
      Slice slice;
      const LogOffset end = std::min(to, file_end);
      REQUIRE_FALSE(leader.log->read(at, static_cast<uint64_t>(end - at), true, slice));
      all.insert(all.end(), slice.bytes.begin(), slice.bytes.end());
      at = end;
    }
    return all;
  }
  ErrorCode feed(LogOffset at, Bytes bytes) {
    ErrorCode error = follower.log->append_raw(at, bytes, reason);
    if (error == Errc::busy) {
      REQUIRE_FALSE(follower.log->prepare_now());
      error = follower.log->append_raw(at, bytes, reason);
    }
    return error;
  }
  void catch_up() {
    const LogOffset end = leader.log->mark(Mark::visible);
    for (LogOffset at; (at = follower.log->mark(Mark::appended)) < end;) {
      INFO(reason);
      const LogOffset file_end((at.value / 65536 + 1) * 65536);
      REQUIRE_FALSE(feed(at, bytes(at, std::min(end, file_end))));
      REQUIRE_FALSE(follower.log->flush_now());
    }
  }
};

bool zero_from(const std::vector<uint8_t>& bytes, int64_t from) {
  return std::all_of(bytes.begin() + from, bytes.end(), [](uint8_t b) { return b == 0; });
}

}  // namespace

TEST_CASE("a follower's log becomes byte for byte the leader's, over the ends of files") {
  const Flush flush = GENERATE(Flush::async, Flush::sync);
  Pair pair(flush);
  for (int i = 0; i < 9; i++) pair.leader.put_ok(std::string(20000, static_cast<char>('a' + i)));
  pair.catch_up();
  pair.leader.put_ok("small");
  pair.catch_up();
  REQUIRE(pair.follower.log->mark(Mark::durable) == pair.leader.log->mark(Mark::visible));
  for (int64_t file : {0, 65536, 131072})
    CHECK(pair.follower.segment_bytes(file) == pair.leader.segment_bytes(file));
  pair.follower.crash();
  pair.open_follower();
  CHECK(pair.follower.records().size() == 10);
}

TEST_CASE("raw bytes that are no whole records at their place are refused and none is taken") {
  Pair pair;
  pair.leader.put_ok("one");
  const LogOffset second = pair.leader.put_ok("two");
  auto bytes = pair.bytes(LogOffset(0));
  const auto refused = [&](const std::string& why) {
    CHECK(pair.feed(LogOffset(0), bytes) == Errc::invalid);
    CHECK_THAT(pair.reason, Catch::Contains(why));
    CHECK(pair.follower.log->mark(Mark::appended) == LogOffset(0));
  };
  SECTION("cut off") {
    bytes.pop_back();
    refused(fmt::format("no whole record at {}", second.value));
  }
  SECTION("a flipped byte in a body") {
    bytes[static_cast<size_t>(second.value) + 89] ^= 1;
    refused(fmt::format("no whole record at {}", second.value));
  }
  SECTION("of another place") {
    bytes.erase(bytes.begin(), bytes.begin() + second.value);
    refused(fmt::format("the record at 0 belongs at {}", second.value));
  }
  SECTION("a blank record of segments of another size") {
    bytes.resize(static_cast<size_t>(second.value) + 8);
    store_be(&bytes[static_cast<size_t>(second.value)], int32_t{1000});
    store_be(&bytes[static_cast<size_t>(second.value) + 4], blank_magic);
    refused("segments of another size");
  }
  SECTION("a blank record that is cut off") {
    const auto rest = static_cast<int32_t>(65536 - second.value);
    bytes.resize(static_cast<size_t>(second.value) + 8);
    store_be(&bytes[static_cast<size_t>(second.value)], rest);
    store_be(&bytes[static_cast<size_t>(second.value) + 4], blank_magic);
    refused("is cut off");
  }
  SECTION("more than a segment") {
    bytes.resize(65537);
    refused("65537 bytes at once, a segment has 65536");
  }
  SECTION("behind a gap") {
    CHECK(pair.feed(LogOffset(0), pair.bytes(LogOffset(0), second)) == ErrorCode{});
    CHECK(pair.feed(second + 5, pair.bytes(second)) == Errc::invalid);
    CHECK(pair.reason == fmt::format("bytes for {}, but the log ends at {}", second.value + 5,
                                     second.value));
  }
}

TEST_CASE("a leader takes no raw bytes, a follower no appends, and leading asks for numbers anew") {
  Pair pair;
  pair.leader.put_ok("one");
  const auto bytes = pair.bytes(LogOffset(0));
  CHECK(pair.leader.log->append_raw(pair.leader.result.log_end, bytes, pair.reason) ==
        Errc::not_follower);
  CHECK(pair.follower.put("T", 0, "x") == Errc::gate_closed);
  CHECK(pair.follower.result.error_wire_code == 14);
  CHECK(pair.follower.log->role() == Role::follower);
  pair.catch_up();
  pair.follower.log->lead();
  pair.follower.numbers_from = QueueOffset(1);
  pair.follower.put_ok("two");
  CHECK(pair.follower.result.first_queue_offset == QueueOffset(1));
  CHECK(pair.follower.log->role() == Role::leader);
}

TEST_CASE("an empty follower's log may begin where the leader's files begin") {
  Pair pair;
  for (int i = 0; i < 5; i++) pair.leader.put_ok(std::string(30000, 'a'));
  const LogOffset third(131072);
  CHECK(pair.feed(LogOffset(65537), pair.bytes(LogOffset(65536), third)) == Errc::invalid);
  CHECK(pair.reason == "an empty log cannot begin at 65537: no multiple of 65536");
  REQUIRE_FALSE(pair.feed(LogOffset(65536), pair.bytes(LogOffset(65536), third)));
  pair.catch_up();
  CHECK(pair.follower.log->begin() == LogOffset(65536));
  CHECK(pair.follower.records().size() == 3);
  CHECK_FALSE(std::filesystem::exists(pair.follower.segment_path(0)));
  REQUIRE_FALSE(pair.follower.log->flush_now());
  pair.follower.crash();
  pair.open_follower();
  CHECK(pair.follower.records().size() == 3);
}

TEST_CASE("an empty follower's log stays where it begins when the bytes for another place are none") {
  Pair pair;
  for (int i = 0; i < 3; i++) pair.leader.put_ok(std::string(30000, 'a'));
  auto bytes = pair.bytes(LogOffset(65536));
  SECTION("a flipped byte in a body") {
    bytes[89] ^= 1;
    CHECK(pair.feed(LogOffset(65536), bytes) == Errc::invalid);
    CHECK(pair.reason.starts_with("no whole record at 65536"));
  }
  SECTION("of another place") {
    CHECK(pair.feed(LogOffset(131072), bytes) == Errc::invalid);
    CHECK(pair.reason == "the record at 131072 belongs at 65536");
  }
  SECTION("a place so far behind that the log could not grow") {
    const LogOffset last(std::numeric_limits<int64_t>::max() / 65536 * 65536);
    CHECK(pair.feed(last, bytes) == Errc::invalid);
    CHECK(pair.reason == "a log cannot begin at 9223372036854710272: beyond 4611686018427387904");
  }
  CHECK(pair.follower.log->begin() == LogOffset(0));
  CHECK(pair.follower.log->mark(Mark::appended) == LogOffset(0));
  pair.catch_up();
  CHECK(pair.follower.records().size() == 3);
}

TEST_CASE("REPLICATED never stands above the end of the log, also when it is raised beside a cut") {
  Pair pair;
  pair.leader.put_ok("one");
  const auto bytes = pair.bytes(LogOffset(0));
  std::atomic<bool> over{false};
  std::vector<std::thread> raisers;  // more than there are cores: some are always halfway through
  for (int i = 0; i < 6; i++)
    raisers.emplace_back([&] {
      while (!over.load())
        pair.follower.log->raise_replicated(LogOffset(std::numeric_limits<int64_t>::max()));
    });
  int above = 0;
  for (int i = 0; i < 600; i++) {
    REQUIRE_FALSE(pair.feed(LogOffset(0), bytes));
    REQUIRE(pair.follower.log->truncate(LogOffset(0)).has_value());
    above += pair.follower.log->mark(Mark::replicated) > LogOffset(0);
  }
  over = true;
  for (std::thread& raiser : raisers) raiser.join();
  CHECK(above == 0);
}

TEST_CASE("what is cut is gone, on the device as well, and other bytes take its place") {
  const Flush flush = GENERATE(Flush::async, Flush::sync);
  Pair pair(flush);
  for (int i = 0; i < 6; i++) pair.leader.put_ok(std::string(20000, 'a'));
  pair.catch_up();
  const LogOffset end(20092);
  pair.follower.log->raise_replicated(end);
  Outcomes beyond, below;
  pair.follower.log->await(end + 1, mark_bit(Mark::replicated), beyond.completion());
  pair.follower.log->await(end, mark_bit(Mark::replicated), below.completion());
  REQUIRE(pair.follower.log->truncate(end).has_value());
  CHECK(beyond.error == Errc::cut);
  CHECK(below.error == ErrorCode{});
  for (Mark mark : {Mark::appended, Mark::written, Mark::durable, Mark::visible, Mark::stable})
    CHECK(pair.follower.log->mark(mark) == end);
  CHECK(pair.follower.records().size() == 1);
  CHECK(zero_from(pair.follower.segment_bytes(0), end.value));
  CHECK_FALSE(std::filesystem::exists(pair.follower.segment_path(65536)));
  SECTION("a crash right then") {
    pair.follower.crash();
    pair.open_follower();
    CHECK(pair.follower.records().size() == 1);
  }
  SECTION("other bytes") {
    Fixture other;
    other.open();
    other.put_ok(std::string(20000, 'a'));
    const LogOffset at = other.put_ok("something else");
    Slice slice;
    REQUIRE_FALSE(other.log->read(at, static_cast<uint64_t>(other.result.log_end - at), true, slice));
    REQUIRE_FALSE(pair.feed(end, slice.bytes));
    REQUIRE_FALSE(pair.follower.log->flush_now());
    pair.follower.crash();
    pair.open_follower();
    const auto records = pair.follower.records();
    REQUIRE(records.size() == 2);
    CHECK(records.back().body == "something else");
  }
}

TEST_CASE("a cut waits until nobody has the bytes behind it pinned, new reads don't delay it") {
  Pair pair;
  const LogOffset end = LogOffset(0) + (pair.leader.put_ok("kept"), pair.leader.result.log_end.value);
  pair.leader.put_ok("doomed");
  pair.catch_up();
  Slice pinned;
  const auto size = static_cast<uint64_t>(pair.leader.result.log_end - end);
  REQUIRE_FALSE(pair.follower.log->read(end, size, true, pinned));
  const std::vector<uint8_t> before(pinned.bytes.begin(), pinned.bytes.end());
  std::atomic<bool> done{false};
  std::thread cutter([&] { done = pair.follower.log->truncate(end).has_value(); });
  while (pair.follower.log->mark(Mark::visible) > end) std::this_thread::yield();
  Slice kept;  // of the file as it was opened anew
  do {
    REQUIRE_FALSE(pair.follower.log->read(LogOffset(0), 8, true, kept));
  } while (kept.bytes.data() == pinned.bytes.data() - end.value);
  CHECK(std::equal(before.begin(), before.end(), pinned.bytes.begin()));
  CHECK_FALSE(done.load());
  pinned = {};
  cutter.join();
  CHECK(done.load());
  CHECK(zero_from(pair.follower.segment_bytes(0), end.value));
}

TEST_CASE("a cut waits for a pin no longer than until the log stops") {
  Pair pair;
  pair.leader.put_ok("kept");
  const LogOffset end = pair.leader.result.log_end;
  pair.leader.put_ok("doomed");
  pair.catch_up();
  Slice pinned;
  REQUIRE_FALSE(pair.follower.log->read(end, 8, true, pinned));
  Outcome<void> cut = fail("not yet");
  std::thread cutter([&] { cut = pair.follower.log->truncate(end); });
  while (pair.follower.log->mark(Mark::visible) > end) std::this_thread::yield();
  CHECK(pair.follower.log->stop().has_value());
  cutter.join();
  CHECK(cut.has_value());
  pinned = {};
  pair.follower.crash();
  pair.open_follower();
  CHECK(pair.follower.records().size() == 1);
  CHECK(zero_from(pair.follower.segment_bytes(0), end.value));
}

TEST_CASE("a cut below STABLE, beyond the end, within a record or of a leader's log is refused") {
  Pair pair;
  pair.leader.put_ok("one");
  const LogOffset end = pair.leader.result.log_end;
  pair.leader.put_ok("two");
  pair.catch_up();
  pair.follower.log->raise_replicated(end);
  const auto refused = [&](Fixture& f, LogOffset at, const std::string& why) {
    const auto done = f.log->truncate(at);
    REQUIRE_FALSE(done.has_value());
    CHECK_THAT(done.error().text, Catch::Contains(why));
    CHECK(f.records().size() == 2);
  };
  refused(pair.follower, LogOffset(0), fmt::format("stable up to {}", end.value));
  refused(pair.follower, end + 1000, "and ends at");
  refused(pair.follower, end + 1, "no record begins there");
  refused(pair.leader, end, "this node leads");
}

TEST_CASE("a cut whose zeroing fails closes the log") {
  Pair pair;
  Disk disk;
  pair.follower.crash();
  pair.follower.options.file_system = &disk;
  pair.open_follower();
  pair.leader.put_ok("one");
  const LogOffset end = pair.leader.result.log_end;
  pair.leader.put_ok("two");
  pair.catch_up();
  pair.follower.log->raise_replicated(end);
  disk.fail_syncs = true;
  CHECK_FALSE(pair.follower.log->truncate(end).has_value());
  disk.fail_syncs = false;
  CHECK(pair.feed(end, pair.bytes(end)) == Errc::store_failed);
}

TEST_CASE("trim removes whole files below the offset; who has pinned one reads on") {
  Fixture f;
  f.open();
  for (int i = 0; i < 7; i++) f.put_ok(std::string(30000, static_cast<char>('a' + i)));
  REQUIRE_FALSE(f.log->flush_now());
  Slice pinned;
  REQUIRE_FALSE(f.log->read(LogOffset(88), 100, true, pinned));
  CHECK(f.log->trim(LogOffset(65535)) == LogOffset(0));
  CHECK(f.log->trim(LogOffset(131072 + 500)) == LogOffset(131072));
  CHECK(f.log->begin() == LogOffset(131072));
  CHECK_FALSE(std::filesystem::exists(f.segment_path(0)));
  CHECK_FALSE(std::filesystem::exists(f.segment_path(65536)));
  CHECK(text_of(pinned.bytes) == std::string(100, 'a'));
  Slice gone;
  CHECK(f.log->read(LogOffset(88), 100, true, gone) == Errc::gone);
  CHECK(f.records().size() == 3);
  f.reopen();
  CHECK(f.log->begin() == LogOffset(131072));
  CHECK(f.records().size() == 3);
  f.put_ok("goes on");
}

TEST_CASE("who reads doesn't wait for the files that a trim removes") {
  Fixture f;
  Disk disk;
  f.options.file_system = &disk;
  f.open();
  for (int i = 0; i < 7; i++) f.put_ok(std::string(30000, 'a'));
  REQUIRE_FALSE(f.log->flush_now());
  std::future<ErrorCode> read;
  int read_meanwhile = 0;
  disk.before_remove = [&] {
    read = std::async(std::launch::async, [&] {
      Slice slice;
      return f.log->read(LogOffset(131072), 100, true, slice);
    });
    if (read.wait_for(std::chrono::seconds(10)) == std::future_status::ready && !read.get())
      read_meanwhile++;
  };
  CHECK(f.log->trim(LogOffset(131072)) == LogOffset(131072));
  CHECK(read_meanwhile == 2);
}

TEST_CASE("trim keeps what isn't on the device yet and the file that is appended to") {
  Fixture f;
  f.open();
  for (int i = 0; i < 4; i++) f.put_ok(std::string(30000, 'a'));
  CHECK(f.log->trim(f.result.log_end) == LogOffset(0));
  REQUIRE_FALSE(f.log->flush_now());
  CHECK(f.log->trim(f.result.log_end + 1'000'000) == LogOffset(65536));
  CHECK(f.records().size() == 2);
}
