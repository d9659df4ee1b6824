#include "unit/wire/golden_frames.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/golden.hpp"

namespace gantry::wire::testing {
namespace {

namespace json = boost::json;

uint64_t frames_of_line(const std::string& where, const json::object& exchange,
                        const std::function<void(const GoldenFrame&)>& each) {
  uint64_t count = 0;
  for (const char* side : {"request", "response"}) {
    const json::object* const frame = exchange.at(side).if_object();
    if (frame == nullptr) continue;
    const std::string hex(frame->at("hex").as_string());
    each({where + " " + side, *frame, from_hex(hex)});
    ++count;
  }
  return count;
}

}  // namespace

uint64_t for_each_golden_frame(const std::function<void(const GoldenFrame&)>& each) {
  const auto folder = gantry::testing::golden("wire");
  if (!folder) return 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  uint64_t count = 0;
  for (const auto& file : files) {
    std::ifstream in(file);
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
      const std::string where = file.filename().string() + ":" + std::to_string(number);
      count += frames_of_line(where, json::parse(line).as_object(), each);
    }
  }
  return count;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

}  // namespace gantry::wire::testing
