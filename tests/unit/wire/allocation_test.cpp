// Counts every allocation of this test program, to show that a warm reader and writer make none.
// Left out under sanitisers, which replace operator new themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "unit/wire/wire_support.hpp"

namespace {

thread_local uint64_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  if (void* const block = std::malloc(size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete[](void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  std::free(block);
}

using namespace gantry;
using namespace gantry::wire;
using namespace gantry::wire::testing;

namespace {

struct Codec {
  HeaderScratch scratch;
  ByteSink sink;

  // Decodes and encodes again, in both forms; answers false on any error.
  bool turn(Bytes frame) {
    const NextFrame next = next_frame(frame, frame_bytes_max_default);
    Header header;
    if (decode_header(next.frame, scratch, header)) return false;
    sink.clear();
    return !encode_head(Serialize::json, header, next.frame.body.size(), sink) &&
           !encode_head(Serialize::compact, header, next.frame.body.size(), sink);
  }
};

}  // namespace

TEST_CASE("a warm codec allocates nothing for a frame, a cold one does") {
  const std::string header =
      R"({"code":310,"remark":"broken \xff here","extFields":{"a":"p","i":"KEYS\u0001k\u0002",)"
      R"("b":5,"b":6,"big":")" +
      std::string(3000, 'x') + "\\n\"},\"x\":[{},[1]],\"opaque\":9}";
  const ByteString frames[] = {
      make_frame(0, bytes_of("{\"code\":1}")),
      make_frame(0, bytes_of(std::string(header).replace(header.find("\\xff"), 4, "\xff")), "body"),
      make_frame(
          1, from_hex("0069 00 01df 00000007 00000000 00000001 ff 00000008 0001 61 00000001 62")),
  };
  Codec codec;
  const uint64_t cold = allocations;
  for (const ByteString& frame : frames) REQUIRE(codec.turn(frame));
  CHECK(allocations > cold);

  bool fine = true;
  const uint64_t warm = allocations;
  for (int round = 0; round < 1000; ++round) {
    for (const ByteString& frame : frames) fine = codec.turn(frame) && fine;
  }
  const uint64_t counted_allocations = allocations - warm;
  CHECK(fine);
  CHECK(counted_allocations == 0);
}

TEST_CASE("refusing a malformed frame allocates nothing") {
  const ByteString frame = make_frame(0, bytes_of(R"({"code":"x"})"));
  Codec codec;
  const uint64_t before = allocations;
  const bool fine = codec.turn(frame);
  const uint64_t counted_allocations = allocations - before;
  CHECK_FALSE(fine);
  CHECK(counted_allocations == 0);
}
#endif
