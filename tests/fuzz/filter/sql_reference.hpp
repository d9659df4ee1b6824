// A second reading of SQL92 expressions, to compare with: trees that are made up rather than parsed,
// written as text, and evaluated by walking them, by the rules of RocketMQ's filter module (filter:
// LogicExpression, ComparisonExpression, UnaryExpression). Knows nothing of the plugin. Test-only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace gantry::filter_sql92::fuzz {

// Decisions from bytes; when they end, it is always the first possibility, which ends all growth.
class Choices {
 public:
  explicit Choices(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  size_t below(size_t count) {
    if (at_ == bytes_.size()) return 0;
    return bytes_[at_++] % count;
  }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

using Datum = std::variant<std::monostate, bool, int32_t, int64_t, double, std::string>;
using Record = std::map<std::string, std::string>;

enum class Form {
  property,
  constant,
  negate,
  invert,
  both,
  either,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  between,
  not_between,
  is_null,
  is_not_null,
  in,
  not_in,
  contains,
  not_contains,
  starts,
  not_starts,
  ends,
  not_ends,
  like,
  not_like,
  call,
};

struct Node {
  Form form = Form::constant;
  Datum constant;                  // of a constant
  std::string name;                // of a property or a function
  std::vector<std::string> texts;  // of IN, CONTAINS and their like
  std::vector<Node> nodes;
};

// A condition, and a message for it.
Node make_condition(Choices& choices);
Record make_record(Choices& choices);

// As an expression, with the blanks and parentheses it needs and some it doesn't.
std::string write(const Node& node, Choices& choices);

enum class Answer { skip, deliver, error };
Answer evaluate(const Node& condition, const Record& record);

}  // namespace gantry::filter_sql92::fuzz
