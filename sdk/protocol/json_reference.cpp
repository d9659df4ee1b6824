#include "protocol/json_reference.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <string>

namespace gantry::protocol {
namespace {

namespace bj = boost::json;

const bj::value* member(const bj::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object ? object->if_contains(name) : nullptr;
}

const bj::value* element(const bj::value& value, std::string_view digits) {
  const auto* array = value.if_array();
  if (!array) return member(value, digits);  // a map with numbers as keys
  std::size_t index = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  const bool whole = fault == std::errc() && end == digits.data() + digits.size();
  return whole && index < array->size() ? &(*array)[index] : nullptr;
}

// Takes a name off the head of `path`: up to the next plain '.' or '['.
std::string take_name(std::string_view& path) {
  std::string name;
  while (!path.empty() && path[0] != '.' && path[0] != '[') {
    if (path[0] == '\\' && path.size() > 1) path.remove_prefix(1);
    name.push_back(path[0]);
    path.remove_prefix(1);
  }
  return name;
}

bool is_quote(char c) {
  return c == '\'' || c == '"';
}

}  // namespace

const bj::value* find_path(const bj::value& root, std::string_view path) {
  if (path.empty() || path[0] != '$') return nullptr;
  path.remove_prefix(1);
  const bj::value* at = &root;
  while (at && !path.empty()) {
    const char kind = path[0];
    path.remove_prefix(1);
    if (kind == '.') {
      at = member(*at, take_name(path));
    } else if (kind == '[') {
      const auto close = path.find(']');
      if (close == std::string_view::npos || close == 0) return nullptr;
      const std::string_view inside = path.substr(0, close);
      path.remove_prefix(close + 1);
      const bool quoted = inside.size() > 1 && is_quote(inside[0]) && inside.back() == inside[0];
      at = quoted ? member(*at, inside.substr(1, inside.size() - 2)) : element(*at, inside);
    } else {
      return nullptr;
    }
  }
  return at;
}

TreeSize tree_size(const bj::value& value, std::size_t bytes_max) {
  TreeSize size{sizeof(bj::value), 1};
  const auto add = [&size, bytes_max](std::size_t key_bytes, const bj::value& child) {
    if (size.bytes > bytes_max) return;
    const TreeSize inner = tree_size(child, bytes_max - size.bytes);
    size.bytes += key_bytes + inner.bytes;
    size.depth = std::max(size.depth, inner.depth + 1);
  };
  if (const auto* string = value.if_string()) {
    size.bytes += string->size();
  } else if (const auto* array = value.if_array()) {
    for (const auto& child : *array) add(0, child);
  } else if (const auto* object = value.if_object()) {
    for (const auto& child : *object) {
      add(sizeof(bj::key_value_pair) + child.key().size(), child.value());
    }
  }
  return size;
}

}  // namespace gantry::protocol
