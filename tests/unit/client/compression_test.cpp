// Bodies as Java's clients compress them.
#include "client/compression.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fstream>

#include "support/golden.hpp"

namespace gantry::client {

TEST_CASE("what was deflated is inflated to the same bytes, and damage is an error") {
  const auto kind = GENERATE(Compression::zlib, Compression::lz4, Compression::zstd);
  std::string body;
  for (int i = 0; i < 50'000; ++i) body += std::to_string(i * 7919 % 1000);
  const auto small = deflate(kind, body, 5);
  REQUIRE(small.has_value());
  CHECK(small->size() < body.size());
  const auto again = inflate(kind, *small);
  REQUIRE(again.has_value());
  CHECK(*again == body);

  CHECK_FALSE(inflate(kind, std::string_view(*small).substr(0, small->size() / 2)).has_value());
  CHECK_FALSE(inflate(kind, "no such stream").has_value());
  CHECK_FALSE(inflate(kind, "").has_value());
  const auto bomb = inflate(kind, *small, 1000);
  REQUIRE_FALSE(bomb.has_value());
  CHECK(bomb.error().text.find("1000") != std::string::npos);
}

TEST_CASE("the flags of a compressed body say how to inflate it") {
  for (const Compression kind : {Compression::zlib, Compression::lz4, Compression::zstd}) {
    CHECK(protocol::compression_of(compression_flags(kind)) == kind);
    CHECK((compression_flags(kind) & protocol::message_flag::compressed) != 0);
  }
}

}  // namespace gantry::client
