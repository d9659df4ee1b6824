#include "echo_server.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <vector>

namespace gantry::bench {
namespace {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using Tcp = asio::ip::tcp;
using Stream = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;

constexpr size_t read_bytes = 64 * 1024;

}  // namespace

// Owns itself: ends when its socket does.
class EchoServer::Connection {
 public:
  static void begin(Stream socket, Responder& responder) {
    (new Connection(std::move(socket), responder))->read();
  }

 private:
  Connection(Stream socket, Responder& responder)
      : socket_(std::move(socket)), responder_(responder), buffer_(read_bytes) {
    socket_.non_blocking(true);
    socket_.set_option(Tcp::no_delay(true));
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_.data() + kept_, buffer_.size() - kept_),
                            [this](const ErrorCode& error, size_t bytes) {
                              if (error || !respond(kept_ + bytes)) return end();
                              write();
                            });
  }

  // Answers every frame that is complete, keeps the rest. False if the client makes no sense.
  bool respond(size_t bytes) {
    Bytes rest(buffer_.data(), bytes);
    for (;;) {
      const wire::NextFrame next = wire::next_frame(rest, buffer_.size());
      if (next.status == wire::FrameStatus::malformed) return false;
      if (next.status == wire::FrameStatus::incomplete) break;
      if (responder_.respond(next.frame, out_)) return false;
      rest = rest.subspan(next.frame.size);
    }
    kept_ = rest.size();
    std::memmove(buffer_.data(), rest.data(), kept_);
    return true;
  }

  void write() {
    if (out_.empty()) return read();
    ErrorCode error;
    const size_t put = socket_.write_some(asio::buffer(out_.data(), out_.size()), error);
    if (error && error != asio::error::would_block) return end();
    if (put == out_.size()) {
      out_.clear();
      return read();
    }
    asio::async_write(socket_, asio::buffer(out_.data() + put, out_.size() - put),
                      [this](const ErrorCode& failed, size_t) {
                        if (failed) return end();
                        out_.clear();
                        read();
                      });
  }

  void end() { delete this; }

  Stream socket_;
  Responder& responder_;
  std::vector<uint8_t> buffer_;
  size_t kept_ = 0;
  wire::ByteSink out_;
};

struct EchoServer::State {
  State(uint16_t port, Responder& r)
      : acceptor(context.get_executor(), Tcp::endpoint(asio::ip::address_v4::loopback(), port)),
        responder(r) {}

  void accept() {
    acceptor.async_accept([this](const ErrorCode& error, Stream socket) {
      if (!error) Connection::begin(std::move(socket), responder);
      accept();
    });
  }

  asio::io_context context{1};
  Acceptor acceptor;
  Responder& responder;
};

EchoServer::EchoServer(uint16_t port, Responder& responder)
    : state_(std::make_unique<State>(port, responder)) {
  state_->accept();
}
EchoServer::~EchoServer() = default;

uint16_t EchoServer::port() const {
  return state_->acceptor.local_endpoint().port();
}
void EchoServer::run() {
  state_->context.run();
}

}  // namespace gantry::bench
