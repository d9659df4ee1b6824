#include "net/crowd.hpp"

#include <catch2/catch.hpp>

using gantry::net::Crowd;

TEST_CASE("a crowd has left when half of it is gone, and again when half of the rest is") {
  Crowd crowd;
  for (size_t sessions = 1; sessions <= 2000; ++sessions) crowd.came(sessions);
  CHECK_FALSE(crowd.left(1999));
  CHECK_FALSE(crowd.left(1001));
  CHECK(crowd.left(1000));
  crowd.forget(1000);
  CHECK_FALSE(crowd.left(501));
  CHECK(crowd.left(500));
}

TEST_CASE("few sessions that come and go are no crowd") {
  Crowd crowd;
  for (size_t round = 0; round < 10'000; ++round) {
    crowd.came(Crowd::left_min - 1);
    CHECK_FALSE(crowd.left(0));
  }
  crowd.came(Crowd::left_min);
  CHECK(crowd.left(0));
  CHECK_FALSE(crowd.left(1));
}
