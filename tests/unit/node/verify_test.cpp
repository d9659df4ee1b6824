#include <sys/wait.h>

#include <cstdlib>

#include "support/golden.hpp"
#include "verified.hpp"

using namespace gantry;
using namespace gantry::testing;
using node::Verdict;

namespace {

constexpr int many = 150;  // of about 1,100 bytes: three files
const LogOffset second_file(segment_bytes_min);

struct ManyRecords : StoppedLog {
  ManyRecords() {
    open();
    put_dense(many);
  }
};

}  // namespace

TEST_CASE("a stopped node's log is clean, and not a byte or time of its folder changes") {
  ManyRecords log;
  log.stop();
  const auto before = contents(log.folder.path());
  const Verified out = log.verify_log();
  INFO(out.text());
  CHECK(out.verdict == Verdict::clean);
  CHECK(out.says("log       0 to " + std::to_string(log.end.value) + ": 3 files of 65536 bytes"));
  CHECK(out.says("records   150, "));
  CHECK(out.says("in 1 queues"));
  CHECK(out.says("findings  0"));
  CHECK_FALSE(out.says("torn tail"));
  CHECK(contents(log.folder.path()) == before);
}

TEST_CASE("a killed node's log is clean: what is behind its last record is no finding") {
  ManyRecords log;
  log.crash();
  CHECK(log.verify_log().verdict == Verdict::clean);
}

TEST_CASE("a flipped body byte is found with its offset, and the walk goes on behind it") {
  ManyRecords log;
  log.stop();
  log.overwrite(log.places[70] + 200, "X");
  const Verified out = log.verify_log();
  INFO(out.text());
  CHECK(out.verdict == Verdict::findings);
  CHECK(out.says(fmt::format("the record at log offset {} is damaged", log.places[70].value)));
  CHECK(out.says("records   149, "));
  CHECK(out.says("has number 71, expected 70: some are missing"));
  CHECK(out.says("findings  2"));
}

TEST_CASE("bytes that are no record are passed, up to the next one") {
  ManyRecords log;
  log.stop();
  log.overwrite(log.places[20], std::string(16, 'X'));
  const Verified out = log.verify_log();
  INFO(out.text());
  CHECK(out.verdict == Verdict::findings);
  CHECK(out.says(fmt::format("{} bytes at log offset {} are no record",
                             log.places[21] - log.places[20], log.places[20].value)));
  CHECK(out.says(fmt::format("the next one is at {}", log.places[21].value)));
  CHECK(out.says("records   149, "));
}

TEST_CASE("an old record in another place is no record of the log") {
  ManyRecords log;
  log.stop();
  std::ifstream stream(log.file(LogOffset(0)), std::ios::binary);
  std::string record(static_cast<size_t>(log.places[1].value), '\0');
  stream.read(record.data(), static_cast<std::streamsize>(record.size()));
  log.overwrite(log.places[5], record);
  const Verified out = log.verify_log();
  INFO(out.text());
  CHECK(out.verdict == Verdict::findings);
  CHECK(out.says("it belongs at 0"));
}

TEST_CASE("above what was durable broken bytes are the torn tail and no damage") {
  ManyRecords log;
  log.crash();  // gantry/recovery says 0
  log.overwrite(log.places[100] + 4, "XXXX");
  const Verified torn = log.verify_log();
  INFO(torn.text());
  CHECK(torn.verdict == Verdict::clean);
  CHECK(torn.says(fmt::format("log       0 to {}", log.places[100].value)));
  CHECK(torn.says(fmt::format("torn tail {} bytes", log.end - log.places[100])));
  CHECK(torn.says("records   100, "));
}

TEST_CASE("when nothing says what was durable, a file behind that begins with a record decides") {
  ManyRecords log;
  log.stop();
  fs::remove(log.folder.path() / "gantry" / "recovery");
  log.overwrite(log.places[10] + 4, "XXXX");
  CHECK(log.verify_log().verdict == Verdict::findings);
  log.overwrite(second_file, std::string(8, '\0'));
  const Verified torn = log.verify_log();
  INFO(torn.text());
  CHECK(torn.verdict == Verdict::clean);
  CHECK(torn.says("records   10, "));
}

TEST_CASE("a blank record that doesn't reach the file's end is found") {
  ManyRecords log;
  log.stop();
  const auto behind = std::ranges::find_if(log.places, [](auto at) { return at >= second_file; });
  const LogOffset last = *(behind - 1);
  const LogOffset blank = last + (log.places[1] - log.places[0]);
  log.overwrite(blank, std::string("\0\0\0\x09", 4));
  const Verified out = log.verify_log();
  INFO(out.text());
  CHECK(out.verdict == Verdict::findings);
  CHECK(out.says(fmt::format("the blank record at log offset {} says 9 bytes", blank.value)));
  CHECK(out.says("records   150, "));
}

TEST_CASE("a log whose oldest files are gone is clean") {
  ManyRecords log;
  log.stop();
  fs::remove(log.file(LogOffset(0)));
  const Verified out = log.verify_log();
  INFO(out.text());
  CHECK(out.verdict == Verdict::clean);
  CHECK(out.says("log       65536 to "));
}

TEST_CASE("a file that is missing, of another size or no log file is found") {
  ManyRecords log;
  log.stop();
  SECTION("missing in the middle") {
    fs::remove(log.file(second_file));
    CHECK(log.verify_log().says("does not follow"));
  }
  SECTION("missing at the end") {
    fs::remove(log.file(LogOffset(2 * second_file.value)));
    CHECK(log.verify_log().says("files are missing"));
  }
  SECTION("cut") {
    fs::resize_file(log.file(LogOffset(2 * second_file.value)), 60'000);
    CHECK(log.verify_log().says("60000 bytes, but the log's files have 65536"));
  }
  SECTION("of another name") {
    std::ofstream(log.folder.path() / "commitlog" / "notes.txt") << "x";
    CHECK(log.verify_log().says("not a log file"));
  }
  CHECK(log.verify_log().verdict == Verdict::findings);
}

TEST_CASE("a folder whose node runs is refused, and a stopped one's lock keeps nodes out") {
  ManyRecords log;
  const Verified out = log.verify_log();
  CHECK(out.verdict == Verdict::unchecked);
  CHECK(out.says("a node is running on this folder"));
  log.stop();
  CHECK(log.verify_log().verdict == Verdict::clean);
}

TEST_CASE("a folder without a log can't be checked") {
  TempFolder folder;
  const Verified none = run_verify({.folder = folder.path() / "no", .log_only = true});
  CHECK(none.verdict == Verdict::unchecked);
  CHECK(none.says("no such folder"));
  const Verified empty = run_verify({.folder = folder.path(), .log_only = true});
  CHECK(empty.verdict == Verdict::unchecked);
  CHECK(empty.says("commitlog"));
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("logs written by a Java broker are clean, killed and torn ones too") {
  const auto golden = testing::golden("store");
  if (!golden) return;
  for (const auto& entry : fs::directory_iterator(*golden)) {
    if (!fs::exists(entry.path() / "store.tar.gz")) continue;
    TempFolder folder;
    const std::string unpack = fmt::format(
        "tar -xzf '{}' -C '{}'", (entry.path() / "store.tar.gz").string(), folder.path().string());
    REQUIRE(std::system(unpack.c_str()) == 0);
    const Verified out = run_verify({.folder = folder.path(), .log_only = true});
    INFO(entry.path() << "\n" << out.text());
    CHECK(out.verdict == Verdict::clean);
    const bool torn = entry.path().filename().string().find("torn") != std::string::npos;
    CHECK(out.says("torn tail") == torn);
  }
}
