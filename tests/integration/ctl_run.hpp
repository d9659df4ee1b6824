// gantryctl as a program, run by a shell. Any thread; waits for its end.
#pragma once

#include <string>

namespace gantry::integration {

struct Ran {
  int code = -1;
  std::string out;     // standard output
  std::string errors;  // standard error
};

// `arguments` as a shell takes them.
Ran ctl(const std::string& nameserver, const std::string& arguments);

}  // namespace gantry::integration
