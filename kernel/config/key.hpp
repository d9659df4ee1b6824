// Key: one configuration key as its owner declares it. The declaration is the only place that knows
// the key: parsing, checking, documentation and reload read it from here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry::config {

using List = std::vector<std::string>;
using Integers = std::vector<int64_t>;
using Value = std::variant<bool, int64_t, double, std::string, List, Integers>;

// In the order of Value.
enum class Kind : uint8_t { boolean, integer, number, text, list, integers };

inline Kind kind_of(const Value& value) { return static_cast<Kind>(value.index()); }
const char* kind_name(Kind kind);
std::string to_text(const Value& value);  // as one would write it in TOML

struct Key {
  std::string name;  // dotted snake_case inside its section, unit last: "flush_interval_ms"; of an
                     // array of tables: "bind[].topic"
  std::string help;  // one sentence
  Kind kind;
  std::optional<Value> fallback;  // none: configuration must give it
  std::optional<double> least;    // integers and numbers: inclusive bounds
  std::optional<double> most;
  std::vector<std::string> one_of = {};  // texts, items of lists: the permitted ones; empty for any
};

// How a key of an array of tables is named: "bind" and "topic". None for any other key.
struct TableKey {
  std::string_view table;
  std::string_view key;
};
std::optional<TableKey> table_key(std::string_view name);

inline Key integer(std::string name, int64_t fallback, int64_t least, int64_t most,
                   std::string help) {
  return {std::move(name), std::move(help), Kind::integer, Value(fallback),
          static_cast<double>(least), static_cast<double>(most)};
}
inline Key boolean(std::string name, bool fallback, std::string help) {
  return {std::move(name), std::move(help), Kind::boolean, Value(fallback), {}, {}};
}
inline Key text(std::string name, std::string fallback, std::string help,
                std::vector<std::string> one_of = {}) {
  return {std::move(name), std::move(help), Kind::text, Value(std::move(fallback)), {}, {},
          std::move(one_of)};
}
inline Key required_text(std::string name, std::string help) {
  return {std::move(name), std::move(help), Kind::text, std::nullopt, {}, {}};
}
inline Key list(std::string name, List fallback, std::string help,
                std::vector<std::string> one_of = {}) {
  return {std::move(name), std::move(help), Kind::list, Value(std::move(fallback)), {}, {},
          std::move(one_of)};
}

}  // namespace gantry::config
