#include "check/report.hpp"

#include <cstdio>
#include <filesystem>
#include <string_view>

namespace gantry::sdk::check {
namespace {

std::string file_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

// What isn't ASCII becomes a question mark: a plugin's words may be any bytes.
std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else
      out += c >= ' ' && c <= '~' ? c : '?';
  }
  return out + '"';
}

}  // namespace

bool Tally::is_good() const {
  return of[static_cast<size_t>(Outcome::failed)] == 0 &&
         of[static_cast<size_t>(Outcome::crashed)] == 0;
}

std::string line_of(const Result& result) {
  if (result.outcome == Outcome::passed) return {};
  return file_of(result.library) + " " + (result.module.empty() ? "" : result.module + "/") +
         result.name + ": " + name_of(result.outcome) + ": " + result.text;
}

std::string summary_of(const std::string& library, const Tally& tally) {
  std::string out = file_of(library) + ":";
  const char* between = " ";
  for (const Outcome outcome :
       {Outcome::passed, Outcome::warning, Outcome::skipped, Outcome::failed, Outcome::crashed}) {
    const size_t count = tally.of[static_cast<size_t>(outcome)];
    if (count == 0) continue;
    out += between + std::to_string(count) + " " + name_of(outcome);
    between = ", ";
  }
  return out;
}

std::string json_of(const Result& result) {
  return R"({"library":)" + json_text(result.library) + R"(,"module":)" + json_text(result.module) +
         R"(,"case":)" + json_text(result.name) + R"(,"outcome":)" +
         json_text(name_of(result.outcome)) + R"(,"text":)" + json_text(result.text) + "}";
}

}  // namespace gantry::sdk::check
