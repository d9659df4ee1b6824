#include "runtime/runtime.hpp"

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <future>
#include <memory>
#include <thread>

#include "base/signal_stack.hpp"

using namespace gantry;
using namespace gantry::runtime;

namespace {

Runtime::Options options(uint32_t shards) {
  Runtime::Options made;
  made.shards = shards;
  made.workers.threads = 1;
  return made;
}

// Counts how often it is destroyed, so a job that is dropped unrun shows.
struct Witness {
  std::atomic<int>& ended;
  explicit Witness(std::atomic<int>& e) : ended(e) {}
  ~Witness() { ++ended; }
};

// Of the calling thread; 0: signals are handled on the stack it runs on.
size_t signal_stack_bytes() {
  stack_t now{};
  return sigaltstack(nullptr, &now) != 0 || now.ss_flags & SS_DISABLE ? 0 : now.ss_size;
}

}  // namespace

TEST_CASE("shards and workers have a stack for signals, so that a full one is reported") {
  ManualClock clock(1);
  Runtime runtime(options(1), clock);
  runtime.start();
  size_t shard = 0;
  runtime.shard(0).run_and_wait([&] { shard = signal_stack_bytes(); });
  std::promise<size_t> worker;
  REQUIRE(runtime.workers().submit(Task([&] { worker.set_value(signal_stack_bytes()); })));
  CHECK(shard >= static_cast<size_t>(sysconf(_SC_MINSIGSTKSZ)));
  CHECK(worker.get_future().get() >= static_cast<size_t>(sysconf(_SC_MINSIGSTKSZ)));
  runtime.stop();
}

TEST_CASE("a thread's signal stack is there until it is freed, and one it has already is kept") {
  std::thread([] {
    const size_t before = signal_stack_bytes();  // not 0 under a sanitiser
    {
      const SignalStack outer;
      const size_t own = signal_stack_bytes();
      CHECK(own > 0);
      { const SignalStack inner; }
      CHECK(signal_stack_bytes() == own);
    }
    CHECK(signal_stack_bytes() == before);
  }).join();
}

TEST_CASE("stop runs the jobs of workers and of shards, also those they post to one another") {
  ManualClock clock(1);
  for (const uint32_t shards : {1u, 2u}) {
    Runtime runtime(options(shards), clock);
    runtime.start();
    std::atomic<int> ran = 0;
    Shard& first = runtime.shard(0);
    Shard& last = runtime.shard(shards - 1);
    for (int i = 0; i < 100; ++i) {
      REQUIRE(runtime.workers().submit(Task([&] {
        first.post(Task([&] { last.post(Task([&] { first.post(Task([&] { ++ran; })); })); }));
      })));
    }
    runtime.stop();
    CHECK(ran == 100);
  }
}

TEST_CASE("stop completes every armed timer as cancelled") {
  ManualClock clock(1);
  Runtime runtime(options(2), clock);
  runtime.start();
  static std::atomic<int> cancelled;
  cancelled = 0;
  const TimerCompletion then{[](void*, TimerEnd end) { cancelled += end == TimerEnd::cancelled; },
                             nullptr};
  for (int i = 0; i < 50; ++i) {
    runtime.shard(0).arm({1'000'000 + i}, then);
    runtime.shard(1).arm({1'000'000 + i, TimeBase::wall}, then);
  }
  runtime.stop();
  CHECK(cancelled == 100);
}

TEST_CASE("a stopped shard takes no job, and what the job owned is freed") {
  ManualClock clock(1);
  Runtime runtime(options(1), clock);
  runtime.start();
  runtime.stop();
  std::atomic<int> ended = 0;
  bool ran = false;
  CHECK_FALSE(runtime.shard(0).post(
      Task([&ran, witness = std::make_unique<Witness>(ended)] { ran = true; })));
  runtime.shard(0).run_and_wait([&ran] { ran = true; });
  CHECK(ended == 1);
  CHECK_FALSE(ran);
  runtime.stop();
}

TEST_CASE("shards are at least one and at most what a token can name") {
  ManualClock clock(1);
  CHECK(Runtime(options(0), clock).shard_count() == 1);
}
