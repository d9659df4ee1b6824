#include "value.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "cpp/values.hpp"
#include "java_number.hpp"

namespace gantry::filter_sql92 {
namespace {

Order order_of(int64_t a, int64_t b) {
  return a < b ? Order::less : a > b ? Order::greater : Order::same;
}

// Java's Double.compareTo: -0.0 is below 0.0, NaN above everything and like itself.
Order order_of(double a, double b) {
  if (a < b) return Order::less;
  if (a > b) return Order::greater;
  if (std::isnan(a) || std::isnan(b)) return order_of(int64_t{std::isnan(a)}, int64_t{std::isnan(b)});
  return order_of(int64_t{!std::signbit(a)}, int64_t{!std::signbit(b)});
}

bool says_true(std::string_view text) {
  constexpr std::string_view word = "true";
  return text.size() == word.size() &&
         std::equal(text.begin(), text.end(), word.begin(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

double as_double(const Value& number) {
  return number.kind == Kind::float64 ? number.f : static_cast<double>(number.i);
}

// A text beside a value of another kind is read as that kind.
Order order_of_text(const Value& text, const Value& other) {
  switch (other.kind) {
    case Kind::boolean:
      return order_of(int64_t{says_true(text.text())}, other.i);
    case Kind::int32:
    case Kind::int64: {
      const auto number =
          other.kind == Kind::int32 ? java_int32(text.text()) : java_int64(text.text());
      return number ? order_of(*number, other.i) : Order::impossible;
    }
    case Kind::float64: {
      const auto number = java_double(text.text());
      return number ? order_of(*number, other.f) : Order::impossible;
    }
    default:
      return Order::impossible;
  }
}

Order reversed(Order order) {
  return order == Order::less ? Order::greater : order == Order::greater ? Order::less : order;
}

// ComparisonExpression.__compare of two values that are not null.
Order compare(const Value& a, const Value& b) {
  if (a.kind == Kind::boolean) {
    if (b.kind == Kind::boolean) return order_of(a.i, b.i);
    return b.kind == Kind::text ? Order::impossible : Order::less;  // Java casts, and fails
  }
  if (a.kind == Kind::text) return order_of_text(a, b);
  if (b.kind == Kind::text) return reversed(order_of_text(b, a));
  if (b.kind == Kind::boolean) return Order::less;
  if (a.kind == Kind::float64 || b.kind == Kind::float64) {
    return order_of(as_double(a), as_double(b));
  }
  return order_of(a.i, b.i);
}

}  // namespace

Truth equal(const Value& a, const Value& b) {
  if (a.kind == Kind::text && b.kind == Kind::text) {
    return same_text(a, b) ? Truth::yes : Truth::no;
  }
  if (a.is_null()) return b.is_null() ? Truth::yes : Truth::unknown;
  if (b.is_null()) return Truth::no;
  const Order order = compare(a, b);
  if (order == Order::impossible) return Truth::impossible;
  return order == Order::same ? Truth::yes : Truth::no;
}

Order order(const Value& a, const Value& b) {
  if (a.kind != Kind::text || b.kind != Kind::text) return compare(a, b);
  const auto left = java_double(a.text());
  const auto right = left ? java_double(b.text()) : left;
  return right ? order_of(*left, *right) : Order::impossible;
}

Value negated(const Value& value) {
  switch (value.kind) {
    case Kind::int32:
      return whole(Kind::int32, static_cast<int32_t>(0u - static_cast<uint32_t>(value.i)));
    case Kind::int64:
      return whole(Kind::int64, std::bit_cast<int64_t>(0u - std::bit_cast<uint64_t>(value.i)));
    case Kind::float64:
      return float64(-value.f);
    default:
      return {};
  }
}

gantry_value to_abi(const Value& value) {
  switch (value.kind) {
    case Kind::boolean:
      return sdk::bool_value(value.i != 0);
    case Kind::int32:
    case Kind::int64:
      return sdk::i64_value(value.i);
    case Kind::float64:
      return {GANTRY_F64, 0, {.f = value.f}};
    case Kind::text:
      return sdk::str_value(value.text());
    default:
      return sdk::null_value();
  }
}

bool from_abi(const gantry_value& given, Value& out) {
  switch (given.kind) {
    case GANTRY_NULL:
      out = {};
      return true;
    case GANTRY_BOOL:
      out = boolean(given.as.i != 0);
      return true;
    case GANTRY_I64:
      out = whole(Kind::int64, given.as.i);
      return true;
    case GANTRY_F64:
      out = float64(given.as.f);
      return true;
    case GANTRY_STR:
      out = text(sdk::view(given.as.s));
      return true;
    default:
      return false;
  }
}

}  // namespace gantry::filter_sql92
