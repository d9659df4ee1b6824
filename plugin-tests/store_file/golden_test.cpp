// The records of a Java broker's CommitLog through the consumer, against the ConsumeQueue files
// that broker wrote.
#include <cstdlib>
#include <map>
#include <set>

#include "cpp/fake/record.hpp"
#include "fixture.hpp"
#include "support/golden.hpp"

namespace gantry::testing {
namespace {

constexpr uint32_t blank_magic = 0xCBD43194;

uint32_t word(const std::string& bytes, size_t at) {
  uint32_t out = 0;
  for (size_t i = 0; i < 4; ++i) out = out << 8 | static_cast<uint8_t>(bytes[at + i]);
  return out;
}

// The bytes themselves would make no readable failure.
bool same(const fs::path& ours, const fs::path& theirs) {
  return fs::exists(ours) && bytes_of(ours) == bytes_of(theirs);
}

struct Store {
  explicit Store(const fs::path& archive) {
    const std::string command =
        "tar -xzf '" + archive.string() + "' -C '" + folder.path.string() + "'";
    REQUIRE(std::system(command.c_str()) == 0);
  }
  // Every record, in log order; the views borrow from `files`.
  std::vector<gantry_message> records() {
    for (const auto& file : fs::directory_iterator(folder.path / "commitlog")) {
      files[file.path().filename().string()] = bytes_of(file.path());
    }
    std::vector<gantry_message> out;
    for (const auto& [name, bytes] : files) {
      for (size_t at = 0; at + 8 <= bytes.size() && word(bytes, at + 4) != blank_magic;) {
        const auto message =
            fake::decode({reinterpret_cast<const uint8_t*>(bytes.data()) + at, bytes.size() - at});
        if (!message) break;
        out.push_back(*message);
        at += message->record_size;
      }
    }
    return out;
  }
  std::set<std::string> queue_files() const {
    std::set<std::string> out;
    const fs::path root = folder.path / "consumequeue";
    for (const auto& file : fs::recursive_directory_iterator(root)) {
      if (file.is_regular_file()) out.insert(fs::relative(file.path(), root).string());
    }
    return out;
  }

