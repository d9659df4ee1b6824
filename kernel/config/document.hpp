// Document: a TOML file read against declared keys. What isn't declared, isn't of its kind or is out
// of bounds is a Failure that names file, line and key. Control thread; a value, kept as long as the
// node.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/key.hpp"

namespace gantry::config {

// Section: the checked values of one table; every declared key is there, defaults filled in.
class Section {
 public:
  bool boolean(std::string_view key) const { return std::get<bool>(at(key)); }
  int64_t integer(std::string_view key) const { return std::get<int64_t>(at(key)); }
  const std::string& text(std::string_view key) const { return std::get<std::string>(at(key)); }
  const List& list(std::string_view key) const { return std::get<List>(at(key)); }
  const Value* find(std::string_view key) const;
  const std::map<std::string, Value, std::less<>>& values() const { return values_; }
  // The tables [[<this>.name]] of the keys "name[].key"; their sections have the keys "key". By name;
  // every name of a declared key is there.
  const std::map<std::string, std::vector<Section>, std::less<>>& tables() const { return tables_; }
  // "conf/broker.toml:12: net.door.address", for messages about a value that proves wrong later.
  std::string where(std::string_view key) const;

 private:
  friend class Document;
  const Value& at(std::string_view key) const { return values_.find(key)->second; }

  std::string file_;
  std::string name_;
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, uint32_t, std::less<>> lines_;
  std::map<std::string, std::vector<Section>, std::less<>> tables_;
  uint32_t line_ = 0;
};

class Document {
 public:
  static Outcome<Document> load(const std::filesystem::path& file);
  static Outcome<Document> parse(std::string_view text, std::string name);
  ~Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;

  const std::string& file() const { return file_; }

  // The table [name], or all defaults when it isn't there. A key "bind[].topic" is the key topic of
  // each table of the array [[name.bind]].
  Outcome<Section> section(std::string_view name, std::span<const Key> keys) const;
  // The tables [[name]], in the order of the file.
  Outcome<std::vector<Section>> sections(std::string_view name, std::span<const Key> keys) const;
  // Names of the tables [name.*], in the order of the file.
  std::vector<std::string> tables(std::string_view name) const;
  // A value of [name] looked at before its keys are known; none if it isn't there.
  std::optional<std::string> peek_text(std::string_view name, std::string_view key) const;
  std::optional<bool> peek_boolean(std::string_view name, std::string_view key) const;
  // Fails on the first top-level table or key not named here.
  Outcome<void> allow_only(std::span<const std::string_view> names) const;

 private:
  struct Tree;
  explicit Document(std::string file);

  std::string file_;
  std::unique_ptr<Tree> tree_;
};

}  // namespace gantry::config
