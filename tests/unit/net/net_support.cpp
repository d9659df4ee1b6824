#include "net_support.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

#include "base/endian.hpp"

namespace gantry::net::testing {

std::vector<uint8_t> frame_bytes(int32_t code, int32_t opaque, std::string_view body,
                                 int32_t flag) {
  wire::Header header;
  header.code = code;
  header.opaque = opaque;
  header.flag = flag;
  wire::ByteSink out;
  // No assertion of the test framework: other threads call this too.
  if (wire::encode_head(wire::Serialize::json, header, body.size(), out)) std::abort();
  out.append({reinterpret_cast<const uint8_t*>(body.data()), body.size()});
  return {out.bytes().begin(), out.bytes().end()};
}

Client::Client(uint16_t port, int receive_buffer_bytes) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(int));
  }
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = byte_swap(port);
  to.sin_addr.s_addr = byte_swap<uint32_t>(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) close();
}

Client::~Client() { close(); }

void Client::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void Client::reset() {
  const linger hard{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close();
}

bool Client::send(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
  return true;
}

bool Client::read_exactly(uint8_t* to, size_t bytes) {
  while (bytes > 0) {
    pollfd ready{socket_, POLLIN, 0};
    if (::poll(&ready, 1, deadline_ms) <= 0) return false;
    const ssize_t got = ::recv(socket_, to, bytes, 0);
    if (got <= 0) return false;
    to += got;
    bytes -= static_cast<size_t>(got);
  }
  return true;
}

std::optional<Reply> Client::receive() {
  std::vector<uint8_t> bytes(wire::length_bytes);
  if (!read_exactly(bytes.data(), bytes.size())) return std::nullopt;
  bytes.resize(bytes.size() + load_be<uint32_t>(bytes.data()));
  if (!read_exactly(bytes.data() + 4, bytes.size() - 4)) return std::nullopt;
  wire::HeaderScratch scratch;
  const auto message = wire::decode_frame(bytes, scratch);
  if (!message) return std::nullopt;
  return Reply{message->header.code, message->header.opaque, message->header.flag,
               {message->body.begin(), message->body.end()}};
}

bool Client::ended() {
  pollfd ready{socket_, POLLIN, 0};
  if (::poll(&ready, 1, deadline_ms) <= 0) return false;
  uint8_t byte;
  return ::recv(socket_, &byte, 1, 0) <= 0;
}

Listener::Listener(uint16_t port) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = byte_swap(port);
  at.sin_addr.s_addr = byte_swap<uint32_t>(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0);
  REQUIRE(::listen(socket_, 0) == 0);
  REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  port_ = byte_swap(at.sin_port);
}

Client Listener::accept() {
  pollfd ready{socket_, POLLIN, 0};
  const bool there = ::poll(&ready, 1, deadline_ms) > 0;
  return Client::of(there ? ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC) : -1);
}

void Listener::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

std::atomic<int64_t> Sink::live_bytes{0};
std::atomic<int64_t> Sink::live_bytes_max{0};

namespace {

// An answer whose memory is counted while anything holds it.
class CountedAnswer final : public Buffer {
 public:
  explicit CountedAnswer(uint64_t bytes) : Buffer(nullptr, bytes), bytes_(bytes, 'x') {
    data_ = bytes_.data();
    const int64_t live = Sink::live_bytes += static_cast<int64_t>(bytes);
    int64_t most = Sink::live_bytes_max;
    while (live > most && !Sink::live_bytes_max.compare_exchange_weak(most, live)) {
    }
  }
  ~CountedAnswer() override { Sink::live_bytes -= static_cast<int64_t>(size()); }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace

void answer(Session& session, const wire::Header& request, wire::Serialize serialize, Slice body) {
  wire::Header header;
  header.opaque = request.opaque;
  header.flag = wire::flag_response;
  wire::ByteSink head;
  if (wire::encode_head(serialize, header, body.bytes.size(), head)) std::abort();
  session.send(head.bytes(), {&body, 1});
}

void Sink::on_opened(Session& session) {
  std::lock_guard lock(mutex_);
  opened_.push_back(session.id());
  changed_.notify_all();
}

void Sink::on_request(Session& session, const InFrame& frame) {
  if (frame.holding) ++own_buffers_;
  const std::string_view text(reinterpret_cast<const char*>(frame.body.data()), frame.body.size());
  if (frame.header.code == echo || frame.header.code == close_after) {
    const BufferRef owner =
        frame.holding ? BufferRef::share(frame.holding) : copy_to_buffer(frame.body);
    const Bytes body = frame.holding ? frame.body : Bytes(owner->data(), owner->size());
    answer(session, frame.header, frame.serialize, {body, owner});
  } else if (frame.header.code == large) {
    uint64_t bytes = 0;
    std::from_chars(text.data(), text.data() + text.size(), bytes);
    const BufferRef owner = BufferRef::adopt(new CountedAnswer(bytes));
    answer(session, frame.header, frame.serialize, {{owner->data(), bytes}, owner});
  }
  if (frame.header.code == close_after) session.close("asked to");
  std::lock_guard lock(mutex_);
  ++requests_;
  changed_.notify_all();
}

void Sink::on_closed(SessionId session, uint32_t) {
  std::lock_guard lock(mutex_);
  closed_.push_back(session);
  changed_.notify_all();
}

template <class Ready>
void Sink::wait(Ready ready) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(deadline_ms), ready);
}

std::vector<SessionId> Sink::opened(size_t count) {
  wait([&] { return opened_.size() >= count; });
  std::lock_guard lock(mutex_);
  return opened_;
}

std::vector<SessionId> Sink::closed(size_t count) {
  wait([&] { return closed_.size() >= count; });
  std::lock_guard lock(mutex_);
  return closed_;
}

bool Sink::requests(uint64_t count) {
  wait([&] { return requests_ >= count; });
  std::lock_guard lock(mutex_);
  return requests_ >= count;
}

Node::Node(uint32_t shards, DoorOptions options, PeerOptions peers)
    : runtime({.shards = shards, .workers = {.threads = 1}}, clock),
      network(runtime, sink, peers) {
  options.name = "test";
  if (options.address.empty()) options.address = "127.0.0.1:0";
  auto bound = network.bind(std::move(options));
  REQUIRE(bound.has_value());
  door = *bound;
  runtime.start();
  REQUIRE(network.accept().has_value());
}

Node::~Node() { stop(); }

void Node::settle() {
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < runtime.shard_count(); ++i) runtime.shard(i).run_and_wait([] {});
  }
}

void Node::stop() {
  if (std::exchange(stopped, true)) return;
  network.shutdown(std::chrono::milliseconds(0));
  runtime.stop();
}

}  // namespace gantry::net::testing
