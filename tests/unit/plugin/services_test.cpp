#include <condition_variable>
#include <mutex>

#include "host_node.hpp"
#include "support/turn.hpp"

using namespace gantry;
using namespace gantry::testing;

namespace {

// Counts completions and remembers the last.
struct Completions {
  std::mutex mutex;
  std::condition_variable changed;
  int count = 0;
  gantry_status status = GANTRY_PENDING;
  uint32_t shard = 0;

  gantry_completion get() {
    return {[](void* at, const gantry_call* call, gantry_status status, const void*) {
              auto& self = *static_cast<Completions*>(at);
              const std::lock_guard lock(self.mutex);
              ++self.count;
              self.status = status;
              self.shard = call->shard;
              self.changed.notify_all();
            },
            this};
  }
  void wait(int wanted = 1) {
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return count >= wanted; }));
  }
};

const gantry_host* user_host(HostNode& node) {
  static const gantry_host* seen = nullptr;
  script.create = [](const gantry_host* host) {
    if (sdk::view(host->instance_name) == "user") seen = host;
  };
  REQUIRE(node.start().has_value());
  return seen;
}

// Moves the clock; the timers that are due have run when it returns.
void advance(HostNode& node, int64_t ms) {
  node.clock.advance_ms(ms);
  node.runtime.poke();
  finish_turn(node.runtime.shard(0));
}

constexpr int64_t never = 1'000'000'000;
constexpr uint32_t durable = 1u << GANTRY_MARK_DURABLE;

const gantry_commitlog& log_of(const gantry_host* host) {
  return *static_cast<const gantry_commitlog*>(host->service(host, GANTRY_HOST_COMMITLOG));
}

const gantry_timer& timer_of(const gantry_host* host) {
  return *static_cast<const gantry_timer*>(host->service(host, GANTRY_HOST_TIMER));
}

}  // namespace

TEST_CASE("an unknown service is null, so is the log of a node without one") {
  HostNode node;
  const gantry_host* host = user_host(node);
  CHECK(host->service(host, "gantry.host.timer/0") != nullptr);
  CHECK(host->service(host, "gantry.host.timer/99") == nullptr);
  CHECK(host->service(host, "") == nullptr);
  CHECK(host->service(host, GANTRY_HOST_COMMITLOG) == nullptr);
}

TEST_CASE("a timer fires on its shard when due, and not before") {
  HostNode node;
  const gantry_host* host = user_host(node);
  Completions done;
  gantry_token token = 0;
  REQUIRE(timer_of(host).arm(host, 0, 100, done.get(), &token) == GANTRY_OK);
  advance(node, 99);
  CHECK(done.count == 0);
  advance(node, 2);
  CHECK(done.count == 1);
  CHECK(done.status == GANTRY_OK);
  CHECK(done.shard == 0);
  CHECK(timer_of(host).cancel(host, token) == GANTRY_GONE);
}

TEST_CASE("a cancelled timer completes once, as cancelled") {
  HostNode node;
  const gantry_host* host = user_host(node);
  Completions done;
  gantry_token token = 0;
  timer_of(host).arm(host, 0, 1000, done.get(), &token);
  CHECK(timer_of(host).cancel(host, token) == GANTRY_OK);
  done.wait();
  CHECK(done.status == GANTRY_CANCELLED);
  CHECK(timer_of(host).cancel(host, token) == GANTRY_GONE);
}

TEST_CASE("an unknown shard is refused") {
  HostNode node;
  const gantry_host* host = user_host(node);
  Completions done;
  CHECK(timer_of(host).arm(host, 7, 1, done.get(), nullptr) == GANTRY_INVALID);
  CHECK(timer_of(host).post(host, 7, done.get()) == GANTRY_INVALID);
  CHECK(done.count == 0);
}

TEST_CASE("jobs run on the shard or a worker they were given to") {
  HostNode node;
  const gantry_host* host = user_host(node);
  Completions posted;
  Completions worked;
  CHECK(timer_of(host).post(host, 0, posted.get()) == GANTRY_OK);
  CHECK(timer_of(host).work(host, worked.get()) == GANTRY_OK);
  posted.wait();
  worked.wait();
  CHECK(posted.shard == 0);
  CHECK(worked.shard == GANTRY_NO_SHARD);
}

