// A warm append allocates nothing: counted by replacing this program's operator new.
// Left out under sanitisers, which replace operator new themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <cstdlib>
#include <new>

#include "fixture.hpp"

namespace {
thread_local int64_t allocations = 0;
}

// Not inlined, or the compiler sees malloc meet delete and warns.
[[gnu::noinline]] void* operator new(size_t size) {
  allocations++;
  if (void* at = std::malloc(size)) return at;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* at) noexcept {
  std::free(at);
}
[[gnu::noinline]] void operator delete(void* at, size_t) noexcept {
  std::free(at);
}

using namespace gantry;
using namespace gantry::testing;

TEST_CASE("an append to a known queue allocates nothing, one record or a batch") {
  const Flush flush = GENERATE(Flush::async, Flush::sync);
  Fixture f(flush);
  f.options.segment_bytes = 1 << 20;
  f.open();
  const std::string body(1000, 'x');
  const std::vector<RecordDraft> drafts(10, draft_of("TopicOfSomeLength", 3, body));
  Put put;
  const auto append = [&](size_t count) {
    put.records = std::span(drafts).first(count);
    return f.log->append(put, f.result);
  };
  for (int i = 0; i < 10; i++) REQUIRE_FALSE(append(10));  // room for the stage to grow
  for (int round = 0; round < 2; round++) REQUIRE_FALSE(f.log->flush_now());
  for (int i = 0; i < 10; i++) REQUIRE_FALSE(append(10));
  REQUIRE_FALSE(f.log->flush_now());
  const int64_t before = allocations;
  ErrorCode error;
  for (int i = 0; i < 20 && !error; i++) error = append(1);
  if (!error) error = append(10);
  const int64_t after = allocations;
  REQUIRE_FALSE(error);
  REQUIRE(after == before);
}
#endif
