// Where the bytes recorded from the Java reference are: $GANTRY_GOLDEN, or ../shared/golden beside
// the source folder. Tests that need them say so and pass when they are absent.
#pragma once

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <optional>

namespace gantry::testing {

inline std::optional<std::filesystem::path> golden(const char* name) {
  const char* set = std::getenv("GANTRY_GOLDEN");
  std::filesystem::path folder =
      set ? std::filesystem::path(set)
          : std::filesystem::path(GANTRY_SOURCE_DIR).parent_path() / "shared" / "golden";
  std::filesystem::path file = folder / name;
  if (std::filesystem::exists(file)) return file;
  WARN("no golden data at " << file << " (set GANTRY_GOLDEN): not compared with the Java reference");
  return std::nullopt;
}

}  // namespace gantry::testing
