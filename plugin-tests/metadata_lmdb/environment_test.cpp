// The environment by itself, from several threads: the map grows under readers.
#include "metadata_lmdb/environment.hpp"

#include <atomic>
#include <thread>

#include "fixture.hpp"

namespace gantry::testing {
namespace {

TEST_CASE("readers on other threads see whole writes while the map grows") {
  const Folder folder;
  metadata_lmdb::Environment environment({.folder = folder.path, .map_bytes = 1 << 20});
  std::atomic<bool> done{false};
  std::atomic<int> torn{0}, scans{0};
  const auto reader = [&] {
    while (!done || scans == 0) {
      // Every write sets both keys of a pair alike.
      std::string first;
      environment.scan("pair", {}, [&](const gantry_document& document) {
        if (first.empty()) first = sdk::view(document.value);
        torn += sdk::view(document.value) != first;
        return GANTRY_OK;
      });
      ++scans;
    }
  };
  std::thread one(reader), other(reader);
  for (int i = 1; i <= 60; ++i) {
    const std::string value = std::to_string(i), key = "filler" + value, filler(100'000, 'f');
    const auto document = [](std::string_view table, std::string_view name, std::string_view text) {
      return gantry_document{sdk::str(table), sdk::bytes(name), sdk::bytes(text)};
    };
    const std::vector<gantry_document> documents{
        document("pair", "a", value), document("t", key, filler), document("pair", "b", value)};
    environment.commit(documents);
  }
  done = true;
  one.join();
  other.join();
  CHECK(torn == 0);
  CHECK(environment.map_bytes() > 4u << 20);
}

}  // namespace
}  // namespace gantry::testing
