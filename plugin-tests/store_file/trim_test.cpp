// The log's begin: minimums, removed files, offsets by time, the files RocketMQ reads.
#include "fixture.hpp"

namespace gantry::testing {
namespace {

const fake::Settings small_files{{"consume_queue_file_bytes", 200},
                                 {"batch_queue_file_bytes", 460}};  // 10 units

TEST_CASE("trimmed raises minimums and removes files that lie wholly below") {
  Index index(small_files);
  index.feed_run(0, 0, 35);
  index.persist(Index::far);
  index.trimmed(1250);
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{13, 35});
  CHECK(index.read("T", 12, 1, true).status == GANTRY_GONE);
  CHECK(index.read("T", 13, 1, true).units.at(0).log_offset == 1300);
  CHECK_FALSE(fs::exists(index.queue("T/0/00000000000000000000")));
  CHECK(fs::exists(index.queue("T/0/00000000000000000200")));
  SECTION("and a restart knows") {
    index.restart();
  }
  SECTION("and so does a start after a kill") {
    index.kill();
    index.start();
  }
  CHECK(index.position() == 3500);
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{13, 35});
  CHECK(index.all("T").size() == 22);
}

TEST_CASE("a queue all of whose records are trimmed keeps its last file and goes on in it") {
  Index index(small_files);
  index.feed_run(0, 0, 35);
  index.persist(Index::far);
  index.trimmed(5000);
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{35, 35});
  CHECK(index.read("T", 35, 1, true).status == GANTRY_OK);
  CHECK(fs::exists(index.queue("T/0/00000000000000000600")));
  CHECK_FALSE(fs::exists(index.queue("T/0/00000000000000000400")));
  index.restart();
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{35, 35});
  index.feed_run(5000, 35, 2);
  index.persist(Index::far);
  index.restart();
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{35, 37});
  CHECK(index.all("T").size() == 2);
  index.trimmed(5100);
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{36, 37});
}

TEST_CASE("trimmed queues of inner batches begin with a whole batch") {
  Index index(small_files);
  std::vector<Record> records;
  for (int i = 0; i < 25; ++i) records.push_back(batch_record(i * 100, i * 5, 5));
  REQUIRE(index.feed(records).consumed == 25);
  index.persist(Index::far);
  index.trimmed(1150);
  CHECK(index.bounds("B") == std::pair<int64_t, int64_t>{60, 125});
  CHECK_FALSE(fs::exists(index.root() / "batchconsumequeue/B/0/00000000000000000000"));
  index.restart();
  CHECK(index.bounds("B") == std::pair<int64_t, int64_t>{60, 125});
  CHECK(index.read("B", 62, 1, true).units.at(0).log_offset == 1200);
}

TEST_CASE("who was left behind by a trim goes on where the log does") {
  Index index(small_files);
  index.feed_run(0, 0, 15);
  REQUIRE(index.feed(std::vector{batch_record(1500, 0, 5)}).consumed == 1);
  index.persist(500);
  const bool written = GENERATE(false, true);
  if (written) index.persist(1600);
  index.trimmed(9000);  // records up to there were never seen
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{15, 15});
  index.feed_run(9000, 43, 5);
  REQUIRE(index.feed(std::vector{batch_record(9500, 70, 5)}).consumed == 1);
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{43, 48});
  CHECK(index.bounds("B") == std::pair<int64_t, int64_t>{70, 75});
  CHECK(index.persist(9600) == 9600);
  CHECK(index.all("T").size() == 5);
  CHECK(index.read("B", 72, 1, true).units.at(0).log_offset == 9500);
  index.restart();
  CHECK(index.position() == 9600);
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{43, 48});
  CHECK(index.bounds("B") == std::pair<int64_t, int64_t>{70, 75});
  CHECK(index.all("T").at(4).log_offset == 9400);
  CHECK(index.read("B", 74, 1, true).units.at(0).log_offset == 9500);
  std::vector<std::string> files;
  for (const auto& file : fs::directory_iterator(index.queue("T/0"))) {
    files.push_back(file.path().filename());
  }
  CHECK(files == std::vector<std::string>{"00000000000000000800"});
}

