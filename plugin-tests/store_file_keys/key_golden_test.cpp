// The records of a Java broker's CommitLog through the key index, against the index files that
// broker wrote.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "cpp/fake/record.hpp"
#include "key_fixture.hpp"
#include "support/golden.hpp"

namespace gantry::testing {
namespace {

namespace fake = sdk::fake;
namespace fs = std::filesystem;

std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& file : fs::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    out[file.path().filename()] = {std::istreambuf_iterator<char>(in), {}};
  }
  return out;
}

struct JavaStore {
  explicit JavaStore(const fs::path& archive) {
    std::string name = fs::temp_directory_path() / "gantry-keys-XXXXXX";
    folder = ::mkdtemp(name.data());
    const std::string untar = "tar -xzf '" + archive.string() + "' -C '" + folder.string() + "'";
    REQUIRE(std::system(untar.c_str()) == 0);
    log = files_of(folder / "commitlog");
    index = files_of(folder / "index");
    fs::remove_all(folder);
  }
  // Calls visit(message) for every record, in log order.
  template <class Visit>
  size_t each(Visit&& visit) const {
    size_t records = 0;
    for (const auto& [name, bytes] : log) {
      for (size_t at = 0; at < bytes.size();) {
        const auto message =
            fake::decode({reinterpret_cast<const uint8_t*>(bytes.data()) + at, bytes.size() - at});
        if (!message) break;
        visit(*message);
        at += message->record_size;
        ++records;
      }
    }
    return records;
  }

  fs::path folder;
  std::map<std::string, std::string> log;
  std::map<std::string, std::string> index;
};

// What the index of a killed broker has of a file: it lacks the last records' entries.
void check_newest_of_killed(const std::string& ours, const std::string& theirs) {
  const KeyFileShape shape{.slots = 100, .entries = 400};
  std::array<uint8_t, key_header_bytes> head;
  std::copy_n(theirs.begin(), head.size(), head.begin());
  const KeyHeader header = decode_header(head);
  const auto begin = static_cast<size_t>(shape.entry_at(1));
  const auto size = static_cast<size_t>(shape.entry_at(header.count)) - begin;
  CHECK((ours.substr(begin, size) == theirs.substr(begin, size)));
}

}  // namespace

TEST_CASE("key index files equal the Java broker's byte for byte") {
  const std::string name = GENERATE("plain", "batch", "ipv6", "delay", "pop", "extra", "crash");
  CAPTURE(name);
  const auto archive = golden(("store/" + name + "/store.tar.gz").c_str());
  if (!archive) return;
  const JavaStore java(*archive);
  Keys keys;
  keys.open();
  size_t fed = 0;
  const size_t records = java.each([&](const gantry_message& message) {
    keys.index->add(message);
    if (++fed % 17 == 0) keys.index->save(message.log_offset);  // not this record yet
  });
  REQUIRE(records >= 25);
  keys.index->save(Keys::ever);
  keys.index->close();
  const auto ours = keys.files();
  REQUIRE(ours.size() == java.index.size());
  size_t i = 0;
  for (const auto& [file, theirs] : java.index) {
    INFO(file);
    const std::string bytes = keys.bytes(ours[i++]);
    REQUIRE(bytes.size() == theirs.size());
    if (name == "crash" && i == ours.size()) {
      check_newest_of_killed(bytes, theirs);
    } else {
      CHECK((bytes == theirs));  // the bytes would make no readable failure
    }
  }
}

}  // namespace gantry::testing
