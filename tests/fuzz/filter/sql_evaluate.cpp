// Walking a tree, as RocketMQ's expression classes do.
#include <algorithm>
#include <compare>
#include <cstdlib>
#include <string_view>

#include "fuzz/filter/sql_reference.hpp"
#include "fuzz/filter/sql_texts.hpp"

namespace gantry::filter_sql92::fuzz {
namespace {

struct Exception {};  // Java's
struct Failure {};    // a function's

using Flag = std::optional<bool>;

Datum evaluate(const Node& node, const Record& record, bool as_condition);

Datum value_of(const Node& node, const Record& record) {
  return evaluate(node, record, false);
}

// A BooleanExpression, or the cast that Java puts around a property.
Flag flag_of(const Node& node, const Record& record) {
  const Datum found = evaluate(node, record, true);
  if (found.index() == 0) return std::nullopt;
  const bool* flag = std::get_if<bool>(&found);
  return flag && *flag;
}

Datum datum(Flag flag) {
  return flag ? Datum(*flag) : Datum();
}

const Text& known(const std::string& text) {
  const auto* found = std::find_if(std::begin(texts), std::end(texts),
                                   [&](const Text& one) { return text == one.text; });
  if (found == std::end(texts)) std::abort();
  return *found;
}

template <class T>
T need(const std::optional<T>& number) {
  if (!number) throw Exception();
  return *number;
}

std::weak_ordering by_double(double a, double b) {
  return std::strong_order(a, b);
}

bool is_number(const Datum& value) {
  return value.index() >= 2 && value.index() <= 4;
}
double wide(const Datum& number) {
  if (const auto* small = std::get_if<int32_t>(&number)) return *small;
  if (const auto* big = std::get_if<int64_t>(&number)) return static_cast<double>(*big);
  return std::get<double>(number);
}
int64_t whole(const Datum& number) {
  const auto* small = std::get_if<int32_t>(&number);
  return small ? *small : std::get<int64_t>(number);
}

bool means_true(const std::string& text) {
  return text == "true" || text == "TrUe";
}

// ComparisonExpression.__compare
std::weak_ordering compare(const Datum& a, const Datum& b) {
  const auto* left = std::get_if<std::string>(&a);
  const auto* right = std::get_if<std::string>(&b);
  if (left && right) return *left <=> *right;
  if (std::holds_alternative<bool>(a)) {
    if (right) throw Exception();
    if (!std::holds_alternative<bool>(b)) return std::weak_ordering::less;
    return std::get<bool>(a) <=> std::get<bool>(b);
  }
  if (left) {
    if (const auto* flag = std::get_if<bool>(&b)) return means_true(*left) <=> *flag;
    if (const auto* small = std::get_if<int32_t>(&b)) return need(known(*left).as_int) <=> *small;
    if (const auto* big = std::get_if<int64_t>(&b)) return need(known(*left).as_long) <=> *big;
    return by_double(need(known(*left).as_double), std::get<double>(b));
  }
  if (right) return 0 <=> compare(b, a);
  if (!is_number(b)) return std::weak_ordering::less;
  if (a.index() == 4 || b.index() == 4) return by_double(wide(a), wide(b));
  return whole(a) <=> whole(b);
}

Flag equal(const Node& a, const Node& b, const Record& record) {
  const Datum left = value_of(a, record), right = value_of(b, record);
  if (left.index() == 0) return right.index() == 0 ? Flag(true) : std::nullopt;
  if (right.index() == 0) return false;
  return compare(left, right) == 0;
}

Flag ordered(Form form, const Node& a, const Node& b, const Record& record) {
  const Datum left = value_of(a, record);
  if (left.index() == 0) return std::nullopt;
  const Datum right = value_of(b, record);
  if (right.index() == 0) return std::nullopt;
  const auto* text = std::get_if<std::string>(&left);
  const auto* other = std::get_if<std::string>(&right);
  const std::weak_ordering found =
      text && other ? by_double(need(known(*text).as_double), need(known(*other).as_double))
                    : compare(left, right);
  switch (form) {
    case Form::less:
      return found < 0;
    case Form::less_equal:
      return found <= 0;
    case Form::greater:
      return found > 0;
    default:
      return found >= 0;
  }
}

Flag both(Flag left, auto&& right) {
  if (left && !*left) return false;
  const Flag other = right();
  if (other && !*other) return false;
  return left && other ? Flag(true) : std::nullopt;
}

Flag either(Flag left, auto&& right) {
  if (left && *left) return true;
  const Flag other = right();
  if (other && *other) return true;
  return left && other ? Flag(false) : std::nullopt;
}

Flag inverted(Flag flag) {
  return flag ? Flag(!*flag) : std::nullopt;
}

size_t character(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
  return size;
}

bool like(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    return like(text, pattern.substr(1)) ||
           (!text.empty() && like(text.substr(character(text)), pattern));
  }
  if (text.empty()) return false;
  if (pattern[0] == '_') return like(text.substr(character(text)), pattern.substr(1));
  return text[0] == pattern[0] && like(text.substr(1), pattern.substr(1));
}

Flag searched(const Node& node, const Record& record) {
  const bool is_like = node.form == Form::like || node.form == Form::not_like;
  const bool is_in = node.form == Form::in || node.form == Form::not_in;
  if (!is_like && !is_in && node.texts[0].empty()) return false;
  const Datum found = value_of(node.nodes[0], record);
  if (found.index() == 0 && (is_like || is_in)) return std::nullopt;
  const auto* text = std::get_if<std::string>(&found);
  if (!text && is_like) return node.form == Form::not_like;
  if (!text) return is_in ? std::nullopt : Flag(false);
  switch (node.form) {
    case Form::in:
    case Form::not_in:
      return (std::find(node.texts.begin(), node.texts.end(), *text) != node.texts.end()) ==
             (node.form == Form::in);
    case Form::contains:
    case Form::not_contains:
      return (text->find(node.texts[0]) != text->npos) == (node.form == Form::contains);
    case Form::starts:
    case Form::not_starts:
      return text->starts_with(node.texts[0]) == (node.form == Form::starts);
    case Form::ends:
    case Form::not_ends:
      return text->ends_with(node.texts[0]) == (node.form == Form::ends);
    default:
      return like(*text, node.texts[0]) == (node.form == Form::like);
  }
}

Datum negated(const Datum& value) {
  if (const auto* small = std::get_if<int32_t>(&value)) return static_cast<int32_t>(-*small);
  if (const auto* big = std::get_if<int64_t>(&value)) return -*big;
  if (const auto* wide = std::get_if<double>(&value)) return -*wide;
  return {};
}

Datum called(const Node& node, const Record& record) {
  std::vector<Datum> given;
  for (const Node& argument : node.nodes) {
    // An argument that is a condition is one: a property there is a text.
    given.push_back(value_of(argument, record));
  }
  if (node.name == "fail") throw Failure();
  if (node.name == "arguments") return static_cast<int64_t>(given.size());
  const auto* small = std::get_if<int32_t>(&given[0]);
  return small ? Datum(int64_t{*small}) : given[0];
}

Flag between(const Node& node, const Record& record) {
  const auto& [value, low, high] = std::tie(node.nodes[0], node.nodes[1], node.nodes[2]);
  if (node.form == Form::between) {
    return both(ordered(Form::greater_equal, value, low, record),
                [&] { return ordered(Form::less_equal, value, high, record); });
  }
  return either(ordered(Form::less, value, low, record),
                [&] { return ordered(Form::greater, value, high, record); });
}

Datum evaluate(const Node& node, const Record& record, bool as_condition) {
  const auto& nodes = node.nodes;
  switch (node.form) {
    case Form::property: {
      const auto found = record.find(node.name);
      if (found == record.end()) return {};
      return as_condition ? Datum(false) : Datum(found->second);
    }
    case Form::constant:
      return node.constant;
    case Form::negate:
      return negated(value_of(nodes[0], record));
    case Form::invert:
      return datum(inverted(flag_of(nodes[0], record)));
    case Form::both:
      return datum(both(flag_of(nodes[0], record), [&] { return flag_of(nodes[1], record); }));
    case Form::either:
      return datum(either(flag_of(nodes[0], record), [&] { return flag_of(nodes[1], record); }));
    case Form::equal:
      return datum(equal(nodes[0], nodes[1], record));
    case Form::not_equal:
      return datum(inverted(equal(nodes[0], nodes[1], record)));
    case Form::less:
    case Form::less_equal:
    case Form::greater:
    case Form::greater_equal:
      return datum(ordered(node.form, nodes[0], nodes[1], record));
    case Form::between:
    case Form::not_between:
      return datum(between(node, record));
    case Form::is_null:
    case Form::is_not_null:
      return (value_of(nodes[0], record).index() == 0) == (node.form == Form::is_null);
    case Form::call:
      return called(node, record);
    default:
      return datum(searched(node, record));
  }
}

}  // namespace

Answer evaluate(const Node& condition, const Record& record) {
  try {
    return flag_of(condition, record).value_or(false) ? Answer::deliver : Answer::skip;
  } catch (const Exception&) {
    return Answer::skip;
  } catch (const Failure&) {
    return Answer::error;
  }
}

}  // namespace gantry::filter_sql92::fuzz
