// The fuzz targets over the seeds and everything that was recorded, whole and damaged: their promises
// hold, and no typed body or header is left out.
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "body_kinds.hpp"
#include "golden_data.hpp"
#include "protocol/json.hpp"
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

const std::filesystem::path source = GANTRY_SOURCE_DIR;
const std::filesystem::path seeds = source / "tests" / "fuzz" / "protocol";

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("each typed body has a seed whose members are read, and its promises hold over it") {
  std::set<std::string> seeded;
  std::ifstream in(seeds / "bodies.seeds");
  for (std::string line; std::getline(in, line);) {
    INFO(line);
    const std::string name = line.substr(0, line.find(' '));
    const std::string seed = line.substr(name.size() + 1);
    const auto kinds = fuzz::body_kinds();
    const auto kind =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.name == name; });
    REQUIRE(kind != kinds.end());
    const auto json = read_json(seed);
    REQUIRE(json.has_value());
    CHECK(kind->check(*json) == fuzz::BodyRead::members);
    run(fuzz::bodies, seed);
    run(fuzz::json, seed);
    seeded.insert(name);
  }
  for (const fuzz::BodyKind& kind : fuzz::body_kinds()) {
    CHECK(seeded.contains(std::string(kind.name)));
  }
}

TEST_CASE("no typed body of the library is left out of the fuzz targets") {
  std::set<std::string_view> known;
  for (const fuzz::BodyKind& kind : fuzz::body_kinds()) known.insert(kind.name);
  const std::regex reader(R"(Result<(\w+)> from_json\()");
  int found = 0;
  for (const auto& file : std::filesystem::directory_iterator(source / "sdk" / "protocol")) {
    if (file.path().extension() != ".hpp") continue;
    const std::string text = contents(file.path());
    for (std::sregex_iterator at(text.begin(), text.end(), reader), end; at != end; ++at) {
      INFO(file.path().filename() << ": " << (*at)[1]);
      CHECK(known.contains((*at)[1].str()));
      ++found;
    }
  }
  CHECK(found == static_cast<int>(known.size()));
}

TEST_CASE("each header of sends and pulls is read from a seed, and its promises hold over them") {
  fuzz::HeadersRead all;
  const std::string text = contents(seeds / "headers.seeds");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", at), text.size());
    const std::string seed = text.substr(at, end - at);
    const fuzz::HeadersRead read = fuzz::read_headers(seed);
    all = {all.send_v1 || read.send_v1, all.send_v2 || read.send_v2,
           all.send_answer || read.send_answer, all.pull || read.pull,
           all.pull_answer || read.pull_answer};
    run(fuzz::headers, seed);
    at = end + 2;
  }
  CHECK(all.send_v1);
  CHECK(all.send_v2);
  CHECK(all.send_answer);
  CHECK(all.pull);
  CHECK(all.pull_answer);
}

TEST_CASE("the fuzz targets hold over recorded bodies") {
  int seeds = 0;
  each_frame([&](const WireFrame& frame) {
    if (frame.body.size() > 4096) return;
    if (frame.kind.starts_with("json")) {
      run(fuzz::json, frame.body);
      run(fuzz::bodies, frame.body);
    }
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
