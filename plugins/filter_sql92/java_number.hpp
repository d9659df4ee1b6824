// Numbers in the text of a property, as Java reads them: Integer.valueOf, Long.valueOf and
// Double.valueOf. Nothing: Java throws. Pure, without memory of their own; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry::filter_sql92 {

// A sign or none, then digits, of any script that has ten of them.
std::optional<int64_t> java_int32(std::string_view text);
std::optional<int64_t> java_int64(std::string_view text);

// Between blanks (up to U+0020): "NaN", "Infinity", decimal or hexadecimal, with a sign, an exponent
// and the suffix of a float or double. Too large is infinite, too small is zero.
std::optional<double> java_double(std::string_view text);

}  // namespace gantry::filter_sql92