  Folder folder;
  std::map<std::string, std::string> files;
};

// "name":value of one line; enough for the flat lines of queues.jsonl.
std::string field(const std::string& line, const std::string& name) {
  const size_t at = line.find("\"" + name + "\":") + name.size() + 3;
  const bool quoted = line[at] == '"';
  const size_t begin = at + quoted;
  return line.substr(begin, line.find_first_of(quoted ? "\"" : ",}", begin) - begin);
}

void compare(const char* archive_name, const char* queues_name) {
  const auto archive = golden(archive_name);
  const auto queues = golden(queues_name);
  if (!archive || !queues) return;
  Store java(*archive);
  const auto records = java.records();
  REQUIRE(records.size() >= 200);

  Index ours({{"consume_queue_file_bytes", 2000}});
  const int64_t end = records.back().log_offset + records.back().record_size;
  REQUIRE(ours.feed(records).consumed == records.size());
  REQUIRE(ours.persist(end) == end);

  const auto expected = java.queue_files();
  REQUIRE(expected.size() >= 7);
  size_t found = 0;
  for (const auto& file : fs::recursive_directory_iterator(ours.root() / "consumequeue")) {
    found += file.is_regular_file();
  }
  CHECK(found == expected.size());
  for (const std::string& name : expected) {
    INFO(name);
    CHECK(same(ours.queue(name), java.folder.path / "consumequeue" / name));
  }

  std::ifstream lines(*queues);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    const auto bounds = ours.bounds(field(line, "topic"), std::stoi(field(line, "queueId")));
    const std::pair wanted{std::stoll(field(line, "minOffset")),
                           std::stoll(field(line, "maxOffset"))};
    if (wanted.second == 0) {
      CHECK_FALSE(bounds.has_value());
    } else {
      REQUIRE(bounds.has_value());
      CHECK((bounds->first == wanted.first && bounds->second == wanted.second));
    }
  }
}

TEST_CASE("queue files equal the Java broker's byte for byte: single messages") {
  compare("store/plain/store.tar.gz", "store/plain/queues.jsonl");
}

TEST_CASE("queue files equal the Java broker's byte for byte: batches over several files") {
  compare("store/batch/store.tar.gz", "store/batch/queues.jsonl");
}

TEST_CASE("queue files equal the Java broker's byte for byte: IPv6 hosts") {
  const auto archive = golden("store/ipv6/store.tar.gz");
  if (!archive) return;
  Store java(*archive);
  const auto records = java.records();
  REQUIRE(!records.empty());
  Index ours({{"consume_queue_file_bytes", 2000}});
  REQUIRE(ours.feed(records).consumed == records.size());
  ours.persist(Index::far);
  for (const std::string& name : java.queue_files()) {
    INFO(name);
    CHECK(same(ours.queue(name), java.folder.path / "consumequeue" / name));
  }
}

TEST_CASE("files of inner batches and light queues equal the Java broker's byte for byte") {
  const auto archive = golden("store/extra/store.tar.gz");
  if (!archive) return;
  Store java(*archive);
  const auto records = java.records();
  REQUIRE(records.size() > 20);
  Index ours({{"consume_queue_file_bytes", 2000}, {"batch_queue_file_bytes", 4600}});
  REQUIRE(ours.feed(records).consumed == records.size());
  ours.persist(Index::far);
  for (const char* name : {"batchconsumequeue/TopicBatchCq/0/00000000000000000000",
                           "consumequeue/%LMQ%a/0/00000000000000000000",
                           "consumequeue/%LMQ%b/0/00000000000000000000"}) {
    INFO(name);
    CHECK(same(ours.root() / name, java.folder.path / name));
  }
  CHECK(ours.bounds("TopicBatchCq") == std::pair<int64_t, int64_t>{0, 25});
  CHECK(ours.bounds("%LMQ%a") == std::pair<int64_t, int64_t>{0, 3});
  CHECK(ours.bounds("%LMQ%b") == std::pair<int64_t, int64_t>{0, 6});
  CHECK_FALSE(fs::exists(ours.queue("TopicBatchCq")));
}

// Lines of queries.jsonl about a batch topic: LOWER as Java answers it; its UPPER between two
// batches is not to be copied.
TEST_CASE("inner batches are found by time as the Java broker finds them") {
  const auto archive = golden("store/extra/store.tar.gz");
  const auto queries = golden("store/extra/queries.jsonl");
  if (!archive || !queries) return;
  Store java(*archive);
  const auto records = java.records();
  Index ours({{"recent_units", 0}});
  REQUIRE(ours.feed(records).consumed == records.size());
  ours.persist(Index::far);
  size_t asked = 0;
  std::ifstream lines(*queries);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("offset-by-time") == line.npos || field(line, "topic") != "TopicBatchCq" ||
        field(line, "boundary") != "LOWER") {
      continue;
    }
    INFO(line);
    ++asked;
    CHECK(ours.at_time("TopicBatchCq", false, std::stoll(field(line, "timestamp"))) ==
          std::stoll(field(line, "offset")));
  }
  CHECK(asked >= 5);
}

TEST_CASE("a store written by the Java broker is indexed anew and reads the same") {
  const auto archive = golden("store/plain/store.tar.gz");
  if (!archive) return;
  Store java(*archive);
  const auto records = java.records();
  Index ours({{"consume_queue_file_bytes", 2000}});
  ours.stop();
  fs::remove_all(ours.root() / "consumequeue");
  fs::copy(java.folder.path / "consumequeue", ours.root() / "consumequeue",
           fs::copy_options::recursive);
  ours.start();
  CHECK(ours.position() == 0);
  REQUIRE(ours.feed(records).consumed == records.size());
  ours.persist(Index::far);
  for (const std::string& name : java.queue_files()) {
    INFO(name);
    CHECK(same(ours.queue(name), java.folder.path / "consumequeue" / name));
  }
}

}  // namespace
}  // namespace gantry::testing
