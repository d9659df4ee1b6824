// The fuzz targets over everything that was recorded, whole and damaged: their promises hold.
#include "golden_data.hpp"
#include "targets.hpp"

namespace gantry::protocol::testing {
namespace {

// The bytes, every prefix of short ones, and copies with one byte changed.
void run(int (*target)(std::string_view), const std::string& seed) {
  target(seed);
  const std::size_t step = 1 + seed.size() / 64;
  for (std::size_t at = 0; at < seed.size(); at += step) {
    target(std::string_view(seed).substr(0, at));
    std::string damaged = seed;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    target(damaged);
  }
}

}  // namespace

TEST_CASE("the fuzz targets hold over recorded bodies") {
  int seeds = 0;
  each_frame([&](const WireFrame& frame) {
    if (frame.body.size() > 4096) return;
    if (frame.kind.starts_with("json")) run(fuzz::json, frame.body);
    if (frame.kind == "records" || frame.kind == "batch") run(fuzz::records, frame.body);
    ++seeds;
  });
  if (golden("wire")) CHECK(seeds > 1000);
}

TEST_CASE("the fuzz targets hold over recorded properties and ids") {
  each_case("properties-decode", [](const boost::json::object& c) {
    if (c.at("in").is_object()) run(fuzz::properties, bytes(c.at("in").at("hex")));
  });
  each_case("offset-id-decode",
            [](const boost::json::object& c) { run(fuzz::ids, text(c.at("in"))); });
  each_case("uniq-id-create",
            [](const boost::json::object& c) { run(fuzz::ids, text(c.at("out"))); });
  each_case("batch-encode",
            [](const boost::json::object& c) { run(fuzz::records, bytes(c.at("out"))); });
}

}  // namespace gantry::protocol::testing
