// Judging takes no memory, and shards don't meet: counted by replacing operator new. Left out under
// sanitisers, which replace it themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <atomic>
#include <cstdlib>
#include <new>

#include "rig.hpp"

namespace {

std::atomic<uint64_t> allocations = 0;

}  // namespace

[[gnu::noinline]] void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, size_t) noexcept {
  std::free(block);
}

using namespace gantry::filter_sql92::testing;

TEST_CASE("judging a message takes no memory") {
  Rig rig;
  REQUIRE(rig.compile("(a = 1 OR b > 2.5 AND c < d) AND e NOT BETWEEN 1 AND -f AND g IN ('x', 'y') "
                      "AND h LIKE '%_%' AND NOT (i CONTAINS 'a') AND -j IS NULL") == GANTRY_OK);
  const Message one(Properties{{"a", "0"}, {"b", "1e400"}, {"c", "0x1p3"}, {"d", "9"}, {"e", "3"},
                               {"g", "y"}, {"h", "text"}, {"i", "b"}, {"unasked", "value"}});
  const Message other(Properties{{"a", "1.5"}});
  const gantry_message messages[] = {one.view(false), other.view(false), one.view(true)};
  const gantry_batch batch{sizeof batch, sizeof messages[0], 3, 0, messages};
  uint8_t verdicts[3] = {};
  rig.host.on_shard([&](const gantry_call& call) {
    const uint64_t before = allocations;
    for (int i = 0; i < 100; ++i) {
      REQUIRE(rig.table->match(rig.compiled.program, &call, &batch, verdicts) == GANTRY_OK);
    }
    CHECK(allocations - before == 0);
  });
  CHECK(verdicts[1] == GANTRY_VERDICT_SKIP);
  CHECK(verdicts[0] == verdicts[2]);
}
#endif
