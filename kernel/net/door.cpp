#include "net/door.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/endian.hpp"
#include "base/logging.hpp"
#include "net/address.hpp"
#include "net/shard_sessions.hpp"

namespace gantry::net {
namespace {

constexpr int accepts_per_wake_max = 64;
constexpr int64_t accept_pause_ms = 100;  // when the process has no descriptors left

std::optional<Tcp::endpoint> parse_address(std::string_view text) {
  const auto wanted = parse_host_port(text);
  if (!wanted) return std::nullopt;
  ErrorCode error;
  const auto address = boost::asio::ip::make_address(wanted->host, error);
  if (error) return std::nullopt;
  return Tcp::endpoint(address, wanted->port);
}

Peer peer_from(const sockaddr_storage& from) {
  Peer peer;
  if (from.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
    std::memcpy(peer.address.data(), &v4.sin_addr, 4);
    peer.address_size = 4;
    peer.port = byte_swap(v4.sin_port);
    return peer;
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
  peer.port = byte_swap(v6.sin6_port);
  // A door on [::] sees IPv4 clients as mapped addresses; the rest of the node knows them as IPv4.
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
  peer.address_size = mapped ? 4 : 16;
  std::memcpy(peer.address.data(), v6.sin6_addr.s6_addr + (mapped ? 12 : 0), peer.address_size);
  return peer;
}

}  // namespace

ListeningDoor::ListeningDoor(uint32_t number, DoorOptions options, runtime::Shard& home,
                             FrameSink& sink,
                             const std::vector<std::unique_ptr<ShardSessions>>& shards)
    : Origin(number, false, sink,
             {options.frame_bytes_max, options.idle_ms, options.write_queue_bytes_max}),
      options_(std::move(options)),
      home_(home),
      shards_(shards),
      acceptor_(runtime::io_context_of(home)) {}

Failure ListeningDoor::failure(const char* what, const ErrorCode& error) const {
  return fail(fmt::format("net.door \"{}\": cannot {} {}: {}", options_.name, what,
                          options_.address, error.message()));
}

Outcome<void> ListeningDoor::bind() {
  const auto wanted = parse_address(options_.address);
  if (!wanted) {
    return fail(fmt::format("net.door \"{}\": address \"{}\" is not \"ip:port\"", options_.name,
                            options_.address));
  }
  ErrorCode error;
  acceptor_.open(wanted->protocol(), error);
  if (!error) acceptor_.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor_.non_blocking(true, error);
  if (!error) acceptor_.bind(*wanted, error);
  if (!error) endpoint_ = acceptor_.local_endpoint(error);
  if (error) return failure("bind", error);
  return boost::system::in_place_value;
}

Outcome<void> ListeningDoor::listen() {
  ErrorCode error;
  acceptor_.listen(Acceptor::max_listen_connections, error);
  if (error) return failure("listen on", error);
  return boost::system::in_place_value;
}

std::string ListeningDoor::address() const {
  const auto ip = endpoint_.address();
  return ip.is_v6() ? fmt::format("[{}]:{}", ip.to_string(), endpoint_.port())
                    : fmt::format("{}:{}", ip.to_string(), endpoint_.port());
}

void ListeningDoor::start_accepting() { wait(); }

void ListeningDoor::close() {
  ErrorCode ignored;
  acceptor_.close(ignored);
}

void ListeningDoor::wait() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_wait(Acceptor::wait_read, [this](const ErrorCode& error) {
    if (error) return;  // closed
    accept_ready();
  });
}

void ListeningDoor::accept_ready() {
  for (int i = 0; i < accepts_per_wake_max; ++i) {
    if (!accept_one()) return;
  }
  wait();
}

// False if there is none left or accepting has to wait; then the next wait is arranged.
bool ListeningDoor::accept_one() {
  sockaddr_storage from{};
  socklen_t from_size = sizeof from;
  const int descriptor = ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&from),
                                   &from_size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) {
    const int error = errno;
    if (error == EINTR || error == ECONNABORTED) return true;
    if (error == EAGAIN || error == EWOULDBLOCK) {
      wait();
    } else {
      pause(error);
    }
    return false;
  }
  if (connections_.load(std::memory_order_relaxed) >= options_.connections_max) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    ::close(descriptor);
    return true;
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  hand_over(descriptor, peer_from(from));
  return true;
}

void ListeningDoor::hand_over(int descriptor, const Peer& peer) {
  connections_.fetch_add(1, std::memory_order_relaxed);
  ShardSessions& shard = *shards_[next_shard_++ % shards_.size()];
  shard.expect();
  if (shard.shard().here()) {
    shard.adopt(*this, descriptor, peer);
    return;
  }
  const bool taken = shard.shard().post(runtime::Task([this, &shard, descriptor, peer] {
    shard.adopt(*this, descriptor, peer);
  }));
  if (taken) return;
  ::close(descriptor);
  shard.expected_gone();
  leave();
}

// Out of descriptors or memory: the socket stays readable, so waiting for it would spin.
void ListeningDoor::pause(int error) {
  logging::warn("net", "door \"{}\": cannot accept: {}; trying again in {} ms", options_.name,
                std::strerror(error), accept_pause_ms);
  const int64_t now_ms = static_cast<int64_t>(home_.now_ns() / 1'000'000);
  home_.arm({now_ms + accept_pause_ms}, {[](void* self, runtime::TimerEnd end) {
                                           if (end == runtime::TimerEnd::cancelled) return;
                                           static_cast<ListeningDoor*>(self)->accept_ready();
                                         },
                                         this});
}

}  // namespace gantry::net
