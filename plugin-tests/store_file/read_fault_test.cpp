// Reads fail once: who asked is told, with file and place, and nothing is taken for less than it
// is.
#include "fault_rig.hpp"

namespace gantry::testing {
namespace {

// Starts the instance; says why it didn't.
std::string start_error(Index& index) {
  try {
    index.start();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

// A start whose n-th read fails, and one more if it failed; false when it has fewer reads.
bool start_fails_at(FaultyDisk& faulty, Index& index, int64_t read) {
  INFO("read " << read);
  faulty.fail_read(read);
  const std::string error = start_error(index);
  faulty.fail_read(0);
  REQUIRE(faulty.failed() == !error.empty());
  if (error.empty()) return false;
  CHECK_THAT(error, Catch::Contains("read ") && Catch::Contains(" bytes at ") &&
                        Catch::Contains(index.root().string()));
  index.start();
  return true;
}

TEST_CASE("any read of a start fails: it is refused with file and place, the next finds all") {
  int64_t read = 1;
  for (bool failed = true; failed; ++read) {
    Rig rig;
    for (int64_t round = 0; round < 3; ++round) rig.feed(round);
    rig.index.persist(2100);
    rig.index.kill();
    failed = start_fails_at(rig.faulty, rig.index, read);
    CHECK_FALSE(rig.index.host().logged("rebuilt"));
    CHECK(rig.index.position() == 2100);
    rig.check(3);
  }
  CHECK(read > 3);
}

TEST_CASE("any read of a walk through the queue files fails: the next start walks to the same") {
  int64_t read = 1;
  for (bool failed = true; failed; ++read) {
    FaultyDisk faulty;
    disk = &faulty;
    Index index(small_files, 0, plugin_on_faulty_disk());
    int64_t end = 0;
    for (int i = 0; i < 25; ++i) end = index.log().append_visible({.topic = "T"}).log_end;
    index.host().run_until_idle();
    REQUIRE(index.persist(end) == end);
    index.stop();
    fs::remove(index.bounds_file());
    failed = start_fails_at(faulty, index, read);
    CHECK_FALSE(index.host().logged("rebuilt"));
    CHECK(index.position() == end);
    CHECK(index.all("T").size() == 25);
  }
  CHECK(read > 10);
}

TEST_CASE("a read of units that fails is an error with file and place, and no answer") {
  Rig rig;
  for (int64_t round = 0; round < 3; ++round) rig.feed(round);
  rig.index.persist(2100);
  for (const char* topic : {"T", "B"}) {
    rig.faulty.fail_read(1);
    gantry_index_entry entries[8];
    uint32_t count = 99;
    gantry_status status = GANTRY_OK;
    std::string error;
    rig.index.host().on_worker([&](const gantry_call& call) {
      status = rig.index.index().read(rig.index.self(), &call, sdk::str(topic), 0, 1, 3, entries, 8,
                                      &count);
      error = call.error->text;
    });
    CHECK(status == GANTRY_FAULT);
    CHECK(count == 0);
    CHECK_THAT(error, Catch::Contains("/0/00000000000000000000: Input/output error") &&
                          Catch::Contains(" bytes at "));
    CHECK(rig.index.read(topic, 3, 1, true).units.size() == 1);
  }
}

TEST_CASE("a trim whose read fails in one queue raises the others, and that one the next time") {
  Rig rig;
  for (int64_t round = 0; round < 3; ++round) rig.feed(round);
  rig.index.persist(2100);
  rig.faulty.fail_read(1);
  rig.index.trimmed(1400);
  REQUIRE(rig.faulty.failed());
  const auto minimums = [&] {
    return std::pair{rig.index.bounds("T")->first, rig.index.bounds("B")->first};
  };
  CHECK(minimums() != std::pair<int64_t, int64_t>{0, 0});
  rig.index.trimmed(1400);
  CHECK(minimums() == std::pair<int64_t, int64_t>{10, 8});
}

TEST_CASE("a file that ends where it should not is an error of its reader, not fewer bytes") {
  Rig rig;
  const fs::path path = rig.index.root() / "short";
  std::ofstream(path) << "0123456789";
  const auto file = rig.faulty.open(path, store_file::Open::read);
  std::array<uint8_t, 8> bytes{};
  file->read_all(bytes, 2);
  CHECK(bytes[7] == '9');
  CHECK_THROWS_WITH(file->read_all(bytes, 5),
                    "read 8 bytes at 5 of " + path.string() + ": there are only 5");
}

}  // namespace
}  // namespace gantry::testing
