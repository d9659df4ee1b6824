#include "load_idle.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "pace.hpp"

namespace gantry::bench {
namespace {

constexpr int answer_ms_max = 10'000;

// One request and its answer.
Outcome<void> use(LoadConnection& connection, AnswerReader& answers) {
  std::array<uint8_t, 65536> buffer;
  std::vector<LoadConnection::Answered> answered;
  connection.start(now_ns(), "1732470000123");
  while (connection.in_flight() > 0) {
    if (auto written = connection.write(); !written) return written;
    pollfd wait{connection.descriptor(), POLLIN, 0};
    if (connection.blocked()) wait.events |= POLLOUT;
    if (::poll(&wait, 1, answer_ms_max) == 0) return fail("no answer within 10 s");
    if (auto read = connection.read(buffer, answers, answered); !read) return read;
  }
  return boost::system::in_place_value;
}

Outcome<void> send_half(int descriptor, const RequestShape& shape) {
  const size_t half = shape.bytes().size() / 2;
  const ssize_t put = ::send(descriptor, shape.bytes().data(), half, MSG_NOSIGNAL);
  if (put == static_cast<ssize_t>(half)) return boost::system::in_place_value;
  return fail(fmt::format("half a request could not be sent: {}", std::strerror(errno)));
}

// True if the peer ended it, or sent something nobody asked for.
bool stirred(const LoadConnection& connection) {
  pollfd look{connection.descriptor(), POLLIN, 0};
  return ::poll(&look, 1, 0) > 0;
}

void wait_for_end_of_input() {
  std::array<char, 256> ignored;
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, ignored.data(), ignored.size());
    if (got == 0 || (got < 0 && errno != EINTR)) return;
  }
}

}  // namespace

Outcome<void> hold(const HoldOptions& options) {
  const RequestShape shape(options.request);
  AnswerReader answers;
  std::vector<LoadConnection> connections;
  for (uint32_t i = 0; i < options.connections; ++i) {
    auto socket = dial(options.server);
    if (!socket) return fail(fmt::format("connection {}: {}", i + 1, socket.error().text));
    LoadConnection& connection = connections.emplace_back(std::move(*socket), shape, 1, i << 12);
    Outcome<void> done = boost::system::in_place_value;
    if (options.held == Held::used) done = use(connection, answers);
    if (options.held == Held::half) done = send_half(connection.descriptor(), shape);
    if (!done) return fail(fmt::format("connection {}: {}", i + 1, done.error().text));
  }
  fmt::print("{{\"held\": {}}}\n", connections.size());
  std::fflush(stdout);
  wait_for_end_of_input();
  uint64_t ended = 0;
  for (const LoadConnection& connection : connections) ended += stirred(connection) ? 1 : 0;
  if (ended > 0) return fail(fmt::format("the server ended {} of the connections", ended));
  return boost::system::in_place_value;
}

Outcome<ChurnResult> churn(const ChurnOptions& options) {
  Pace pace(options.rate);
  const uint64_t end = pace.begin_ns() + static_cast<uint64_t>(options.seconds * 1e9);
  ChurnResult result;
  while (pace.next() < end) {
    auto socket = dial(options.server);
    if (!socket)
      return fail(fmt::format("connection {}: {}", result.opened + 1, socket.error().text));
    socket->reset_on_close();
    ++result.opened;
  }
  result.seconds = static_cast<double>(now_ns() - pace.begin_ns()) / 1e9;
  return result;
}

}  // namespace gantry::bench