TEST_CASE("a periodic timer ticks until it is cancelled") {
  HostNode node;
  const gantry_host* host = user_host(node);
  std::atomic<int> ticks{0};
  gantry_token token = 0;
  const auto tick = [](void* at, const gantry_call*) { ++*static_cast<std::atomic<int>*>(at); };
  REQUIRE(timer_of(host).every(host, 0, 10, tick, &ticks, &token) == GANTRY_OK);
  for (int i = 0; i < 3; ++i) advance(node, 10);
  CHECK(ticks == 3);
  CHECK(timer_of(host).cancel(host, token) == GANTRY_OK);
  node.runtime.shard(0).run_and_wait([] {});
  const int before = ticks;
  advance(node, 100);
  CHECK(ticks == before);
}

TEST_CASE("stop cancels what a module still waits for before its stop is called") {
  HostNode node;
  const gantry_host* host = user_host(node);
  Completions done;
  timer_of(host).arm(host, 0, 1'000'000, done.get(), nullptr);
  timer_of(host).every(host, 0, 10, [](void*, const gantry_call*) {}, nullptr, nullptr);
  node.host.stop();
  CHECK(done.count == 1);
  CHECK(done.status == GANTRY_CANCELLED);
}

TEST_CASE("stop calls off what a module awaits of the log") {
  HostNode node;
  node.open_log();
  const gantry_host* host = user_host(node);
  Completions awaited;
  Completions watched;
  REQUIRE(log_of(host).await(host, nullptr, never, durable, 3'600'000, awaited.get()) == GANTRY_OK);
  REQUIRE(log_of(host).watch(host, GANTRY_MARK_DURABLE, never, watched.get()) == GANTRY_OK);
  node.host.stop();
  CHECK(awaited.count == 1);
  CHECK(awaited.status == GANTRY_CANCELLED);
  CHECK(watched.count == 1);
  CHECK(watched.status == GANTRY_CANCELLED);
}

TEST_CASE("a watch of a mark that stands already ends, also once the shards have stopped") {
  HostNode node;
  node.open_log();
  const gantry_host* host = user_host(node);
  node.runtime.stop();
  Completions done;
  REQUIRE(log_of(host).watch(host, GANTRY_MARK_VISIBLE, -1, done.get()) == GANTRY_OK);
  CHECK(done.count == 1);
  CHECK(done.status == GANTRY_OK);
}

TEST_CASE("a watch that is asked for while the module stops is called off at once") {
  HostNode node;
  node.open_log();
  const gantry_host* host = user_host(node);
  REQUIRE(node.host.find("user")->outstanding().settle(10));
  Completions done;
  REQUIRE(log_of(host).watch(host, GANTRY_MARK_DURABLE, never, done.get()) == GANTRY_OK);
  done.wait();
  CHECK(done.status == GANTRY_CANCELLED);
}

TEST_CASE("an await ends once: by its marks, or by its deadline") {
  HostNode node;
  node.open_log();
  const gantry_host* host = user_host(node);
  Completions passed;
  REQUIRE(log_of(host).await(host, nullptr, 0, durable, 10, passed.get()) == GANTRY_OK);
  passed.wait();
  Completions late;
  REQUIRE(log_of(host).await(host, nullptr, never, durable, 10, late.get()) == GANTRY_OK);
  advance(node, 11);
  late.wait();
  CHECK(late.status == GANTRY_BUSY);
  CHECK(passed.status == GANTRY_OK);
  node.host.stop();
  CHECK(passed.count == 1);
  CHECK(late.count == 1);
}

