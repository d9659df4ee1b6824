// What broadcasting consumers remember by themselves, and what of it can be damaged.
#include "client/local_offsets.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "client/pull_consumer.hpp"
#include "client/push_consumer.hpp"
#include "mini_cluster.hpp"

namespace gantry::client::testing {
namespace {

namespace fs = std::filesystem;

const MessageQueue first{"orders", "a", 0};

// A folder of one's own, and a file of offsets in it.
struct Folder {
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  static void write(const std::string& to, const std::string& bytes) {
    std::ofstream(to, std::ios::trunc) << bytes;
  }
  static std::string read(const std::string& from) {
    std::ifstream file(from);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  // What a consumer that starts now knows of the first queue; -1: nothing.
  int64_t offset() const {
    LocalOffsets offsets(file);
    REQUIRE(offsets.load().has_value());
    return offsets.find(first).value_or(-1);
  }

  const fs::path path =
      fs::temp_directory_path() / ("gantry-offsets-" + std::to_string(getpid()) + "-of-tests");
  const std::string file = (path / "below" / "offsets.json").string();
  const std::string backup = file + ".bak";
};

void store(LocalOffsets& offsets, int64_t offset) {
  offsets.set(first, offset);
  const auto stored = offsets.store();
  INFO((stored ? std::string() : stored.error().text));
  REQUIRE(stored.has_value());
}

std::string refusal(const Folder& folder) {
  LocalOffsets offsets(folder.file);
  const auto loaded = offsets.load();
  return loaded ? "" : loaded.error().text;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("offsets are kept with what they were before, whichever of both a crash leaves") {
  const Folder folder;
  CHECK(folder.offset() == -1);
  LocalOffsets offsets(folder.file);
  REQUIRE(offsets.load().has_value());
  store(offsets, 3);
  CHECK_FALSE(fs::exists(folder.backup));
  CHECK(folder.offset() == 3);
  store(offsets, 5);
  store(offsets, 5);  // nothing new: the backup stays
  CHECK(folder.offset() == 5);
  fs::remove(folder.file);
  CHECK(folder.offset() == 3);
  CHECK_FALSE(fs::exists(folder.file + ".new"));
}

TEST_CASE("a damaged file of offsets is told and its backup read, which it never replaces") {
  const Folder folder;
  LocalOffsets offsets(folder.file);
  store(offsets, 3);
  store(offsets, 5);
  const std::string kept = Folder::read(folder.backup);
  const auto damage = GENERATE(as<std::string>(), "", "{\"offsetTable\":{", "[]");
  Folder::write(folder.file, damage);
  LocalOffsets again(folder.file);
  const auto loaded = again.load();
  REQUIRE(loaded.has_value());
  CHECK(has(*loaded, folder.file));
  CHECK(again.find(first) == 3);
  store(again, 4);
  CHECK(Folder::read(folder.backup) == kept);
  CHECK(folder.offset() == 4);
}

TEST_CASE("offsets that can't be read from the file or its backup are no first start") {
  const Folder folder;
  LocalOffsets offsets(folder.file);
  store(offsets, 3);
  Folder::write(folder.file, "{");
  CHECK(has(refusal(folder), folder.file + " is damaged: "));
  CHECK(has(refusal(folder), folder.backup + " isn't there: "));
  Folder::write(folder.backup, "");
  CHECK(has(refusal(folder), folder.backup + " is empty"));
  fs::remove(folder.file);
  CHECK(refusal(folder).starts_with(folder.backup + " is empty"));
  fs::remove(folder.backup);
  fs::create_directory(folder.file);
  CHECK(has(refusal(folder), folder.file + " can't be read: Is a directory"));
}

TEST_CASE("offsets that can't be written say so, and are written once they can") {
  const Folder folder;
  Folder::write((folder.path / "below").string(), "no folder");
  LocalOffsets offsets(folder.file);
  offsets.set(first, 3);
  const auto stored = offsets.store();
  REQUIRE_FALSE(stored.has_value());
  CHECK(has(stored.error().text, (folder.path / "below").string()));
  fs::remove(folder.path / "below");
  CHECK(offsets.store().has_value());
  CHECK(folder.offset() == 3);
}

TEST_CASE("a broadcasting consumer doesn't start over because its offsets can't be read") {
  const Folder folder;
  MiniCluster mini(1);
  for (const char* body : {"a", "b", "c"}) mini.put(0, body);
  LocalOffsets offsets(folder.file);
  store(offsets, 1);
  store(offsets, 2);
  std::vector<std::string> told;
  ConsumerOptions options;
  options.group = "billing";
  options.model = MessageModel::broadcasting;
  options.from = From::first;
  options.offsets_file = folder.file;
  options.on_trouble = [&](const Trouble& trouble) { told.push_back(text_of(trouble)); };
  Cluster cluster(mini.address());
  SECTION("both are damaged") {
    Folder::write(folder.file, "{");
    Folder::write(folder.backup, "{");
    PushConsumerOptions pushed;
    static_cast<ConsumerOptions&>(pushed) = options;
    PushConsumer push(cluster, pushed);
    push.on_messages([](auto) { return Consumed::done; });
    REQUIRE(push.subscribe("orders").has_value());
    CHECK(has(push.start().error().text, folder.file + " is damaged"));
    PullConsumer subscribed(cluster, options);
    CHECK(has(subscribed.subscribe("orders").error().text, folder.file + " is damaged"));
    PullConsumer assigned(cluster, options);
    CHECK(has(assigned.assign({first}).error().text, folder.file + " is damaged"));
    CHECK(mini.pulled(0).empty());
    CHECK(Folder::read(folder.file) == "{");
  }
  SECTION("the backup is whole") {
    Folder::write(folder.file, "{");
    {
      PullConsumer consumer(cluster, options);
      REQUIRE(consumer.assign({first}).has_value());
      CHECK(consumer.poll(milliseconds(30'000))->size() == 2);
    }
    CHECK(mini.pulled(0).front() == 1);
    REQUIRE(told.size() == 1);
    CHECK(has(told.front(), folder.file + " is damaged"));
  }
  SECTION("they can't be written any more") {
    {
      PullConsumer consumer(cluster, options);
      REQUIRE(consumer.assign({first}).has_value());
      CHECK(consumer.poll(milliseconds(30'000))->size() == 1);
      fs::remove_all(folder.path);
      Folder::write(folder.path.string(), "no folder");
      CHECK_FALSE(consumer.commit().has_value());
    }  // tries once more, and nobody asks how that went
    REQUIRE(told.size() == 1);
    CHECK(told.front().starts_with("group billing: offsets aren't committed: "));
  }
}

}  // namespace gantry::client::testing
