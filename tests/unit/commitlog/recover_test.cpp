// Opening: what a crash or a damaged disk left is found, cut or refused.
#include <fstream>

#include "disk.hpp"
#include "fixture.hpp"

using namespace gantry;
using namespace gantry::testing;
namespace fs = std::filesystem;

namespace {

bool zero_from(const std::vector<uint8_t>& bytes, int64_t position) {
  return std::all_of(bytes.begin() + position, bytes.end(), [](uint8_t b) { return b == 0; });
}

std::string failure_of(Fixture& f) {
  f.crash();
  auto opened = f.try_open();
  REQUIRE_FALSE(opened.has_value());
  return opened.error().text;
}

void forget_checkpoint(Fixture& f) {
  fs::remove(f.folder.path() / "gantry" / "recovery");
}

}  // namespace

TEST_CASE("records survive a process that died without stopping the log") {
  Fixture f;
  f.open();
  for (int i = 0; i < 300; i++) f.put_ok(std::string(1000, 'x') + std::to_string(i));
  const auto before = f.records();
  f.reopen();
  const auto after = f.records();
  REQUIRE(after.size() == 300);
  for (size_t i = 0; i < 300; i++) {
    REQUIRE(after[i].body == before[i].body);
    REQUIRE(after[i].log_offset == before[i].log_offset);
  }
  REQUIRE(f.log->mark(Mark::durable) ==
          after.back().log_offset + (before.back().log_offset - before[298].log_offset));
  const LogOffset place = f.put_ok("next");
  REQUIRE(place == f.log->mark(Mark::durable));
}

TEST_CASE("a cleanly stopped log opens where it ended and leaves no unused segment") {
  Fixture f;
  f.open();
  f.log->start();
  for (int i = 0; i < 3; i++) f.put_ok("x");
  const LogOffset end = f.log->mark(Mark::appended);
  REQUIRE(f.log->stop().has_value());
  REQUIRE(f.put("T", 0, "late") == Errc::gate_closed);
  REQUIRE(f.records().size() == 3);
  f.crash();
  REQUIRE(fs::exists(f.segment_path(0)));
  REQUIRE_FALSE(fs::exists(f.segment_path(65536)));
  f.open();
  REQUIRE(f.log->mark(Mark::visible) == end);
  REQUIRE(f.put_ok("next") == end);
  REQUIRE(f.records().size() == 4);
}

TEST_CASE("a torn tail is cut and the space behind it zeroed before anything is appended") {
  const int variant = GENERATE(0, 1, 2, 3, 4);
  CAPTURE(variant);
  Fixture f;
  f.open();
  f.put_ok("kept");
  const LogOffset cut = f.put_ok(std::string(5000, 'x'));
  f.put_ok("whole, but behind the damage");
  f.crash();
  const int64_t at = cut.value;
  if (variant == 0) f.damage(0, at + 60, std::string(5000, '\0'));       // zeroed in the middle
  if (variant == 1) f.damage(0, at + 8, std::string(60000 - at, '\0'));  // only its first bytes
  if (variant == 2) f.damage(0, at + 1000, "y");                         // a flipped byte
  if (variant == 3) f.damage(0, at + 28, std::string("\0\0\0\0\0\1\0\0", 8));  // another place
  if (variant == 4) f.damage(0, at, std::string("\x7f\xff\xff\xff", 4));       // an absurd length
  f.open();
  REQUIRE(f.log->mark(Mark::appended) == cut);
  REQUIRE(f.records().size() == 1);
  REQUIRE(zero_from(f.segment_bytes(0), at));
  REQUIRE(f.put_ok("new") == cut);
  REQUIRE(f.records().back().body == "new");
  f.reopen();
  REQUIRE(f.records().size() == 2);
}

TEST_CASE("segments behind a torn tail are removed, with records in them or not") {
  Fixture f;
  f.open();
  f.put_ok(std::string(30000, 'a'));
  const LogOffset cut = f.put_ok(std::string(30000, 'b'));
  f.put_ok(std::string(30000, 'c'));
  REQUIRE(f.result.log_begin == LogOffset(65536));
  f.crash();
  f.damage(0, cut.value + 500, "?");
  f.open();
  REQUIRE(f.records().size() == 1);
  f.put_ok(std::string(30000, 'd'));
  REQUIRE(f.put_ok(std::string(30000, 'e')) == LogOffset(65536));
  f.reopen();
  REQUIRE(f.records().size() == 3);
}

