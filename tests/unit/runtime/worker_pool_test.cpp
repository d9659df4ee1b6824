#include "runtime/worker_pool.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>

using namespace gantry::runtime;

TEST_CASE("a full queue refuses the job and says so") {
  WorkerPool pool({.threads = 1, .queue_jobs_max = 2});
  std::promise<void> entered, leave;
  pool.start();
  REQUIRE(pool.submit(Task([&] {
    entered.set_value();
    leave.get_future().wait();
  })));
  entered.get_future().wait();
  std::atomic<int> ran = 0;
  CHECK(pool.submit(Task([&] { ++ran; })));
  CHECK(pool.submit(Task([&] { ++ran; })));
  CHECK_FALSE(pool.submit(Task([&] { ++ran; })));
  CHECK(pool.refused() == 1);
  CHECK(pool.queued() == 2);
  leave.set_value();
  pool.stop();
  CHECK(ran == 2);
}

TEST_CASE("stop runs what is queued and refuses what comes after") {
  WorkerPool pool({.threads = 2});
  std::atomic<int> ran = 0;
  for (int i = 0; i < 1000; ++i) REQUIRE(pool.submit(Task([&] { ++ran; })));
  pool.start();
  pool.stop();
  CHECK(ran == 1000);
  CHECK_FALSE(pool.submit(Task([&] { ++ran; })));
  CHECK(ran == 1000);
}

TEST_CASE("there is at least one worker however few cores there are") {
  CHECK(WorkerPool({}).threads() >= 1);
}
