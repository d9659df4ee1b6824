#include "client/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "client/link.hpp"

namespace gantry::client {

struct Connection::Inner {
  explicit Inner(std::string address) : link(std::make_unique<Link>(io, std::move(address))) {}
  ~Inner() {
    link.reset();
    io.restart();
    io.poll();  // its coroutines end
  }

  boost::asio::io_context io{1};
  std::unique_ptr<Link> link;
};

Connection::Connection(std::string address)
    : inner_(std::make_unique<Inner>(std::move(address))) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

const std::string& Connection::address() const { return inner_->link->address(); }

Outcome<Reply> Connection::call(int32_t code, const Fields& fields, std::string_view body,
                                milliseconds timeout) {
  std::optional<Outcome<Reply>> reply;
  Request request{code, fields, std::string(body)};
  boost::asio::co_spawn(inner_->io, inner_->link->ask(std::move(request), timeout),
                        [&](const std::exception_ptr&, Outcome<Reply> answer) {
                          reply.emplace(std::move(answer));
                        });
  inner_->io.restart();
  while (!reply) inner_->io.run_one();
  if (!*reply) inner_->link->close("a call failed");
  return std::move(*reply);
}

}  // namespace gantry::client