TEST_CASE("a crash right after a blank record, before the next segment's record arrived") {
  Fixture f;
  f.open();
  f.put_ok(std::string(60000, 'a'));
  const LogOffset end = f.result.log_end;
  f.put_ok(std::string(60000, 'b'));
  f.crash();
  f.damage(65536, 0, std::string(200, '\0'));
  f.open();
  REQUIRE(f.log->mark(Mark::appended) == end);
  REQUIRE(f.put_ok("small") == end);
  f.reopen();
  REQUIRE(f.records().size() == 2);
}

TEST_CASE("damage below the durable mark is an error that names its place") {
  Fixture f;
  f.open();
  f.put_ok("one");
  const LogOffset second = f.put_ok("two");
  f.put_ok("three");
  f.reopen();  // now durable up to the end
  const LogOffset torn = f.put_ok("four");
  f.crash();
  f.damage(0, second.value + 20, std::string(100, '\0'));
  f.damage(0, torn.value + 90, "?");
  const std::string text = failure_of(f);
  REQUIRE_THAT(text, Catch::Contains("log offset " + std::to_string(second.value)));
  REQUIRE_THAT(text, Catch::Contains("00000000000000000000"));
  forget_checkpoint(f);
  f.open();
  REQUIRE(f.records().size() == 1);
}

TEST_CASE("a checkpoint spares the scan of what it covers, its absence does not") {
  Fixture f;
  f.open();
  for (int i = 0; i < 5; i++) f.put_ok(std::string(30000, 'a'));
  f.reopen();
  f.put_ok("behind it");
  f.crash();
  f.damage(0, 1000, "?");  // nobody looks there any more
  f.damage(131072, 1000, "?");
  f.open();
  REQUIRE(f.records_from(LogOffset(131072 + 30092)).size() == 1);
  REQUIRE(f.log->mark(Mark::appended) > LogOffset(131072));
  forget_checkpoint(f);
  REQUIRE_THAT(failure_of(f), Catch::Contains("damaged record at log offset 0"));
}

TEST_CASE("without a checkpoint, damage with whole files behind it is left to a person") {
  Fixture f;
  f.open();
  for (int i = 0; i < 3; i++) f.put_ok(std::string(30000, 'a'));
  f.crash();
  forget_checkpoint(f);
  f.damage(0, 1000, "?");
  const std::string text = failure_of(f);
  REQUIRE_THAT(text, Catch::Contains("and the files behind it hold records"));
  fs::rename(f.segment_path(65536), f.folder.path() / "aside");
  f.open();
  REQUIRE(f.records().empty());
}

TEST_CASE("zeros inside the properties end the log, unless another broker may have written them") {
  Fixture f;
  f.open();
  RecordDraft draft = draft_of("T", 0, "x");
  draft.property_text = std::string_view("KEYS\1abcdef\2");
  Put put;
  put.records = {&draft, 1};
  REQUIRE_FALSE(f.log->append(put, f.result));
  f.crash();
  f.damage(0, f.result.log_end.value - 5, std::string(3, '\0'));
  SECTION("written here") {
    f.open();
    CHECK(f.records().empty());
  }
  SECTION("nothing says by whom") {
    forget_checkpoint(f);
    f.open();
    CHECK(f.records().size() == 1);
  }
}

TEST_CASE("a damaged checkpoint means a full scan, not a wrong end") {
  Fixture f;
  f.open();
  f.put_ok("one");
  f.crash();
  std::ofstream(f.folder.path() / "gantry" / "recovery") << "junk that is long enough to be one";
  f.open();
  REQUIRE(f.records().size() == 1);
}

TEST_CASE("records behind a clean mark are found: another broker may have run here since") {
  Fixture f;
  f.open();
  f.put_ok("one");
  REQUIRE(f.log->stop().has_value());
  f.crash();
  const fs::path recovery = f.folder.path() / "gantry" / "recovery";
  const fs::path kept = f.folder.path() / "kept";
  fs::copy(recovery, kept);
  f.open();
  f.put_ok("two");
  f.crash();
  fs::rename(kept, recovery);
  f.open();
  REQUIRE(f.records().size() == 2);
}

TEST_CASE("files that went missing are an error, not a shorter log") {
  Fixture f;
  f.open();
  for (int i = 0; i < 3; i++) f.put_ok(std::string(60000, 'a'));
  REQUIRE(f.log->stop().has_value());
  f.crash();
  SECTION("the last one") {
    fs::remove(f.segment_path(131072));
    REQUIRE_THAT(failure_of(f), Catch::Contains("files end at 131072"));
  }
  SECTION("one between") {
    fs::remove(f.segment_path(65536));
    REQUIRE_THAT(failure_of(f), Catch::Contains("does not follow"));
  }
}

