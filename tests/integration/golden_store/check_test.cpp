// gantry.store_check: what a node has stored of the Java broker's logs agrees with them, and what is
// changed afterwards is found.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "node/verify/verify.hpp"
#include "opened.hpp"

using namespace gantry;
using namespace gantry::golden_store;
namespace fs = std::filesystem;

namespace {

struct Verified {
  node::Verdict verdict;
  std::string text;
};

Verified verify(const fs::path& root) {
  const integration::Folder folder;
  const fs::path configuration = folder.path() / "node.toml";
  std::ofstream(configuration) << Opened::configuration(root);
  Verified out;
  out.verdict = node::verify({.folder = root, .configuration = configuration},
                             [&](const std::string& line) { out.text += line + '\n'; });
  return out;
}

void serve_once(const fs::path& root) {
  Opened node(root);
  node.stop();
  REQUIRE(node.failure() == "");
}

// The first key file.
fs::path key_file(const fs::path& root) {
  std::vector<fs::path> files;
  for (const auto& file : fs::directory_iterator(root / "index")) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  REQUIRE_FALSE(files.empty());
  return files.front();
}

// Adds one to a byte, so that it is another one for certain.
void change(const fs::path& file, int64_t at) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(at);
  const int byte = stream.get();
  stream.seekp(at);
  stream.put(static_cast<char>(byte + 1));
  REQUIRE(stream.good());
}

}  // namespace

TEST_CASE("what a node stored of a Java broker's log is what the log says") {
  const std::string name =
      GENERATE("plain", "batch", "ipv6", "delay", "pop", "extra", "crash", "crash-torn-crc");
  CAPTURE(name);
  const auto source = Recorded::find(name);
  if (!source) return;
  const Recorded recorded(*source);
  serve_once(recorded.root());
  const Verified verified = verify(recorded.root());
  INFO(verified.text);
  CHECK(verified.verdict == node::Verdict::clean);
}

TEST_CASE("what is changed in the stored files is found") {
  const auto source = Recorded::find("plain");
  if (!source) return;
  const Recorded recorded(*source);
  const fs::path root = recorded.root();
  serve_once(root);
  const fs::path units = root / "consumequeue" / "TopicPlainA" / "0" / "00000000000000000000";
  constexpr int64_t entries_at = 40 + 100 * 4 + 20;  // of a file of 100 slots, number 1
  std::string wanted;
  SECTION("a unit's place in the log") {
    change(units, 3 * 20 + 7);
    wanted = "unit 3 of TopicPlainA/0 tells of log offset";
  }
  SECTION("a unit's tag code") {
    change(units, 5 * 20 + 19);
    wanted = "unit 5 of TopicPlainA/0 tells of log offset";
  }
  SECTION("a queue file is gone") {
    fs::remove(units);
    wanted = "is missing";
  }
  SECTION("an entry's hash") {
    change(key_file(root), entries_at + 9 * 20 + 3);
    wanted = "entry 10 of key file";
  }
  SECTION("an entry's place in the log") {
    change(key_file(root), entries_at + 9 * 20 + 11);
    wanted = "lacks key entries";
  }
  SECTION("an entry's time") {
    change(key_file(root), entries_at + 9 * 20 + 15);
    wanted = "entry 10 of key file";
  }
  SECTION("an entry's chain") {
    change(key_file(root), entries_at + 9 * 20 + 19);
    wanted = "leads to";
  }
  SECTION("a slot") {
    change(key_file(root), 40 + 7);
    wanted = "1 slots of key file";
  }
  SECTION("a key file is gone") {
    fs::remove(key_file(root));
    wanted = "holds 1 of 2 key files";
  }
  const Verified verified = verify(root);
  INFO(verified.text);
  CHECK(verified.verdict == node::Verdict::findings);
  CHECK(verified.text.find(wanted) != std::string::npos);
}

TEST_CASE("entries of records that the log lost are found") {
  const auto source = Recorded::find("plain");
  if (!source) return;
  const Recorded recorded(*source);
  serve_once(recorded.root());
  // The log's last file, and the memory of how far it was durable.
  fs::remove(recorded.root() / "commitlog" / "00000000000000196608");
  fs::remove(recorded.root() / "gantry" / "recovery");
  const Verified verified = verify(recorded.root());
  INFO(verified.text);
  CHECK(verified.verdict == node::Verdict::findings);
  CHECK(verified.text.find("has units up to") != std::string::npos);
  CHECK(verified.text.find("key entries from") != std::string::npos);
}
