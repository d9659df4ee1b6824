// Writing a tree as an expression.
#include <fmt/format.h>

#include "fuzz/filter/sql_reference.hpp"

namespace gantry::filter_sql92::fuzz {
namespace {

// How close an operator binds; what binds looser than its place needs parentheses.
enum Level { level_either, level_both, level_equality, level_comparison, level_unary, level_primary };

Level level_of(Form form) {
  switch (form) {
    case Form::either:
      return level_either;
    case Form::both:
      return level_both;
    case Form::equal:
    case Form::not_equal:
    case Form::is_null:
    case Form::is_not_null:
      return level_equality;
    case Form::negate:
    case Form::invert:
      return level_unary;
    case Form::property:
    case Form::constant:
    case Form::call:
      return level_primary;
    default:
      return level_comparison;
  }
}

const char* words_of(Form form) {
  switch (form) {
    case Form::both:
      return "AND";
    case Form::either:
      return "or";
    case Form::equal:
      return "=";
    case Form::not_equal:
      return "<>";
    case Form::less:
      return "<";
    case Form::less_equal:
      return "<=";
    case Form::greater:
      return ">";
    case Form::greater_equal:
      return ">=";
    case Form::between:
      return "BETWEEN";
    case Form::not_between:
      return "not Between";
    case Form::is_null:
      return "IS NULL";
    case Form::is_not_null:
      return "IS NOT NULL";
    case Form::in:
      return "IN";
    case Form::not_in:
      return "NOT IN";
    case Form::contains:
      return "CONTAINS";
    case Form::not_contains:
      return "NOT CONTAINS";
    case Form::starts:
      return "startswith";
    case Form::not_starts:
      return "NOT STARTSWITH";
    case Form::ends:
      return "ENDSWITH";
    case Form::not_ends:
      return "NOT ENDSWITH";
    case Form::like:
      return "LIKE";
    default:
      return "NOT LIKE";
  }
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string constant(const Datum& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "TRUE" : "False";
  if (const auto* small = std::get_if<int32_t>(&value)) return std::to_string(*small);
  if (const auto* big = std::get_if<int64_t>(&value)) return std::to_string(*big) + "L";
  if (const auto* wide = std::get_if<double>(&value)) return fmt::format("{:e}", *wide);
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  return "NULL";
}

class Writer {
 public:
  explicit Writer(Choices& choices) : choices_(choices) {}

  std::string at(const Node& node, Level level) {
    std::string out = bare(node);
    const bool is_loose = level_of(node.form) < level;
    if (is_loose || choices_.below(8) == 1) out = "(" + blank() + out + blank() + ")";
    return out;
  }

 private:
  std::string blank() {
    static constexpr const char* blanks[] = {" ", " ", "\t", "\n", " /* AND */ ", " -- x\n"};
    return blanks[choices_.below(std::size(blanks))];
  }
  std::string operation(const Node& node, Level left) {
    return at(node.nodes[0], left) + blank() + words_of(node.form);
  }
  std::string list(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "(" : "," + blank()) + quoted(text);
    return out + ")";
  }

  std::string bare(const Node& node) {
    switch (node.form) {
      case Form::property:
        return node.name;
      case Form::constant:
        return constant(node.constant);
      case Form::negate:
        return "-" + blank() + at(node.nodes[0], level_unary);
      case Form::invert:
        return "NOT" + blank() + at(node.nodes[0], level_unary);
      case Form::both:
        return operation(node, level_both) + blank() + at(node.nodes[1], level_equality);
      case Form::either:
        return operation(node, level_either) + blank() + at(node.nodes[1], level_both);
      case Form::equal:
      case Form::not_equal:
        return operation(node, level_equality) + blank() + at(node.nodes[1], level_comparison);
      case Form::is_null:
      case Form::is_not_null:
        return operation(node, level_equality);
      case Form::less:
      case Form::less_equal:
      case Form::greater:
      case Form::greater_equal:
        return operation(node, level_comparison) + blank() + at(node.nodes[1], level_unary);
      case Form::between:
      case Form::not_between:
        return operation(node, level_comparison) + blank() + at(node.nodes[1], level_unary) +
               " AND " + at(node.nodes[2], level_unary);
      case Form::in:
      case Form::not_in:
        return operation(node, level_comparison) + blank() + list(node.texts);
      case Form::call:
        return call(node);
      default:
        return operation(node, level_comparison) + blank() + quoted(node.texts[0]);
    }
  }

  std::string call(const Node& node) {
    std::string out = node.name + "(";
    for (size_t i = 0; i < node.nodes.size(); ++i) {
      out += (i ? "," : "") + blank() + at(node.nodes[i], level_either);
    }
    return out + ")";
  }

  Choices& choices_;
};

}  // namespace

std::string write(const Node& node, Choices& choices) {
  return Writer(choices).at(node, level_either);
}

}  // namespace gantry::filter_sql92::fuzz