TEST_CASE("a file of another size or name is refused with its name and sizes") {
  Fixture f;
  f.open();
  f.put_ok("one");
  f.crash();
  SECTION("size") {
    fs::resize_file(f.segment_path(0), 1000);
    std::ofstream(f.segment_path(65536)) << "x";
    const std::string text = failure_of(f);
    REQUIRE_THAT(text, Catch::Contains(f.segment_path(0).string()));
    REQUIRE_THAT(text, Catch::Contains("1000 bytes") && Catch::Contains("65536"));
  }
  SECTION("name") {
    std::ofstream(f.folder.path() / "commitlog" / "notes.txt") << "x";
    REQUIRE_THAT(failure_of(f), Catch::Contains("notes.txt"));
  }
  SECTION("a name whose file would end beyond every offset") {
    fs::rename(f.segment_path(0), f.segment_path(9223372036854710272));
    REQUIRE_THAT(failure_of(f),
                 Catch::Contains("09223372036854710272") &&
                     Catch::Contains("a 20-digit offset up to 4611686018427387904"));
  }
}

TEST_CASE("an empty last file is removed: a crash while it was made") {
  Fixture f;
  f.open();
  f.put_ok("one");
  REQUIRE(f.log->stop().has_value());
  f.crash();
  { std::ofstream file(f.segment_path(65536)); }
  f.open();
  REQUIRE(f.records().size() == 1);
}

TEST_CASE("a log that begins later keeps its first offset") {
  Fixture f;
  f.open();
  for (int i = 0; i < 3; i++) f.put_ok(std::string(60000, static_cast<char>('a' + i)));
  f.crash();
  fs::remove(f.segment_path(0));
  f.open();
  REQUIRE(f.log->begin() == LogOffset(65536));
  REQUIRE(f.records().front().body[0] == 'b');
  Slice slice;
  REQUIRE(f.log->read(LogOffset(0), 10, true, slice) == Errc::gone);
}

TEST_CASE("a second node on the same folder is refused with the folder's name") {
  Fixture f;
  f.open();
  auto second = f.try_open();
  REQUIRE_FALSE(second.has_value());
  REQUIRE_THAT(second.error().text, Catch::Contains(f.folder.path().string()));
  f.crash();
  f.open();
}

TEST_CASE("options out of bounds are refused with name and value") {
  Fixture f;
  const auto refused = [&](const char* text) {
    auto opened = f.try_open();
    REQUIRE_FALSE(opened.has_value());
    REQUIRE_THAT(opened.error().text, Catch::Contains(text));
  };
  f.options.segment_bytes = 65535;
  refused("segment_bytes: 65535");
  f.options.segment_bytes = 65536 + 100;
  refused("segment_bytes: 65636");
  f.options.segment_bytes = 65536;
  f.options.flush_interval_ms = 0;
  refused("flush_interval_ms: 0");
}

TEST_CASE("a place that can't be read is an error with file and offset, never the log's end") {
  Fixture f;
  Disk disk;
  f.options.file_system = &disk;
  f.open();
  for (int i = 0; i < 200; i++) f.put_ok(std::string(1000, 'x') + std::to_string(i));
  const auto before = f.records();
  for (const int64_t place : {0, 1000, 30000, 60000}) {
    CAPTURE(place);
    f.crash();
    forget_checkpoint(f);  // all is scanned
    disk.unreadable = place;
    const std::string text = failure_of(f);
    REQUIRE_THAT(text, Catch::Contains("commitlog/00000000000000000000: cannot read"));
    disk.unreadable = -1;
    f.open();
    REQUIRE(f.records().size() == before.size());
  }
}

TEST_CASE("a place behind the log's end that can't be read hurts no start") {
  Fixture f;
  Disk disk;
  f.options.file_system = &disk;
  f.open();
  f.put_ok("one");
  f.crash();
  disk.unreadable = 60000;
  f.open();
  REQUIRE(f.records().size() == 1);
}

TEST_CASE("a checkpoint that can't be read refuses the start: what was durable isn't known") {
  Fixture f;
  Disk disk;
  f.options.file_system = &disk;
  f.open();
  for (int i = 0; i < 3; i++) f.put_ok("x");
  disk.unreadable = 20;
  REQUIRE_THAT(failure_of(f), Catch::Contains("gantry/recovery: cannot read 28 bytes at 0"));
  disk.unreadable = -1;
  f.open();
  REQUIRE(f.records().size() == 3);
}
