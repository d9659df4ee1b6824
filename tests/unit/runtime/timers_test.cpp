#include "runtime/timers.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <vector>

using namespace gantry;
using namespace gantry::runtime;

namespace {

Now at(int64_t steady_ms, int64_t wall_ms = 0) {
  return {wall_ms, static_cast<uint64_t>(steady_ms) * 1'000'000};
}

TimerCompletion completion(int& who) {
  return {[](void*, TimerEnd) {}, &who};
}

}  // namespace

TEST_CASE("timers fire in the order they are due, not the order they were armed") {
  Timers timers(0);
  int a, b, c;
  timers.arm({30}, completion(a));
  timers.arm({10}, completion(b));
  timers.arm({20}, completion(c));
  CHECK_FALSE(timers.take_due(at(9)));
  CHECK(timers.take_due(at(30))->completion.context == &b);
  CHECK(timers.take_due(at(30))->completion.context == &c);
  CHECK(timers.take_due(at(30))->completion.context == &a);
  CHECK_FALSE(timers.take_due(at(1000)));
  CHECK(timers.armed() == 0);
}

TEST_CASE("a token that fired, was cancelled or never was is stale and counted") {
  Timers timers(7);
  int a, b;
  const Token fired = timers.arm({1}, completion(a)).token;
  const Token cancelled = timers.arm({2}, completion(b)).token;
  CHECK(shard_of(fired) == 7);
  REQUIRE(timers.take_due(at(1)));
  CHECK(timers.cancel(cancelled)->completion.context == &b);
  CHECK_FALSE(timers.cancel(fired));
  CHECK_FALSE(timers.cancel(cancelled));
  CHECK_FALSE(timers.cancel(Token{}));
  CHECK_FALSE(timers.cancel(Token(uint64_t{7} << 56 | uint64_t{99} << 32 | 1)));
  CHECK(timers.stale() == 4);
}

TEST_CASE("a reused slot gets a new token, so an old one cannot cancel it") {
  Timers timers(0);
  int a, b;
  const Token first = timers.arm({1}, completion(a)).token;
  timers.cancel(first);
  const Token second = timers.arm({1}, completion(b)).token;
  CHECK(first != second);
  CHECK_FALSE(timers.cancel(first));
  CHECK(timers.armed() == 1);
}

TEST_CASE("wall timers follow the wall clock and steady ones do not") {
  Timers timers(0);
  int wall, steady;
  timers.arm({5000, TimeBase::wall}, completion(wall));
  timers.arm({5000, TimeBase::steady}, completion(steady));
  CHECK_FALSE(timers.take_due(at(0, 4999)));
  CHECK(timers.wait_ms(at(0, 4000)) == 1000);
  CHECK(timers.take_due(at(0, 5000))->completion.context == &wall);
  CHECK_FALSE(timers.take_due(at(4999, 9000)));
  CHECK(timers.take_due(at(5000, 0))->completion.context == &steady);
  CHECK_FALSE(timers.wait_ms(at(0)));
}

TEST_CASE("a periodic timer skips the ticks it missed and keeps its rhythm") {
  Timers timers(0);
  int ticks = 0;
  const Token token = timers.every(10, 10, {[](void*) {}, &ticks}).token;
  REQUIRE(timers.take_due(at(10))->tick.context == &ticks);
  CHECK_FALSE(timers.take_due(at(19)));
  REQUIRE(timers.take_due(at(57)));
  CHECK_FALSE(timers.take_due(at(59)));
  CHECK(timers.take_due(at(60)));
  CHECK_FALSE(timers.cancel(token)->completion.done);
  CHECK_FALSE(timers.take_due(at(1000)));
}

TEST_CASE("arm says when the shard has to wake sooner than it planned") {
  Timers timers(0);
  int a;
  CHECK(timers.arm({100}, completion(a)).earliest);
  CHECK_FALSE(timers.arm({200}, completion(a)).earliest);
  CHECK(timers.arm({50}, completion(a)).earliest);
}

TEST_CASE("a timer beyond the room there is gets no token, and there is room again after a cancel") {
  Timers timers(0, 1);
  const Token first = timers.arm({10}, {}).token;
  REQUIRE(first != Token());
  CHECK(timers.arm({20}, {}).token == Token());
  CHECK(timers.armed() == 1);
  REQUIRE(timers.cancel(first));
  CHECK(timers.arm({20}, {}).token != Token());
}

TEST_CASE("thousands of random arms and cancels fire exactly what is left, in order") {
  std::mt19937 random(20240601);
  Timers timers(0);
  std::multimap<int64_t, uint64_t> expected;
  std::vector<std::pair<Token, int64_t>> tokens;
  for (int i = 0; i < 20'000; ++i) {
    const auto due = static_cast<int64_t>(random() % 5000);
    const Token token = timers.arm({due}, {}).token;
    expected.emplace(due, token.value);
    tokens.emplace_back(token, due);
    if (random() % 2 == 0) {
      const size_t pick = random() % tokens.size();
      const auto [cancelled, when] = tokens[pick];
      REQUIRE(timers.cancel(cancelled));
      auto [from, to] = expected.equal_range(when);
      while (from->second != cancelled.value) REQUIRE(++from != to);
      expected.erase(from);
      tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(pick));
    }
  }
  CHECK(timers.armed() == expected.size());
  for (int64_t now = 0; now < 5000; ++now) {
    uint64_t fired = 0;
    while (timers.take_due(at(now))) ++fired;
    REQUIRE(fired == expected.count(now));
  }
  CHECK(timers.armed() == 0);
}
