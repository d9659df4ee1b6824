#include "ctl_run.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace gantry::integration {

Ran ctl(const std::string& nameserver, const std::string& arguments) {
  const auto errors = std::filesystem::temp_directory_path() /
                      fmt::format("gantryctl-{}.err", static_cast<int>(::getpid()));
  const std::string command = fmt::format("NAMESRV_ADDR='{}' {}/bin/gantryctl {} 2> {}", nameserver,
                                          GANTRY_BINARY_DIR, arguments, errors.string());
  Ran ran;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  size_t size = 0;
  while ((size = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0) ran.out.append(buffer, size);
  const int status = ::pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::ifstream file(errors);
  ran.errors.assign(std::istreambuf_iterator<char>(file), {});
  std::filesystem::remove(errors);
  return ran;
}

}  // namespace gantry::integration