struct Timed {
  explicit Timed(fake::Settings settings) : index(std::move(settings), 0) {
    for (const int64_t ms : {1000, 2000, 2000, 2000, 4000}) {
      ends.push_back(index.log().append_visible({.topic = "T"}, ms).log_end);
    }
    index.host().run_until_idle();
  }
  Index index;
  std::vector<int64_t> ends;
};

TEST_CASE("an offset by time: the first at or after it, or the last at or before it") {
  Timed timed({{"recent_units", 0}});
  Index& index = timed.index;
  const bool in_files = GENERATE(false, true);
  if (in_files) index.persist(timed.ends.back());
  const auto lower = [&](int64_t ms) { return index.at_time("T", false, ms); };
  const auto upper = [&](int64_t ms) { return index.at_time("T", true, ms); };
  CHECK((lower(0) == 0 && lower(1000) == 0 && lower(1001) == 1 && lower(2000) == 1));
  CHECK((lower(2001) == 4 && lower(4000) == 4 && lower(4001) == 5));
  CHECK((upper(0) == 0 && upper(1000) == 0 && upper(1999) == 0 && upper(2000) == 3));
  CHECK((upper(3999) == 3 && upper(4000) == 4 && upper(9000) == 4));
}

TEST_CASE("records the log no longer holds are passed over in a search by time") {
  Timed timed({});
  timed.index.log().trim(timed.ends[1]);
  CHECK(timed.index.at_time("T", false, 0) == 2);
  CHECK(timed.index.at_time("T", true, 2000) == 3);
}

int64_t number_at(const std::string& bytes, size_t at) {
  uint64_t out = 0;
  for (size_t i = 0; i < 8; ++i) out = out << 8 | static_cast<uint8_t>(bytes.at(at + i));
  return static_cast<int64_t>(out);
}

TEST_CASE("checkpoint tells what is indexed and durable, never more") {
  Timed timed({});
  Index& index = timed.index;
  index.persist(timed.ends[0]);
  const std::string first = bytes_of(index.root() / "checkpoint");
  index.persist(timed.ends[4]);
  const std::string last = bytes_of(index.root() / "checkpoint");
  REQUIRE(last.size() == 4096);
  // Both times are those of records below the place, to within a second of the last of them.
  if (!first.empty()) CHECK(number_at(first, 8) <= 1000);
  for (const size_t at : {0, 8}) CHECK(number_at(last, at) == 4000);
  CHECK(number_at(last, 16) == 0);  // no full key index file
  for (const size_t at : {32, 40}) CHECK(number_at(last, at) == timed.ends[4]);
  CHECK(number_at(last, 24) == 0);
  CHECK(last.substr(48) == std::string(4048, '\0'));
}

TEST_CASE("checkpoint tells of keys no further than full key index files reach") {
  Index index({{"key_index", true}, {"index_slots", 10}, {"index_entries", 3}}, 0);
  int64_t end = 0;
  for (const int64_t ms : {1000, 2000, 4000}) {
    end = index.log().append_visible({.topic = "T", .properties = "KEYS\1k\2"}, ms).log_end;
  }
  index.host().run_until_idle();
  index.persist(end);
  const std::string checkpoint = bytes_of(index.root() / "checkpoint");
  CHECK(number_at(checkpoint, 0) == 4000);
  CHECK(number_at(checkpoint, 16) == 2000);  // two entries fill a file
}

TEST_CASE("abort is there while it runs, and goes only when all of the log is persisted") {
  Timed timed({});
  Index& index = timed.index;
  const fs::path abort = index.root() / "abort";
  CHECK(bytes_of(abort) == std::to_string(::getpid()));
  SECTION("nothing persisted") {
    index.kill();
    CHECK(fs::exists(abort));
  }
  SECTION("all persisted") {
    index.persist(timed.ends.back());
    index.stop();
    CHECK_FALSE(fs::exists(abort));
    index.start();
    CHECK(fs::exists(abort));
  }
}

}  // namespace
}  // namespace gantry::testing
