// What parsing a tag expression promises for any bytes. Run by the fuzz target and, over a few
// texts, by plugin-tests/filter_tag.
#pragma once

#include <string_view>

namespace gantry::filter_tag::fuzz {

// 0; a broken promise ends the program where it is seen.
int expression(std::string_view text);

}  // namespace gantry::filter_tag::fuzz
