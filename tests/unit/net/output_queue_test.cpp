#include "net/output_queue.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace gantry;
using namespace gantry::net;

namespace {

std::string gathered(const OutputQueue& queue, size_t runs, uint64_t most) {
  std::vector<iovec> out(runs);
  const int count = queue.gather(out);
  std::string text;
  for (int i = 0; i < count; ++i) {
    text.append(static_cast<const char*>(out[i].iov_base), out[i].iov_len);
  }
  return text.substr(0, most);
}

}  // namespace

TEST_CASE("bytes leave in the order they were appended, however writes are cut") {
  std::mt19937 random(11);
  OutputQueue queue;
  std::string expected, written;
  for (int i = 0; i < 3000; ++i) {
    const std::string text(random() % 3000, static_cast<char>('a' + i % 26));
    const Bytes bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    if (random() % 2 == 0) {
      queue.append_copy(bytes);
    } else {
      BufferRef owner = copy_to_buffer(bytes);
      queue.append({{owner->data(), owner->size()}, owner});
    }
    expected += text;
    REQUIRE(queue.bytes() == expected.size() - written.size());
    if (random() % 3 == 0) {
      const std::string part = gathered(queue, 1 + random() % 5, random() % 9000);
      queue.consume(part.size());
      written += part;
    }
  }
  while (!queue.empty()) {
    const std::string part = gathered(queue, 64, 1'000'000);
    queue.consume(part.size());
    written += part;
  }
  CHECK(written == expected);
}

TEST_CASE("a slice is written from where it is and released once it is written") {
  OutputQueue queue;
  const BufferRef owner = make_buffer(5000);
  queue.append({{owner->data(), owner->size()}, owner});
  std::array<iovec, 4> out;
  REQUIRE(queue.gather(out) == 1);
  CHECK(out[0].iov_base == owner->data());
  queue.consume(4999);
  CHECK(owner->shared());
  queue.consume(1);
  CHECK_FALSE(owner->shared());
}

TEST_CASE("a small slice is copied and released at once") {
  OutputQueue queue;
  const BufferRef owner = make_buffer(100);
  queue.append({{owner->data(), owner->size()}, owner});
  CHECK_FALSE(owner->shared());
  CHECK(queue.bytes() == 100);
}

TEST_CASE("a queue that never empties does not grow") {
  OutputQueue queue;
  const std::vector<uint8_t> bytes(1000, 'x');
  queue.append_copy(bytes);
  for (int i = 0; i < 20'000; ++i) {
    queue.append_copy(bytes);
    queue.consume(bytes.size());
  }
  CHECK(queue.bytes() == 1000);
  CHECK(queue.capacity() < 512 * 1024);
}
