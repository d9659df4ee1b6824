// The files of conf: each is one a node starts from, also with every key it shows.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "folder.hpp"
#include "node/node.hpp"

using namespace gantry;
using namespace gantry::integration;

namespace fs = std::filesystem;

namespace {

const fs::path conf = fs::path(GANTRY_SOURCE_DIR) / "conf";

const std::regex key_line("#?([a-z][a-z0-9_]*) = .*");
const std::regex table_line(R"(#?\[+([a-z0-9_.]+)\]+)");

// Calls line(text, table, key): key is empty for what is none. Tables may be only shown, too.
template <class Line>
void each_line(const fs::path& file, Line&& line) {
  std::ifstream in(file);
  std::string table;
  for (std::string text; std::getline(in, text);) {
    std::smatch found;
    if (std::regex_match(text, found, table_line)) table = found[1];
    const bool is_key = std::regex_match(text, found, key_line);
    line(text, table, is_key ? found[1].str() : std::string());
  }
}

// The keys a file shows, by table, set or commented out.
std::map<std::string, std::set<std::string>> keys_of(const fs::path& file) {
  std::map<std::string, std::set<std::string>> out;
  each_line(file, [&](const std::string&, const std::string& table, const std::string& key) {
    if (!key.empty()) out[table].insert(key);
  });
  return out;
}

void check(const fs::path& file) {
  const Outcome<void> checked = node::Node::check(file);
  INFO(file << ": " << (checked.has_value() ? "" : checked.error().text));
  CHECK(checked.has_value());
}

}  // namespace

TEST_CASE("every file of conf is one a node starts from") {
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(conf)) {
    if (entry.path().extension() != ".toml") continue;
    check(entry.path());
    ++files;
  }
  CHECK(files >= 3);
}

TEST_CASE("so is each with the keys it only shows") {
  const Folder folder;
  for (const auto& entry : fs::directory_iterator(conf)) {
    if (entry.path().extension() != ".toml") continue;
    const fs::path all = folder.path() / entry.path().filename();
    std::ofstream out(all);
    each_line(entry.path(), [&](const std::string& text, const std::string&, const std::string& key) {
      const bool is_shown = !key.empty() || std::regex_match(text, table_line);
      out << (is_shown && text[0] == '#' ? text.substr(1) : text) << '\n';
    });
    out.close();
    check(all);
  }
}

TEST_CASE("a check names a door's handler that is not there, or handles no requests") {
  const Folder folder;
  const fs::path file = folder.path() / "node.toml";
  for (const char* wrong : {"mesaging", "store_file"}) {
    std::ofstream out(file);
    each_line(conf / "all-in-one.toml", [&](const std::string& text, const auto&, const auto&) {
      out << (text == R"(handlers = ["messaging"])" ? R"(handlers = [")" + std::string(wrong) + R"("])"
                                                    : text)
          << '\n';
    });
    out.close();
    const Outcome<void> checked = node::Node::check(file);
    REQUIRE(checked.has_error());
    CHECK(checked.error().text == file.string() + ": door broker: its handler " + wrong +
                                      " is no instance that handles requests");
  }
}

TEST_CASE("a file for one role shows all keys the list of every key has of its tables") {
  const auto every = keys_of(conf / "all-in-one.toml");
  for (const char* role : {"broker.toml", "nameserver.toml"}) {
    for (const auto& [table, keys] : keys_of(conf / role)) {
      INFO(role << " [" << table << "]");
      REQUIRE(every.contains(table));
      for (const std::string& key : every.at(table)) {
        INFO(key);
        CHECK(keys.contains(key));
      }
    }
  }
}
