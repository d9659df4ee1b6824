// Figures for the README; hidden from an ordinary run: store_file_plugin_test "[figure]"
#include <malloc.h>

#include <array>
#include <chrono>
#include <functional>
#include <iostream>

#include "fixture.hpp"

namespace gantry::testing {
namespace {

double ms_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

TEST_CASE("figure: 20,000 queues are known again", "[.][figure]") {
  constexpr int topics = 2500, ids = 8;
  Index index({{"recent_units", 0}});
  std::vector<Record> records;
  for (int i = 0; i < topics * ids; ++i) {
    for (int64_t n = 0; n < 3; ++n) {
      records.push_back({.topic = "a_topic_of_some_length_" + std::to_string(i / ids),
                         .queue_id = i % ids,
                         .queue_offset = n,
                         .log_offset = (i * 3 + n) * 100});
    }
  }
  REQUIRE(index.feed(records).consumed == records.size());
  records.clear();
  const int64_t end = topics * ids * 300;
  std::cout << "first persist " << ms_of([&] { REQUIRE(index.persist(Index::far) == end); })
            << " ms\n";
  index.stop();
  const size_t before = mallinfo2().uordblks;
  std::cout << "start with the table " << ms_of([&] { index.start(); }) << " ms, ";
  CHECK(index.position() == end);
  std::cout << static_cast<double>(mallinfo2().uordblks - before) / (topics * ids)
            << " bytes a queue\n";
  CHECK(index.bounds("a_topic_of_some_length_77", 3)->second == 3);
  const double cold = ms_of([&] { index.read("a_topic_of_some_length_78", 0, 3, true, 3); });
  std::cout << "first read of a queue " << cold << " ms\n";
  constexpr int reads = 200'000;
  std::array<gantry_index_entry, 32> out;
  uint32_t count = 0;
  gantry_status status = GANTRY_OK;
  index.host().on_shard([&](const gantry_call& call) {
    const double all = ms_of([&] {
      for (int i = 0; i < reads; ++i) {
        status = index.index().read(index.self(), &call, sdk::str("a_topic_of_some_length_78"), 3,
                                    0, 0, out.data(), out.size(), &count);
      }
    });
    std::cout << "read of what is mapped, without waiting " << all * 1e6 / reads << " ns\n";
  });
  CHECK((status == GANTRY_OK || status == GANTRY_WOULD_BLOCK));
}

}  // namespace
}  // namespace gantry::testing
