#include "client/link.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <limits>
#include <map>

#include "client/event.hpp"
#include "client/frames.hpp"
#include "protocol/codes.hpp"

namespace gantry::client {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using std::chrono::steady_clock;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr size_t unsent_bytes_max = 16u << 20;  // a one-way request waits beyond it

}  // namespace

struct Link::State : std::enable_shared_from_this<Link::State> {
  State(asio::io_context& i, std::string a, LinkEvents e)
      : io(i), address(std::move(a)), events(std::move(e)), socket(i), dialled(i), drained(i) {
    dialled.expires_at(steady_clock::time_point::max());
  }

  // A call that waits: in the frame of ask(), found by its number.
  struct Waiting {
    asio::steady_timer done;  // cancelled when there is a reply
    std::optional<Outcome<Reply>> reply;
  };

  awaitable<Outcome<void>> dial(steady_clock::time_point deadline);
  awaitable<Outcome<void>> connect(steady_clock::time_point deadline);
  awaitable<Outcome<tcp::resolver::results_type>> resolve();
  awaitable<Outcome<Reply>> exchange(Request request, steady_clock::time_point deadline);
  static awaitable<void> read(std::shared_ptr<State> self, uint64_t generation);
  static awaitable<void> write(std::shared_ptr<State> self, uint64_t generation);
  Outcome<void> send(const Request& request, int32_t number, bool oneway);
  void start_writing();
  // 1 follows the largest: a connection may outlive two thousand million requests.
  int32_t next_number() {
    opaque = opaque == std::numeric_limits<int32_t>::max() ? 1 : opaque + 1;
    return opaque;
  }
  void take(const FrameReader::Taken& frame);
  void close(const std::string& why);
  Failure broken(const Request& request, const std::string& why) const {
    return fail(fmt::format("{}: request {} ({}): {}", address, request.code,
                            protocol::request_code_name(request.code), why));
  }

  asio::io_context& io;
  const std::string address;
  const LinkEvents events;
  tcp::socket socket;
  asio::steady_timer dialled;  // cancelled when an attempt to connect is over
  Event drained;               // a write is over, or the connection
  bool ended = false;  // its Link is gone: nothing is dialled any more
  bool connecting = false;
  bool connected = false;
  bool writing = false;
  uint64_t generation = 0;  // of the connection; the coroutines of an older one end
  int32_t opaque = 0;
  std::map<int32_t, Waiting*> waiting;
  wire::ByteSink out;   // what the next write takes
  wire::ByteSink sent;  // what is being written
  steady_clock::time_point heard;
};

awaitable<Outcome<tcp::resolver::results_type>> Link::State::resolve() {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) co_return fail(fmt::format("\"{}\" is not host:port", address));
  std::string host = address.substr(0, colon);
  const std::string port = address.substr(colon + 1);
  if (host.size() > 1 && host.front() == '[') host = host.substr(1, host.size() - 2);
  ErrorCode error;
  const auto ip = asio::ip::make_address(host, error);
  const auto number = protocol::parse_i32(port);
  if (!number || *number < 1 || *number > 65'535) {
    co_return fail(fmt::format("\"{}\": \"{}\" is no port", address, port));
  }
  if (!error) {
    const tcp::endpoint endpoint(ip, static_cast<uint16_t>(*number));
    co_return tcp::resolver::results_type::create(endpoint, host, port);
  }
  tcp::resolver resolver(io);
  auto [failed, found] = co_await resolver.async_resolve(host, port, as_result);
  if (failed) {
    co_return fail(fmt::format("{} cannot be resolved: {}", address, failed.message()));
  }
  co_return found;
}

awaitable<Outcome<void>> Link::State::connect(steady_clock::time_point deadline) {
  using namespace asio::experimental::awaitable_operators;
  auto endpoints = co_await resolve();
  if (!endpoints) co_return endpoints.error();
  if (ended) co_return fail("the client has ended");
  asio::steady_timer timer(io, deadline);
  auto connected_or_late = co_await (asio::async_connect(socket, *endpoints, as_result) ||
                                     timer.async_wait(as_result));
  ErrorCode error = asio::error::timed_out;
  if (connected_or_late.index() == 0) error = std::get<0>(std::get<0>(connected_or_late));
  if (error) {
    ErrorCode ignored;
    socket.close(ignored);
    co_return fail(fmt::format("{} cannot be reached: {}; is a node running there?", address,
                               error.message()));
  }
  socket.set_option(tcp::no_delay(true), error);
  co_return Outcome<void>();
}

awaitable<Outcome<void>> Link::State::dial(steady_clock::time_point deadline) {
  while (connecting) {
    co_await dialled.async_wait(as_result);
    if (steady_clock::now() >= deadline) co_return fail(address + " cannot be reached in time");
  }
  if (ended) co_return fail("the client has ended");
  if (connected) co_return Outcome<void>();
  connecting = true;
  // Whatever way this ends, others may go on.
  const std::unique_ptr<State, void (*)(State*)> over(this, [](State* self) {
    self->connecting = false;
    self->dialled.cancel();
  });
  auto up = co_await connect(deadline);
  if (!up) co_return up.error();
  connected = true;
  heard = steady_clock::now();
  ++generation;
  asio::co_spawn(io, read(shared_from_this(), generation), asio::detached);
  ErrorCode error;
  const std::string local = socket.local_endpoint(error).address().to_string();
  std::optional<Request> greeting;
  if (events.greeting) greeting = events.greeting(local);
  // A greeting that fails says nothing about what is asked next: that has a failure of its own.
  if (greeting) co_await exchange(std::move(*greeting), deadline);
  co_return Outcome<void>();
}