TEST_CASE("a timer is cancelled by its token, whatever else of the module waits under the same number") {
  HostNode node;
  node.open_log();
  const gantry_host* host = user_host(node);
  constexpr size_t count = 4;  // the log counts its waits from 0, the shard its timers
  Completions timers[count];
  Completions watches[count];
  gantry_token tokens[count]{};
  for (size_t i = 0; i < count; ++i)
    REQUIRE(timer_of(host).arm(host, 0, 3'600'000, timers[i].get(), &tokens[i]) == GANTRY_OK);
  for (Completions& watch : watches)
    REQUIRE(log_of(host).watch(host, GANTRY_MARK_DURABLE, never, watch.get()) == GANTRY_OK);
  for (size_t i = 0; i < count; ++i) {
    CHECK(timer_of(host).cancel(host, tokens[i]) == GANTRY_OK);
    timers[i].wait();
    CHECK(timers[i].status == GANTRY_CANCELLED);
  }
  for (Completions& watch : watches) CHECK(watch.count == 0);
}

TEST_CASE("a timer that stop has cancelled can be cancelled once more by what its end calls") {
  HostNode node;
  const gantry_host* host = user_host(node);
  struct Ends {
    const gantry_host* host;
    gantry_token tokens[2] = {};
    int again = 0;
  } ends{host};
  const gantry_completion then = {[](void* at, const gantry_call*, gantry_status, const void*) {
                                    auto& self = *static_cast<Ends*>(at);
                                    for (const gantry_token token : self.tokens)
                                      if (timer_of(self.host).cancel(self.host, token) == GANTRY_OK)
                                        ++self.again;
                                  },
                                  &ends};
  for (gantry_token& token : ends.tokens)
    REQUIRE(timer_of(host).arm(host, 0, 3'600'000, then, &token) == GANTRY_OK);
  node.host.stop();
  CHECK(ends.again == 0);
}

TEST_CASE("a binding needs to be declared, and calls reach the module it names") {
  HostNode node;
  const gantry_host* host = user_host(node);
  const auto& capabilities = *static_cast<const gantry_capabilities*>(
      host->service(host, GANTRY_HOST_CAPABILITIES));
  gantry_error error{};
  error.struct_size = sizeof error;
  gantry_binding* binding = nullptr;
  CHECK(capabilities.bind(host, GANTRY_CAP_QUEUE_INDEX, {}, &binding, &error) == GANTRY_INVALID);
  CHECK(std::string(error.text) == "user does not list gantry.queue_index/0 among its needs");
  CHECK(capabilities.bind(host, GANTRY_CAP_METADATA_STORE, sdk::str("other"), &binding, &error) ==
        GANTRY_GONE);
  REQUIRE(capabilities.bind(host, GANTRY_CAP_METADATA_STORE, {}, &binding, &error) == GANTRY_OK);
  gantry_lease lease{};
  REQUIRE(capabilities.enter(binding, nullptr, &lease) == GANTRY_OK);
  CHECK(lease.table == &store_table);
  CHECK(lease.instance == node.host.find("store")->self());
  capabilities.leave(&lease, GANTRY_OK);
  node.host.stop();
  CHECK(capabilities.enter(binding, nullptr, &lease) == GANTRY_REFUSED);
}

TEST_CASE("scratch of a size that no memory has is refused, not wrapped around to little") {
  HostNode node;
  const gantry_host* host = user_host(node);
  const auto& buffers =
      *static_cast<const gantry_buffers*>(host->service(host, GANTRY_HOST_BUFFERS));
  dispatch::Arena arena;
  auto* const lent = reinterpret_cast<gantry_arena*>(&arena);
  REQUIRE(buffers.scratch(lent, 16) != nullptr);
  for (const uint64_t size : {UINT64_MAX, UINT64_MAX - 14, uint64_t{1} << 62})
    CHECK(buffers.scratch(lent, size) == nullptr);
}

TEST_CASE("a reserved buffer lives until its last release") {
  HostNode node;
  const gantry_host* host = user_host(node);
  const auto& buffers =
      *static_cast<const gantry_buffers*>(host->service(host, GANTRY_HOST_BUFFERS));
  gantry_slice slice{};
  uint8_t* writable = nullptr;
  REQUIRE(buffers.reserve(host, 100, &slice, &writable) == GANTRY_OK);
  writable[99] = 7;
  buffers.retain(host, slice.buffer);
  buffers.release(host, slice.buffer);
  CHECK(slice.data[99] == 7);
  buffers.release(host, slice.buffer);
}
