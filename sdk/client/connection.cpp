#include "client/connection.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <optional>
#include <vector>

#include "protocol/codes.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace gantry::client {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Connection::Socket {
  asio::io_context io{1};
  tcp::socket socket{io};
  std::vector<uint8_t> received;  // whole and partial frames not yet taken
  wire::HeaderScratch scratch;
  wire::ByteSink head;

  // Runs what was begun until it is done or the deadline passes; then it is cancelled.
  ErrorCode run(const std::optional<ErrorCode>& done, milliseconds timeout) {
    io.restart();
    io.run_for(timeout);
    if (done) return *done;
    ErrorCode ignored;
    socket.close(ignored);
    io.run();
    return asio::error::timed_out;
  }
};

Connection::Connection(std::string address) : address_(std::move(address)) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Outcome<void> Connection::connect(milliseconds timeout) {
  const size_t colon = address_.rfind(':');
  if (colon == std::string::npos) {
    return fail(fmt::format("\"{}\" is not host:port", address_));
  }
  std::string host = address_.substr(0, colon);
  if (host.size() > 1 && host.front() == '[') host = host.substr(1, host.size() - 2);
  auto made = std::make_unique<Socket>();
  tcp::resolver resolver(made->io);
  ErrorCode error;
  const auto endpoints = resolver.resolve(host, address_.substr(colon + 1), error);
  if (error) return fail(fmt::format("{} cannot be resolved: {}", address_, error.message()));
  std::optional<ErrorCode> done;
  asio::async_connect(made->socket, endpoints,
                      [&](const ErrorCode& result, const tcp::endpoint&) { done = result; });
  if (error = made->run(done, timeout); error) {
    return fail(fmt::format("{} cannot be reached: {}; is a node running there?", address_,
                            error.message()));
  }
  made->socket.set_option(tcp::no_delay(true), error);
  socket_ = std::move(made);
  return {};
}

Outcome<Reply> Connection::call(int32_t code, const Fields& fields, std::string_view body,
                                milliseconds timeout) {
  if (!socket_) {
    if (Outcome<void> connected = connect(timeout); !connected) return connected.error();
  }
  Outcome<Reply> reply = exchange(code, fields, body, timeout);
  if (!reply) socket_.reset();
  return reply;
}

namespace {

std::vector<Field> views_of(const Fields& fields) {
  std::vector<Field> out;
  for (const auto& [key, value] : fields) {
    out.push_back({std::string_view(key), std::string_view(value)});
  }
  return out;
}

Reply reply_of(const wire::Header& header, Bytes body) {
  Reply reply;
  reply.code = header.code;
  reply.version = header.version;
  reply.remark = header.remark.view();
  for (const Field& field : header.fields) {
    reply.fields.emplace_back(field.key.view(), field.value.view());
  }
  reply.body.assign(reinterpret_cast<const char*>(body.data()), body.size());
  return reply;
}

// Takes the first whole frame; if it answers `opaque`, the reply.
std::optional<Outcome<Reply>> take_frame(std::vector<uint8_t>& received,
                                         wire::HeaderScratch& scratch, int32_t opaque,
                                         bool& taken) {
  const wire::NextFrame next = wire::next_frame(received, wire::frame_bytes_max_default);
  taken = next.status == wire::FrameStatus::complete;
  if (next.status == wire::FrameStatus::incomplete) return std::nullopt;
  if (!taken) return Outcome<Reply>(fail("it answered with no RocketMQ frame: " +
                                         next.error.message()));
  wire::Header header;
  if (const ErrorCode error = wire::decode_header(next.frame, scratch, header)) {
    return Outcome<Reply>(fail("it answered with a broken header: " + error.message()));
  }
  std::optional<Outcome<Reply>> out;
  if (wire::is_response(header) && header.opaque == opaque) {
    out = Outcome<Reply>(reply_of(header, next.frame.body));
  }
  received.erase(received.begin(), received.begin() + static_cast<ptrdiff_t>(next.frame.size));
  return out;
}

}  // namespace

Outcome<Reply> Connection::exchange(int32_t code, const Fields& fields, std::string_view body,
                                    milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const auto left = [&] {
    return std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
  };
  const auto broken = [&](const ErrorCode& error) {
    return fail(fmt::format("{}: request {} ({}): {}", address_, code,
                            protocol::request_code_name(code), error.message()));
  };
  const std::vector<Field> views = views_of(fields);
  wire::Header header;
  header.code = code;
  header.language = wire::language::cpp;
  header.version = protocol::version::announced;
  header.opaque = ++opaque_;
  header.fields = views;
  header.has_fields = !views.empty();
  Socket& at = *socket_;
  at.head.clear();
  if (const ErrorCode error =
          wire::encode_head(wire::Serialize::json, header, body.size(), at.head)) {
    return broken(error);
  }
  const std::array<asio::const_buffer, 2> buffers = {
      asio::buffer(at.head.data(), at.head.size()), asio::buffer(body.data(), body.size())};
  std::optional<ErrorCode> done;
  asio::async_write(at.socket, buffers, [&](const ErrorCode& error, size_t) { done = error; });
  if (const ErrorCode error = at.run(done, left())) return broken(error);
  for (;;) {
    bool taken = false;
    if (auto reply = take_frame(at.received, at.scratch, opaque_, taken)) return *reply;
    if (taken) continue;
    std::array<uint8_t, 64 * 1024> chunk;
    size_t size = 0;
    done.reset();
    at.socket.async_read_some(asio::buffer(chunk), [&](const ErrorCode& error, size_t count) {
      done = error;
      size = count;
    });
    if (const ErrorCode error = at.run(done, left())) return broken(error);
    at.received.insert(at.received.end(), chunk.begin(), chunk.begin() + static_cast<ptrdiff_t>(size));
  }
}

}  // namespace gantry::client