Outcome<void> Link::State::send(const Request& request, int32_t number, bool oneway) {
  if (const ErrorCode error = append_request(request, number, oneway, out)) {
    return broken(request, error.message());
  }
  start_writing();
  return {};
}

void Link::State::start_writing() {
  if (writing || out.empty()) return;
  writing = true;
  asio::co_spawn(io, write(shared_from_this(), generation), asio::detached);
}

awaitable<void> Link::State::write(std::shared_ptr<State> self, uint64_t generation) {
  while (self->generation == generation && !self->out.empty()) {
    std::swap(self->out, self->sent);
    self->out.clear();
    const auto bytes = asio::buffer(self->sent.data(), self->sent.size());
    auto [error, size] = co_await asio::async_write(self->socket, bytes, as_result);
    if (self->generation != generation) co_return;
    if (error) {
      self->writing = false;
      self->close(error.message());
      co_return;
    }
    self->drained.signal();
  }
  if (self->generation == generation) self->writing = false;
}

awaitable<void> Link::State::read(std::shared_ptr<State> self, uint64_t generation) {
  FrameReader reader;
  for (;;) {
    const auto room = asio::buffer(reader.room());
    auto [error, size] = co_await self->socket.async_read_some(room, as_result);
    if (self->generation != generation) co_return;
    if (error) {
      self->close(error == asio::error::eof ? "the connection was closed" : error.message());
      co_return;
    }
    self->heard = steady_clock::now();
    reader.received(size);
    for (;;) {
      const auto frame = reader.next();
      if (!frame) {
        self->close("what came is no RocketMQ frame: " + frame.error().message());
        co_return;
      }
      if (!*frame) break;
      self->take(**frame);
      if (self->generation != generation) co_return;
    }
  }
}

void Link::State::take(const FrameReader::Taken& frame) {
  if (wire::is_response(frame.header)) {
    const auto found = waiting.find(frame.header.opaque);
    if (found == waiting.end() || found->second->reply) return;  // too late
    found->second->reply = reply_of(frame);
    found->second->done.cancel();
    return;
  }
  if (!events.pushed) return;
  const Pushed pushed = pushed_of(frame, address);
  events.pushed(pushed, [weak = weak_from_this(), connection = generation,
                         number = frame.header.opaque, oneway = pushed.oneway](const Reply& reply) {
    const auto self = weak.lock();
    if (!self || self->generation != connection || oneway) return;
    if (!append_answer(reply, number, self->out)) self->start_writing();
  });
}

awaitable<Outcome<Reply>> Link::State::exchange(Request request,
                                                steady_clock::time_point deadline) {
  Waiting call{asio::steady_timer(io, deadline), {}};
  const int32_t number = next_number();
  // Known only as long as this frame is there.
  struct Known {
    Known(State& s, int32_t n, Waiting& call) : state(s), number(n) { s.waiting[n] = &call; }
    ~Known() { state.waiting.erase(number); }
    State& state;
    int32_t number;
  } const known(*this, number, call);
  const auto asked = steady_clock::now();
  const uint64_t connection = generation;
  if (auto sent_off = send(request, number, false); !sent_off) co_return sent_off.error();
  auto [expired] = co_await call.done.async_wait(as_result);
  if (call.reply) {
    if (*call.reply) co_return std::move(**call.reply);
    co_return broken(request, call.reply->error().text);
  }
  if (expired) co_return broken(request, "it was given up");  // cancelled
  if (connection == generation && connected && heard <= asked) close("it says nothing");
  co_return broken(request, fmt::format("no answer within {} ms",
                                        std::chrono::duration_cast<milliseconds>(
                                            steady_clock::now() - asked)
                                            .count()));
}

void Link::State::close(const std::string& why) {
  ErrorCode ignored;
  socket.close(ignored);
  connected = false;
  writing = false;
  ++generation;
  out.clear();
  drained.signal();
  for (auto& [number, call] : waiting) {
    if (call->reply) continue;
    call->reply = Outcome<Reply>(fail(why));
    call->done.cancel();
  }
}

Link::Link(asio::io_context& io, std::string address, LinkEvents events)
    : state_(std::make_shared<State>(io, std::move(address), std::move(events))) {}

Link::~Link() {
  if (!state_) return;
  state_->ended = true;
  state_->close("the client ends");
}

Link::Link(Link&&) noexcept = default;
Link& Link::operator=(Link&& other) noexcept {
  std::swap(state_, other.state_);  // what was here ends with `other`
  return *this;
}

const std::string& Link::address() const { return state_->address; }

bool Link::is_up() const { return state_->connected; }

void Link::close(const std::string& why) { state_->close(why); }

awaitable<Outcome<Reply>> Link::ask(Request request, milliseconds timeout) {
  const std::shared_ptr<State> state = state_;
  const auto deadline = steady_clock::now() + timeout;
  auto up = co_await state->dial(deadline);
  if (!up) co_return up.error();
  co_return co_await state->exchange(std::move(request), deadline);
}

awaitable<Outcome<void>> Link::tell(Request request, milliseconds timeout) {
  const std::shared_ptr<State> state = state_;
  const auto deadline = steady_clock::now() + timeout;
  auto up = co_await state->dial(deadline);
  if (!up) co_return up.error();
  while (state->out.size() > unsent_bytes_max) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) {
      co_return state->broken(request, "it takes nothing: too much is waiting to be sent");
    }
    co_await state->drained.wait(left);
  }
  if (!state->connected) co_return state->broken(request, "the connection was closed");
  co_return state->send(request, state->next_number(), true);
}

}  // namespace gantry::client
