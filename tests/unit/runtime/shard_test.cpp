#include "runtime/shard.hpp"

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/io_context.hpp"
#include "runtime/runtime.hpp"

using namespace gantry;
using namespace gantry::runtime;

namespace {

// What happened on other threads, in order, and a way to wait for it.
class Journal {
 public:
  void add(int what) {
    std::lock_guard lock(mutex_);
    entries_.push_back(what);
    changed_.notify_all();
  }
  std::vector<int> wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return entries_.size() >= count; });
    return entries_;
  }
  std::vector<int> entries() { return wait_for(0); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> entries_;
};

// To be posted: adds `what`.
template <int what>
Job adding(Journal& journal) {
  return {[](void* to) { static_cast<Journal*>(to)->add(what); }, &journal};
}

constexpr int due = 100;
constexpr int cancelled = 200;

TimerCompletion into(Journal& journal) {
  return {[](void* context, TimerEnd end) {
            static_cast<Journal*>(context)->add(end == TimerEnd::due ? due : cancelled);
          },
          &journal};
}

Runtime::Options options(uint32_t shards) {
  Runtime::Options made;
  made.shards = shards;
  made.workers.threads = 1;
  return made;
}

}  // namespace

TEST_CASE("jobs run on their shard in the order posted, those posted before the start included") {
  ManualClock clock(1);
  Journal journal;
  Runtime runtime(options(2), clock);
  for (int i = 0; i < 3; ++i) runtime.shard(1).post(Task([&journal, i] { journal.add(i); }));
  runtime.start();
  runtime.shard(1).run_and_wait([&] {
    journal.add(current_shard() == 1 ? 3 : -1);
    CHECK(runtime.shard(1).here());
    CHECK_FALSE(runtime.shard(0).here());
  });
  CHECK(current_shard() == no_shard);
  CHECK(journal.entries() == std::vector{0, 1, 2, 3});
}

TEST_CASE("who ends a turn sees its turn-end jobs run before what else is ready") {
  ManualClock clock(1);
  Journal journal;
  Runtime runtime(options(1), clock);
  Shard& shard = runtime.shard(0);
  const bool ends = GENERATE(true, false);
  const auto first = [&] {
    shard.post_at_turn_end(adding<9>(journal));
    if (ends) shard.end_turn();
    journal.add(1);
  };
  boost::asio::post(io_context_of(shard), first);  // both are ready when the loop begins
  boost::asio::post(io_context_of(shard), [&] { journal.add(2); });
  runtime.start();
  CHECK(journal.wait_for(3) == (ends ? std::vector{1, 9, 2} : std::vector{1, 2, 9}));
}

TEST_CASE("a turn has no more jobs than fit in its time, and the next one the rest") {
  ManualClock clock(1);
  Journal journal;
  Runtime runtime(options(1), clock);
  Shard& shard = runtime.shard(0);
  const bool is_long = GENERATE(true, false);
  shard.post(Task([&] {
    shard.post_at_turn_end(adding<9>(journal));
    journal.add(1);
    clock.advance_ms(is_long ? 1 : 0);
  }));
  shard.post(Task([&] { journal.add(2); }));
  runtime.start();
  CHECK(journal.wait_for(3) == (is_long ? std::vector{1, 9, 2} : std::vector{1, 2, 9}));
}

TEST_CASE("between a job and the one it posts, who came meanwhile is served") {
  ManualClock clock(1);
  Journal journal;
  Runtime runtime(options(1), clock);
  Shard& shard = runtime.shard(0);
  shard.post(Task([&] {
    journal.add(1);
    shard.post(Task([&] { journal.add(2); }));
    boost::asio::post(io_context_of(shard), [&] {
      journal.add(5);
      shard.post_at_turn_end(adding<9>(journal));
    });
  }));
  runtime.start();
  CHECK(journal.wait_for(4) == std::vector{1, 5, 9, 2});
}

TEST_CASE("a shard that stops runs the jobs its last turn had no time for") {
  ManualClock clock(1);
  Journal journal;
  {
    Runtime runtime(options(1), clock);
    Shard& shard = runtime.shard(0);
    runtime.start();
    shard.run_and_wait([&] {
      for (int i = 0; i < 3; ++i) {
        shard.post(Task([&, i] {
          clock.advance_ms(1);
          journal.add(i);
        }));
      }
    });
    runtime.stop();
  }
  CHECK(journal.entries() == std::vector{0, 1, 2});
}

