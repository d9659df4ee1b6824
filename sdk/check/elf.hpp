// Elf: the dynamic symbols of a shared object, read from its file: nothing of it is run. Pure.
#pragma once

#include <string>
#include <vector>

namespace gantry::sdk::check {

struct Symbol {
  std::string name;
  bool is_defined = false;
  bool is_unique = false;  // STB_GNU_UNIQUE
};

// Global and weak ones. Throws std::runtime_error saying why the file is no 64-bit shared object.
std::vector<Symbol> dynamic_symbols(const std::string& path);

}  // namespace gantry::sdk::check
