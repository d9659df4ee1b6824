#include "config/document.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "config/suggest.hpp"

namespace gantry::config {

struct Document::Tree {
  toml::table root;
};

namespace {

uint32_t line_of(const toml::node& node) { return node.source().begin.line; }

std::string place(const std::string& file, uint32_t line, std::string_view name) {
  if (line == 0) return fmt::format("{}: {}", file, name);
  return fmt::format("{}:{}: {}", file, line, name);
}

std::string text_of(const toml::node& node) {
  std::ostringstream out;
  node.visit([&](const auto& typed) {
    if constexpr (requires { out << typed; }) out << typed;
  });
  return out.str();
}

template <class Item>
Outcome<Value> read_items(const toml::array& array, const Key& key, const std::string& at) {
  std::vector<Item> items;
  for (const toml::node& node : array) {
    const auto item = node.value_exact<Item>();
    if (!item) {
      return fail(fmt::format("{} has the item {}: wanted {}", at, text_of(node),
                              kind_name(key.kind)));
    }
    items.push_back(*item);
  }
  return Value(std::move(items));
}

Outcome<Value> read_value(const toml::node& node, const Key& key, const std::string& at) {
  switch (key.kind) {
    case Kind::boolean:
      if (const auto v = node.value_exact<bool>()) return Value(*v);
      break;
    case Kind::integer:
      if (const auto v = node.value_exact<int64_t>()) return Value(*v);
      break;
    case Kind::number:
      if (const auto v = node.value<double>()) return Value(*v);
      break;
    case Kind::text:
      if (const auto v = node.value_exact<std::string>()) return Value(*v);
      break;
    case Kind::list:
      if (const auto* array = node.as_array()) return read_items<std::string>(*array, key, at);
      break;
    case Kind::integers:
      if (const auto* array = node.as_array()) return read_items<int64_t>(*array, key, at);
      break;
  }
  return fail(fmt::format("{} = {}: wanted {}", at, text_of(node), kind_name(key.kind)));
}

Outcome<void> check_bounds(const Key& key, const Value& value, const std::string& at) {
  if (key.kind == Kind::integer || key.kind == Kind::number) {
    const double number = key.kind == Kind::integer ? static_cast<double>(std::get<int64_t>(value))
                                                    : std::get<double>(value);
    if (key.least && number < *key.least) {
      return fail(fmt::format("{} = {}: at least {:.0f}", at, to_text(value), *key.least));
    }
    if (key.most && number > *key.most) {
      return fail(fmt::format("{} = {}: at most {:.0f}", at, to_text(value), *key.most));
    }
  }
  if (key.one_of.empty()) return {};
  const List texts = key.kind == Kind::list ? std::get<List>(value)
                                            : List{std::get<std::string>(value)};
  for (const std::string& text : texts) {
    if (std::find(key.one_of.begin(), key.one_of.end(), text) != key.one_of.end()) continue;
    return fail(fmt::format("{} {} \"{}\": one of {}", at, key.kind == Kind::list ? "has" : "=",
                            text, fmt::join(key.one_of, ", ")));
  }
  return {};
}

std::string dotted(std::string_view section, std::string_view key) {
  return section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
}

struct Table {
  std::string file;
  std::string name;
  const toml::table* node = nullptr;
};

Outcome<void> reject_unknown(const Table& table, std::span<const Key> keys) {
  for (const auto& [name, node] : *table.node) {
    const bool known = std::any_of(keys.begin(), keys.end(), [&](const Key& key) {
      const std::optional<TableKey> in_table = table_key(key.name);
      return (in_table ? in_table->table : key.name) == name.str();
    });
    if (known || node.is_table()) continue;
    std::vector<std::string> names;
    for (const Key& key : keys) {
      const std::optional<TableKey> in_table = table_key(key.name);
      names.emplace_back(in_table ? in_table->table : key.name);
    }
    return fail(fmt::format("{} is not a key{}",
                            place(table.file, name.source().begin.line,
                                  dotted(table.name, name.str())),
                            suggestion(name.str(), names)));
  }
  return {};
}

}  // namespace

const Value* Section::find(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

std::string Section::where(std::string_view key) const {
  const auto found = lines_.find(key);
  return place(file_, found == lines_.end() ? line_ : found->second, dotted(name_, key));
}

Document::Document(std::string file) : file_(std::move(file)), tree_(std::make_unique<Tree>()) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

Outcome<Document> Document::load(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(fmt::format("{}: cannot be read: {}", file.string(), std::strerror(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  return parse(text.str(), file.string());
}

Outcome<Document> Document::parse(std::string_view text, std::string name) {
  Document document(std::move(name));
  try {
    document.tree_->root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(fmt::format("{}:{}: {}", document.file_, error.source().begin.line,
                            error.description()));
  }
  return document;
}

Outcome<Section> Document::section(std::string_view name, std::span<const Key> keys) const {
  const toml::node_view<const toml::node> at = std::as_const(tree_->root).at_path(name);
  if (at && !at.is_table()) {
    return fail(fmt::format("{} is a value, wanted a table [{}]",
                            place(file_, line_of(*at.node()), name), name));
  }
  const toml::table empty;
  const Table table{file_, std::string(name), at ? at.as_table() : &empty};
  Section section;
  section.file_ = file_;
  section.name_ = name;
  section.line_ = at ? line_of(*table.node) : 0;
  if (Outcome<void> known = reject_unknown(table, keys); !known) return known.error();
  std::map<std::string, std::vector<Key>, std::less<>> in_tables;
  for (const Key& key : keys) {
    if (const std::optional<TableKey> in_table = table_key(key.name)) {
      Key one = key;
      one.name = in_table->key;
      in_tables[std::string(in_table->table)].push_back(std::move(one));
      continue;
    }
    const toml::node* node = table.node->get(key.name);
    if (!node) {
      if (!key.fallback) {
        return fail(fmt::format("{} is missing: {}",
                                place(file_, section.line_, dotted(name, key.name)), key.help));
      }
      section.values_.emplace(key.name, *key.fallback);
      continue;
    }
    const std::string where = place(file_, line_of(*node), dotted(name, key.name));
    Outcome<Value> value = read_value(*node, key, where);
    if (!value) return value.error();
    if (Outcome<void> bounds = check_bounds(key, *value, where); !bounds) return bounds.error();
    section.lines_.emplace(key.name, line_of(*node));
    section.values_.emplace(key.name, std::move(*value));
  }
  for (const auto& [array, its_keys] : in_tables) {
    Outcome<std::vector<Section>> tables = sections(dotted(name, array), its_keys);
    if (!tables) return tables.error();
    section.tables_.emplace(array, std::move(*tables));
  }
  return section;
}

Outcome<std::vector<Section>> Document::sections(std::string_view name,
                                                 std::span<const Key> keys) const {
  std::vector<Section> out;
  const toml::node_view<const toml::node> at = std::as_const(tree_->root).at_path(name);
  if (!at) return out;
  const toml::array* array = at.as_array();
  if (!array) {
    return fail(fmt::format("{} is one table or value, wanted [[{}]]",
                            place(file_, line_of(*at.node()), name), name));
  }
  for (size_t i = 0; i < array->size(); ++i) {
    const std::string element = fmt::format("{}[{}]", name, i);
    Outcome<Section> section = this->section(element, keys);
    if (!section) return section.error();
    out.push_back(std::move(*section));
  }
  return out;
}

std::vector<std::string> Document::tables(std::string_view name) const {
  std::vector<std::pair<uint32_t, std::string>> found;
  if (const toml::table* parent = std::as_const(tree_->root).at_path(name).as_table()) {
    for (const auto& [key, node] : *parent) {
      if (node.is_table()) found.emplace_back(key.source().begin.line, key.str());
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (auto& [line, key] : found) names.push_back(std::move(key));
  return names;
}

std::optional<std::string> Document::peek_text(std::string_view name, std::string_view key) const {
  const toml::table* table = std::as_const(tree_->root).at_path(name).as_table();
  return table ? (*table)[key].value_exact<std::string>() : std::nullopt;
}

std::optional<bool> Document::peek_boolean(std::string_view name, std::string_view key) const {
  const toml::table* table = std::as_const(tree_->root).at_path(name).as_table();
  return table ? (*table)[key].value_exact<bool>() : std::nullopt;
}

Outcome<void> Document::allow_only(std::span<const std::string_view> names) const {
  for (const auto& [key, node] : tree_->root) {
    if (std::find(names.begin(), names.end(), key.str()) != names.end()) continue;
    const std::vector<std::string> known(names.begin(), names.end());
    return fail(fmt::format("{} is not a section{}",
                            place(file_, key.source().begin.line, key.str()),
                            suggestion(key.str(), known)));
  }
  return {};
}

}  // namespace gantry::config