TEST_CASE("a turn-end job runs once, after every job of its turn") {
  ManualClock clock(1);
  Journal journal;
  Runtime runtime(options(1), clock);
  Shard& shard = runtime.shard(0);
  shard.post(Task([&] {
    shard.post_at_turn_end(adding<9>(journal));
    journal.add(1);
  }));
  shard.post(Task([&] { journal.add(2); }));
  runtime.start();
  CHECK(journal.wait_for(3) == std::vector{1, 2, 9});
  shard.run_and_wait([] {});
  CHECK(journal.entries().size() == 3);
}

TEST_CASE("a turn-end job may post another, and arm a timer that then rings") {
  SystemClock clock;
  Journal journal;
  Runtime runtime(options(1), clock);
  struct Context {
    Journal& journal;
    Shard& shard;
  } context{journal, runtime.shard(0)};
  runtime.start();
  runtime.shard(0).post(Task([&] {
    context.shard.post_at_turn_end({[](void* c) {
                                      auto& in = *static_cast<Context*>(c);
                                      in.journal.add(1);
                                      in.shard.post_at_turn_end(
                                          {[](void* d) {
                                             auto& inner = *static_cast<Context*>(d);
                                             inner.journal.add(2);
                                             inner.shard.arm({0}, into(inner.journal));
                                           },
                                           c});
                                    },
                                    &context});
  }));
  CHECK(journal.wait_for(3) == std::vector{1, 2, due});
}

TEST_CASE("timers fire when a manual clock is moved and the shard is poked") {
  ManualClock clock(1'000);
  Journal journal;
  Runtime runtime(options(1), clock);
  runtime.start();
  runtime.shard(0).arm({3'000}, into(journal));
  runtime.shard(0).arm({2'000, TimeBase::wall}, into(journal));
  clock.advance_ms(999);
  runtime.poke();
  runtime.shard(0).run_and_wait([] {});
  CHECK(journal.entries().empty());
  clock.advance_ms(1);
  runtime.poke();
  CHECK(journal.wait_for(1).size() == 1);
  clock.advance_ms(1'000);
  runtime.poke();
  CHECK(journal.wait_for(2) == std::vector{due, due});
}

TEST_CASE("timers ring by themselves on the system clock") {
  SystemClock clock;
  Journal journal;
  Runtime runtime(options(1), clock);
  runtime.start();
  const auto now_ms = static_cast<int64_t>(clock.now_ns() / 1'000'000);
  runtime.shard(0).arm({now_ms + 3'600'000}, into(journal));
  runtime.shard(0).arm({now_ms + 5}, into(journal));
  CHECK(journal.wait_for(1) == std::vector{due});
}

TEST_CASE("a timer cancelled from another thread completes once, on its shard, as cancelled") {
  ManualClock clock(1);
  Journal journal;
  Runtime runtime(options(2), clock);
  runtime.start();
  const Token token = runtime.shard(1).arm({100}, into(journal));
  CHECK(runtime.cancel(token));
  CHECK(journal.wait_for(1) == std::vector{cancelled});
  CHECK_FALSE(runtime.cancel(token));
  CHECK_FALSE(runtime.cancel(Token(uint64_t{250} << 56 | 1)));
  clock.advance_ms(1'000);
  runtime.poke();
  runtime.shard(1).run_and_wait([] {});
  CHECK(journal.entries().size() == 1);
  CHECK(runtime.shard(1).timers().stale() == 1);
}

TEST_CASE("a periodic timer ticks until it is cancelled") {
  ManualClock clock(1);
  Journal journal;
  Runtime runtime(options(1), clock);
  runtime.start();
  const Token token = runtime.shard(0).every(
      10, {[](void* context) { static_cast<Journal*>(context)->add(1); }, &journal});
  for (size_t i = 1; i <= 3; ++i) {
    clock.advance_ms(10);
    runtime.poke();
    REQUIRE(journal.wait_for(i).size() == i);
  }
  CHECK(runtime.cancel(token));
  clock.advance_ms(100);
  runtime.poke();
  runtime.shard(0).run_and_wait([] {});
  runtime.poke();  // the turn after: whatever was due in the one before has fired
  runtime.shard(0).run_and_wait([] {});
  CHECK(journal.entries().size() == 3);
}

TEST_CASE("the clock is read once per turn") {
  ManualClock clock(5);
  Runtime runtime(options(1), clock);
  runtime.start();
  Shard& shard = runtime.shard(0);
  shard.run_and_wait([&] {
    CHECK(shard.now_ms() == 5);
    clock.advance_ms(1);
    CHECK(shard.now_ms() == 5);
  });
  shard.poke();
  shard.run_and_wait([&] { CHECK(shard.now_ms() == 6); });
}
