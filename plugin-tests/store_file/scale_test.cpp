// Many queues: the process keeps few maps and open files whatever is read. The large run is hidden,
// for its millions of files and folders: store_file_plugin_test "[scale]"
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "fixture.hpp"

namespace gantry::testing {
namespace {

// What the process holds now.
struct Held {
  size_t maps = 0;
  size_t files = 0;
  size_t resident_mb = 0;
};

size_t lines_of(const char* path) {
  std::ifstream in(path);
  return static_cast<size_t>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
}

Held held() {
  Held out;
  out.maps = lines_of("/proc/self/maps");
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++out.files;
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  out.resident_mb = pages * 4096 >> 20;
  return out;
}

struct Scale {
  int topics;
  int64_t open_files_max;
  int64_t maps_max;
  int reads;
};

constexpr int ids = 8;
constexpr int topics_at_once = 1000;

std::string topic_name(int topic) {
  return "a_topic_of_some_length_" + std::to_string(topic);
}

class ManyQueues {
 public:
  explicit ManyQueues(const Scale& scale)
      : scale_(scale),
        before_(held()),
        index_({{"recent_units", 0},
                {"open_files_max", scale.open_files_max},
                {"maps_max", scale.maps_max}}) {}

  // One record for each queue, persisted now and then.
  void create() {
    for (int first = 0; first < scale_.topics; first += topics_at_once) {
      const int end = std::min(first + topics_at_once, scale_.topics);
      std::vector<Record> records;
      for (int queue = first * ids; queue < end * ids; ++queue) {
        records.push_back({.topic = topic_name(queue / ids),
                           .queue_id = queue % ids,
                           .log_offset = place_of(queue)});
      }
      REQUIRE(index_.feed(records).consumed == records.size());
      REQUIRE(index_.persist(Index::far) == place_of(end * ids));
      peak();
    }
  }

  void restart() {
    index_.restart();
    peak();
    REQUIRE(index_.position() == place_of(scale_.topics * ids));
    CHECK_FALSE(index_.host().logged("rebuilt"));
  }

  // Of queues all over the table.
  void read() {
    const int64_t queues = int64_t{scale_.topics} * ids;
    for (int64_t i = 0; i < scale_.reads; ++i) {
      const int queue = static_cast<int>(i * 7919 % queues);
      const Read read = index_.read(topic_name(queue / ids), 0, 2, true, queue % ids);
      REQUIRE(read.units.size() == 1);
      REQUIRE(read.units[0].log_offset == place_of(queue));
    }
    peak();
  }

  // More than before: beside the index's own, a few of the host and of a persist are there.
  size_t maps() const { return most_.maps - before_.maps; }
  size_t files() const { return most_.files - before_.files; }
  size_t resident_mb() const { return most_.resident_mb; }

 private:
  static int64_t place_of(int queue) { return int64_t{queue} * 100; }

  void peak() {
    const Held now = held();
    most_.maps = std::max(most_.maps, now.maps);
    most_.files = std::max(most_.files, now.files);
    most_.resident_mb = std::max(most_.resident_mb, now.resident_mb);
  }

  const Scale scale_;
  const Held before_;
  Held most_ = before_;
  Index index_;
};

// The temporary folder is in memory meanwhile, where there is such a one: tens of thousands of files
// take a disk many seconds.
class InMemory {
 public:
  InMemory() {
    if (const char* before = std::getenv(name)) before_ = before;
    if (::access("/dev/shm", W_OK | X_OK) == 0) ::setenv(name, "/dev/shm", 1);
  }
  InMemory(const InMemory&) = delete;
  InMemory& operator=(const InMemory&) = delete;
  ~InMemory() {
    if (before_) {
      ::setenv(name, before_->c_str(), 1);
    } else {
      ::unsetenv(name);
    }
  }

 private:
  static constexpr const char* name = "TMPDIR";
  std::optional<std::string> before_;
};

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST_CASE("2000 topics of 8 queues are read through the maps and files that settings allow") {
  const InMemory in_memory;
  ManyQueues many({.topics = 2000, .open_files_max = 100, .maps_max = 300, .reads = 3000});
  many.create();
  many.restart();
  many.read();
  CHECK(many.maps() > 200);  // they were used
  CHECK(many.maps() <= 300 + 100);
  CHECK(many.files() <= 100 + 100);
}

TEST_CASE("100000 topics of 8 queues need no more maps and files", "[.][scale]") {
  ManyQueues many({.topics = 100'000, .open_files_max = 1024, .maps_max = 4096, .reads = 20'000});
  std::cout << "created in " << seconds_of([&] { many.create(); }) << " s, " << std::flush;
  std::cout << "known again in " << seconds_of([&] { many.restart(); }) << " s, " << std::flush;
  std::cout << "20,000 queues read in " << seconds_of([&] { many.read(); }) << " s; "
            << many.resident_mb() << " MB resident, " << many.maps() << " maps, " << many.files()
            << " open files\n";
  CHECK(many.maps() <= 4096 + 200);
  CHECK(many.files() <= 1024 + 200);
}

}  // namespace
}  // namespace gantry::testing
