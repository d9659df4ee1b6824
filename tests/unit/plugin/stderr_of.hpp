// What a piece of a test writes to stderr, where log lines go.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

namespace gantry::testing {

// While `body` runs; `file` keeps it.
template <class F>
std::string stderr_of(const std::filesystem::path& file, F&& body) {
  const int kept = dup(STDERR_FILENO);
  const int out = open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  REQUIRE(dup2(out, STDERR_FILENO) == STDERR_FILENO);
  body();
  dup2(kept, STDERR_FILENO);
  close(kept);
  close(out);
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace gantry::testing
