#include "net/frame_reader.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "base/endian.hpp"

using namespace gantry;
using namespace gantry::net;
using Status = FrameReader::Status;

namespace {

constexpr uint64_t max = 16 * 1024 * 1024;

// A frame of `total` bytes with an empty header and a body that depends on `seed`.
std::vector<uint8_t> frame(uint64_t total, uint8_t seed = 0) {
  std::vector<uint8_t> bytes(total);
  store_be(bytes.data(), static_cast<uint32_t>(total - 4));
  store_be(bytes.data() + 4, uint32_t{0});
  for (uint64_t i = 8; i < total; ++i) bytes[i] = static_cast<uint8_t>(seed + i * 31);
  return bytes;
}

// Gives the reader at most `most` of `stream` as the kernel would; answers how much it took.
uint64_t read_into(FrameReader& reader, std::span<uint8_t> shared, Bytes stream, uint64_t most) {
  std::array<iovec, 2> into;
  const int count = reader.targets(shared, into);
  uint64_t taken = 0;
  for (int i = 0; i < count; ++i) {
    const uint64_t step = std::min({into[i].iov_len, stream.size() - taken, most - taken});
    std::memcpy(into[i].iov_base, stream.data() + taken, step);
    taken += step;
  }
  reader.received(shared, taken);
  return taken;
}

std::vector<uint8_t> copy(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

TEST_CASE("frames come out whole however the stream is cut") {
  std::mt19937 random(7);
  std::vector<uint8_t> shared(64 * 1024);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::vector<uint8_t>> frames;
    std::vector<uint8_t> stream;
    for (int i = 0; i < 20; ++i) {
      const uint64_t largest = round % 3 == 0 ? 20'000 : 300'000;
      const uint64_t sizes[] = {8 + random() % 40, 8 + random() % 3000, 8 + random() % largest};
      frames.push_back(frame(sizes[random() % 3], static_cast<uint8_t>(random())));
      stream.insert(stream.end(), frames.back().begin(), frames.back().end());
    }
    const uint64_t cut_max = round % 3 == 0 ? 7 : round % 3 == 1 ? 5'000 : 1'000'000;
    FrameReader reader(max);
    size_t seen = 0;
    for (Bytes rest = stream; !rest.empty();) {
      const uint64_t step = read_into(reader, shared, rest, 1 + random() % cut_max);
      rest = rest.subspan(step);
      for (;;) {
        const auto next = reader.next();
        if (next.status == Status::malformed) FAIL("malformed");
        if (next.status == Status::more) break;
        REQUIRE((copy(next.bytes) == frames[seen]));
        REQUIRE(next.frame.body.size() == frames[seen].size() - 8);
        if (next.holding) REQUIRE(next.bytes.data() == next.holding->data());
        ++seen;
        if (random() % 8 == 0) {  // stopped by its output, and resumed after others used the buffer
          reader.put_aside();
          std::fill(shared.begin(), shared.end(), uint8_t{0xee});
          reader.resume();
        }
      }
      std::fill_n(shared.begin(), std::min<uint64_t>(step, shared.size()), uint8_t{0xdd});
    }
    CHECK(seen == frames.size());
    CHECK(reader.held() == 0);
  }
}

TEST_CASE("a length word alone makes nobody allocate the frame it promises") {
  std::vector<uint8_t> shared(64 * 1024);
  FrameReader reader(max);
  const auto bytes = frame(max);
  Bytes rest = bytes;
  rest = rest.subspan(read_into(reader, shared, rest, 8));
  CHECK(reader.next().status == Status::more);
  CHECK(reader.held() <= 16 * 1024);
  uint64_t arrived = 8;
  while (!rest.empty()) {
    const uint64_t step = read_into(reader, shared, rest, 9'999);
    rest = rest.subspan(step);
    arrived += step;
    if (rest.empty()) break;
    REQUIRE(reader.next().status == Status::more);
    REQUIRE(reader.held() <= 2 * arrived + 16 * 1024);
  }
  const auto whole = reader.next();
  REQUIRE(whole.status == Status::frame);
  CHECK(whole.holding->size() == max);
  CHECK(std::equal(bytes.begin(), bytes.end(), whole.bytes.begin(), whole.bytes.end()));
}

TEST_CASE("a small unfinished frame is kept in exactly its size") {
  std::vector<uint8_t> shared(64 * 1024);
  FrameReader reader(max);
  const auto bytes = frame(300);
  read_into(reader, shared, bytes, 100);
  CHECK(reader.next().status == Status::more);
  CHECK(reader.held() == 300);
}

TEST_CASE("a length out of bounds is malformed as soon as its four bytes are there") {
  std::vector<uint8_t> shared(64 * 1024);
  for (const uint32_t length : {0u, 3u, 0x7fffffffu, 0x80000000u, 0xffffffffu,
                                static_cast<uint32_t>(max - 3)}) {
    for (const uint64_t step : {1u, 4u}) {
      FrameReader reader(max);
      uint8_t word[4];
      store_be(word, length);
      auto status = Status::more;
      for (Bytes rest = word; !rest.empty() && status == Status::more;) {
        rest = rest.subspan(read_into(reader, shared, rest, step));
        status = reader.next().status;
      }
      INFO("length " << length << " in steps of " << step);
      CHECK(status == Status::malformed);
    }
  }
}
