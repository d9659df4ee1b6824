// Making expressions up, and writing them.
#include <algorithm>

#include "fuzz/filter/sql_reference.hpp"
#include "fuzz/filter/sql_texts.hpp"

namespace gantry::filter_sql92::fuzz {
namespace {

constexpr const char* names[] = {"a", "b", "c", "d", "TAGS", "like", "a_1"};
constexpr int depth_max = 6;

Node leaf(Form form, Datum constant, std::string name = {}) {
  return {form, std::move(constant), std::move(name), {}, {}};
}
Node over(Form form, std::vector<Node> nodes) {
  return {form, {}, {}, {}, std::move(nodes)};
}

std::string some_text(Choices& choices) {
  return texts[choices.below(std::size(texts))].text;
}
Node property(Choices& choices) {
  return leaf(Form::property, {}, names[choices.below(std::size(names))]);
}
Node number(Choices& choices) {
  static const Datum numbers[] = {int32_t{1},     int32_t{0},          int32_t{2147483647},
                                  int32_t{42},    int64_t{2147483648}, int64_t{9223372036854775807},
                                  double{1.5},    double{1e300},       double{2},
                                  int32_t{7}};
  return leaf(Form::constant, numbers[choices.below(std::size(numbers))]);
}
Node truth(Choices& choices) {
  static const Datum truths[] = {true, false, Datum{}};
  return leaf(Form::constant, truths[choices.below(3)]);
}

Node condition(Choices& choices, int depth);

Node call(Choices& choices, int depth);

// What "=" takes, IS NULL and a function: anything.
Node anything(Choices& choices, int depth) {
  switch (choices.below(depth > 0 ? 8 : 4)) {
    case 0:
      return property(choices);
    case 1:
      return number(choices);
    case 2:
      return leaf(Form::constant, some_text(choices));
    case 3:
      return truth(choices);
    case 4:
      return over(Form::negate, {anything(choices, depth - 1)});
    case 5:
      return call(choices, depth - 1);
    default:
      return condition(choices, depth - 1);
  }
}

// What "<" takes: no texts and no conditions, unless behind a sign or in a function.
Node ordered(Choices& choices, int depth) {
  switch (choices.below(depth > 0 ? 5 : 3)) {
    case 0:
    case 1:
      return property(choices);
    case 2:
      return number(choices);
    case 3:
      return over(Form::negate, {anything(choices, depth - 1)});
    default:
      return call(choices, depth - 1);
  }
}

Node call(Choices& choices, int depth) {
  static constexpr const char* functions[] = {"echo", "echo", "echo", "arguments", "fail"};
  Node out = leaf(Form::call, {}, functions[choices.below(std::size(functions))]);
  const size_t count = out.name == "echo" ? 1 : choices.below(4);
  for (size_t i = 0; i < count; ++i) out.nodes.push_back(anything(choices, depth));
  return out;
}

bool is_null(const Node& node) {
  return node.form == Form::constant && node.constant.index() == 0;
}

Node equality(Choices& choices, int depth) {
  const Form form = choices.below(2) ? Form::not_equal : Form::equal;
  Node left = anything(choices, depth), right = anything(choices, depth);
  // What RocketMQ refuses: NULL; TRUE beside a text or a number.
  if (is_null(left)) left = property(choices);
  if (is_null(right)) right = property(choices);
  const bool is_refused = left.form == Form::constant && right.form == Form::constant &&
                          std::holds_alternative<bool>(left.constant) &&
                          !std::holds_alternative<bool>(right.constant);
  if (is_refused) right = property(choices);
  return over(form, {std::move(left), std::move(right)});
}

Node between(Choices& choices, int depth) {
  const Form form = choices.below(2) ? Form::not_between : Form::between;
  Node value = ordered(choices, depth);
  Node low = ordered(choices, depth), high = ordered(choices, depth);
  // Two constants may be in the wrong order.
  if (low.form == Form::constant && high.form == Form::constant) high = low;
  return over(form, {std::move(value), std::move(low), std::move(high)});
}

Node search(Choices& choices, int depth) {
  static constexpr Form forms[] = {Form::contains, Form::not_contains, Form::starts,
                                   Form::not_starts, Form::ends, Form::not_ends,
                                   Form::like, Form::not_like, Form::in, Form::not_in};
  const Form form = forms[choices.below(std::size(forms))];
  const bool is_in = form == Form::in || form == Form::not_in;
  Node out = over(form, {is_in ? property(choices) : anything(choices, depth)});
  const size_t count = is_in ? 1 + choices.below(4) : 1;
  for (size_t i = 0; i < count; ++i) out.texts.push_back(some_text(choices));
  return out;
}

Node condition(Choices& choices, int depth) {
  if (depth <= 0) return choices.below(2) ? truth(choices) : property(choices);
  static constexpr Form orders[] = {Form::less, Form::less_equal, Form::greater,
                                    Form::greater_equal};
  switch (choices.below(10)) {
    case 0:
      return property(choices);
    case 1:
      return truth(choices);
    case 2:
      return over(Form::invert, {condition(choices, depth - 1)});
    case 3:
      return over(Form::both, {condition(choices, depth - 1), condition(choices, depth - 1)});
    case 4:
      return over(Form::either, {condition(choices, depth - 1), condition(choices, depth - 1)});
    case 5:
      return equality(choices, depth - 1);
    case 6: {
      const Form form = orders[choices.below(std::size(orders))];
      return over(form, {ordered(choices, depth - 1), ordered(choices, depth - 1)});
    }
    case 7:
      return between(choices, depth - 1);
    case 8:
      return over(choices.below(2) ? Form::is_not_null : Form::is_null,
                  {anything(choices, depth - 1)});
    default:
      return choices.below(4) ? search(choices, depth - 1) : call(choices, depth - 1);
  }
}

}  // namespace

Node make_condition(Choices& choices) {
  return condition(choices, depth_max);
}

Record make_record(Choices& choices) {
  Record record;
  for (const char* name : names) {
    if (choices.below(4) == 0) continue;
    const std::string text = some_text(choices);
    if (!text.empty()) record[name] = text;
  }
  return record;
}

}  // namespace gantry::filter_sql92::fuzz
