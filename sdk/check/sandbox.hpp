// Sandbox: runs one case in a child process with a time limit, so that what a plugin does to its
// process is an outcome and not the end of the check. Used on the program's one thread.
#pragma once

#include <string>
#include <vector>

#include "check/case.hpp"

namespace gantry::sdk::check {

struct Result {
  std::string library;
  std::string module;  // empty: a case of the library
  std::string name;
  Outcome outcome = Outcome::passed;
  std::string text;  // why it isn't passed
};

struct SandboxOptions {
  int timeout_ms = 10'000;
  uint64_t seed = 1;
  bool shows_output = false;  // what the plugin prints; else it is dropped
};

// modules: where `tables` puts the names of the library's modules; may be null.
Result run_case(const Case& asked, const std::string& path, const std::string& module,
                const SandboxOptions& options, std::vector<std::string>* modules = nullptr);

const char* name_of(Outcome outcome);

}  // namespace gantry::sdk::check
