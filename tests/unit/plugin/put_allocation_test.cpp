// What hooks cost who doesn't need them: no memory. Counted by replacing operator new.
// Left out under sanitisers, which replace operator new themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <cstdlib>
#include <new>

#include "hook_node.hpp"

namespace {
thread_local int64_t allocations = 0;
}

// Not inlined, or the compiler sees malloc meet delete and warns.
[[gnu::noinline]] void* operator new(size_t size) {
  allocations++;
  if (void* at = std::malloc(size)) return at;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* at) noexcept { std::free(at); }
[[gnu::noinline]] void operator delete(void* at, size_t) noexcept { std::free(at); }

using namespace gantry;
using namespace gantry::testing;

namespace {

// C functions, as a module in C would have: nothing of a test's own allocates.
gantry_status look(gantry_instance*, const gantry_call*, const gantry_put*, gantry_put_edit*,
                   const gantry_put_editor*) {
  return GANTRY_OK;
}
gantry_status rewrite(gantry_instance*, const gantry_call*, const gantry_put*,
                      gantry_put_edit* edit, const gantry_put_editor* editor) {
  editor->redirect(edit, sdk::str("OTHER"), 1);
  return editor->set_property(edit, 0, sdk::str("REAL_TOPIC"), sdk::str("T"));
}

// Appends of `records`, with this `before` bound to DELAY and PGROUP; how often they allocate.
int64_t allocations_of(decltype(look)* before, Records& records) {
  HookNode node;
  gantry_put_hook table = delay_table;
  table.before = before;
  table.appended = nullptr;
  REQUIRE(node.start({"delay"}).has_value());
  auto* bound = const_cast<plugin::PutHook*>(node.hooks.chain()->hooks().data());
  bound->table = &table;
  TestCall call;
  gantry_status status = GANTRY_OK;
  const auto append = [&] {
    call.arena.reset();
    if (status == GANTRY_OK) status = node.append(records.put, &call.call);
  };
  for (int i = 0; i < 10; ++i) append();
  const int64_t start = allocations;
  for (int i = 0; i < 100; ++i) append();
  const int64_t end = allocations;
  REQUIRE(status == GANTRY_OK);
  return end - start;
}

}  // namespace

TEST_CASE("an append that concerns no hook allocates nothing") {
  Records records("T", {"KEYS\x01order-1\x02TAGS\x01created\x02"});
  CHECK(allocations_of(&look, records) == 0);
}

TEST_CASE("a hook that edits nothing costs no allocation") {
  Records records("T", {"DELAY\x01x\x02"});
  CHECK(allocations_of(&look, records) == 0);
}

TEST_CASE("a hook that edits takes its memory from the call's arena") {
  Records records("T", {"DELAY\x01x\x02"});
  CHECK(allocations_of(&rewrite, records) == 0);
}
#endif
