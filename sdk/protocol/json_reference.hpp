// fastjson's references: finding the value a path like $.consumerDataSet[0].subscriptionDataSet[1]
// names in the part of a document that is already read. Used by the reader only.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string_view>

namespace gantry::protocol {

// "$", ".name" with backslash before special characters, "[0]", "['name']"; null if there is
// nothing.
const boost::json::value* find_path(const boost::json::value& root, std::string_view path);

struct TreeSize {
  std::size_t bytes = 0;  // about
  std::size_t depth = 0;
};

// How much a copy of `value` takes; stops counting beyond bytes_max.
TreeSize tree_size(const boost::json::value& value, std::size_t bytes_max);

}  // namespace gantry::protocol
