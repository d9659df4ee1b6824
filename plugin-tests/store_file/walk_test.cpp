// A start without the table of bounds: the queues are learnt from their files.
#include "fixture.hpp"

namespace gantry::testing {
namespace {

void overwrite(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

// A log with 25 records of T and 5 of U, all persisted, and a stopped index.
struct Stopped {
  Stopped() : index({{"consume_queue_file_bytes", 200}}, 0) {
    for (int i = 0; i < 25; ++i) index.log().append_visible({.topic = "T"});
    for (int i = 0; i < 5; ++i) end = index.log().append_visible({.topic = "U"}).log_end;
    index.host().run_until_idle();
    REQUIRE(index.persist(end) == end);
    index.stop();
  }
  void check_all() {
    CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{0, 25});
    CHECK(index.bounds("U") == std::pair<int64_t, int64_t>{0, 5});
    CHECK(index.all("T").size() == 25);
    CHECK(index.all("U").size() == 5);
  }
  Index index;
  int64_t end = 0;
};

TEST_CASE("a lost or damaged table of bounds is made again from the queue files") {
  Stopped stopped;
  Index& index = stopped.index;
  SECTION("lost") {
    fs::remove(index.bounds_file());
  }
  SECTION("empty") {
    overwrite(index.bounds_file(), "");
  }
  SECTION("a byte differs") {
    std::string bytes = bytes_of(index.bounds_file());
    bytes[60] ^= 1;
    overwrite(index.bounds_file(), bytes);
  }
  index.start();
  CHECK(index.host().logged("the queue files are read from end to begin"));
  CHECK_FALSE(index.host().logged("rebuilt from the log"));
  CHECK(index.position() == stopped.end);
  stopped.check_all();
}

TEST_CASE("a change torn off the table's end doesn't count: the replay brings it again") {
  Stopped stopped;
  Index& index = stopped.index;
  index.start();
  const auto whole = [&] {
    const int64_t to = index.log().append_visible({.topic = "T"}).log_end;
    index.host().run_until_idle();
    REQUIRE(index.persist(to) == to);
  };
  whole();  // the first persist of a start stores a whole table
  const std::string before = bytes_of(index.bounds_file());
  whole();
  const std::string after = bytes_of(index.bounds_file());
  REQUIRE(after.size() > before.size());
  index.kill();
  const size_t torn = GENERATE(0, 1, 40, 60);
  overwrite(index.bounds_file(), after.substr(0, before.size() + torn));
  index.start();
  CHECK_FALSE(index.host().logged("rebuilt"));
  CHECK(index.bounds("T")->second == 27);
  CHECK(index.all("T").size() == 27);
  CHECK(index.position() < index.log().end());
}

TEST_CASE("files that can't be what the position tells of are made again from the log") {
  Stopped stopped;
  Index& index = stopped.index;
  fs::remove(index.bounds_file());
  SECTION("units are zero") {
    overwrite(index.queue("T/0/00000000000000000400"), std::string(200, '\0'));
  }
  SECTION("units are zero where the queue begins") {
    overwrite(index.queue("T/0/00000000000000000000"), std::string(200, '\0'));
  }
  SECTION("a file in the middle is lost") {
    fs::remove(index.queue("T/0/00000000000000000200"));
  }
  SECTION("a queue is lost") {
    fs::remove_all(index.queue("U"));
  }
  SECTION("a file of a hostile size") {
    fs::resize_file(index.queue("U/0/00000000000000000000"), 201);
  }
  SECTION("a file that begins beyond every offset") {
    overwrite(index.queue("U/0/09223372036854775800"), std::string(200, '\1'));
  }
  SECTION("the position is damaged") {
    overwrite(index.position_file(), "gantry.store_file.position 2\nlog_offset -5\n");
  }
  index.start();
  CHECK(index.host().logged("rebuilt from the log"));
  stopped.check_all();
}

TEST_CASE("units beyond the place that is walked to are erased from the files") {
  Stopped stopped;
  Index& index = stopped.index;
  const auto promised = index.promises();
  index.start();
  int64_t to = 0;
  for (int i = 0; i < 20; ++i) to = index.log().append_visible({.topic = "U"}).log_end;
  index.host().run_until_idle();
  REQUIRE(index.persist(to) == to);
  index.kill();
  Index::put_back(promised);
  fs::remove(index.bounds_file());
  index.log().truncate(stopped.end);
  index.start();
  CHECK_FALSE(index.host().logged("rebuilt"));
  stopped.check_all();
  CHECK(bytes_of(index.queue("U/0/00000000000000000000")).substr(100) == std::string(100, '\0'));
  CHECK_FALSE(fs::exists(index.queue("U/0/00000000000000000200")));
}

TEST_CASE("a walk takes its minimums from where the log begins") {
  Stopped stopped;
  Index& index = stopped.index;
  fs::remove(index.bounds_file());
  const auto records = index.log().records(0, stopped.end);
  index.log().trim(records.at(13).log_offset);
  index.start();
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{13, 25});
  CHECK_FALSE(fs::exists(index.queue("T/0/00000000000000000000")));
}

TEST_CASE("a position that lies before the log's begin is of no use") {
  Stopped stopped;
  Index& index = stopped.index;
  fs::remove(index.bounds_file());
  index.start();
  for (int i = 0; i < 3; ++i) index.log().append_visible({.topic = "T"});
  index.host().run_until_idle();
  index.kill();
  fs::remove(index.bounds_file());
  index.log().trim(index.log().records(0, index.log().end()).at(31).log_offset);
  index.start();
  CHECK(index.host().logged("lies before the log"));
  CHECK(index.bounds("T") == std::pair<int64_t, int64_t>{26, 28});
}

}  // namespace
}  // namespace gantry::testing
