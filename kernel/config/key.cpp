#include "config/key.hpp"

#include <fmt/format.h>

namespace gantry::config {

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::boolean: return "true or false";
    case Kind::integer: return "a whole number";
    case Kind::number: return "a number";
    case Kind::text: return "a text";
    case Kind::list: return "a list of texts";
    case Kind::integers: return "a list of whole numbers";
  }
  return "nothing";
}

std::string to_text(const Value& value) {
  switch (kind_of(value)) {
    case Kind::boolean: return std::get<bool>(value) ? "true" : "false";
    case Kind::integer: return fmt::format("{}", std::get<int64_t>(value));
    case Kind::number: return fmt::format("{}", std::get<double>(value));
    case Kind::text: return fmt::format("\"{}\"", std::get<std::string>(value));
    case Kind::list: {
      const List& items = std::get<List>(value);
      return items.empty() ? "[]" : fmt::format("[\"{}\"]", fmt::join(items, "\", \""));
    }
    case Kind::integers: return fmt::format("[{}]", fmt::join(std::get<Integers>(value), ", "));
  }
  return {};
}

std::optional<TableKey> table_key(std::string_view name) {
  constexpr std::string_view mark = "[].";
  const size_t at = name.find(mark);
  if (at == 0 || at == std::string_view::npos) return std::nullopt;
  const TableKey out{name.substr(0, at), name.substr(at + mark.size())};
  const bool plain = !out.key.empty() && out.key.find_first_of("[]") == std::string_view::npos &&
                     out.table.find_first_of("[]") == std::string_view::npos;
  return plain ? std::optional(out) : std::nullopt;
}

}  // namespace gantry::config
