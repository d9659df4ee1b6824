// Link: one TCP connection to a nameserver or broker, with any number of requests under way. Private
// to client. Everything happens on the one thread that runs `io`, so a Link has no lock. Dialled by
// the first request; after it broke, by the next one. Its coroutines share its state, so a Link may
// end before they do: what is under way then fails.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/request.hpp"

namespace gantry::client {

// What a Link tells its owner. The functions run on the thread of `io`.
struct LinkEvents {
  // A request of the other side.
  std::function<void(const Pushed&, const Answer&)> pushed;
  // A new connection may say something before everything else: a client's heartbeat. `local` is the
  // address it has here.
  std::function<std::optional<Request>(const std::string& local_ip)> greeting;
};

class Link {
 public:
  // `address` is "host:port"; names are resolved, addresses need nobody.
  Link(boost::asio::io_context& io, std::string address, LinkEvents events = {});
  ~Link();
  Link(Link&&) noexcept;
  Link& operator=(Link&&) noexcept;

  const std::string& address() const;
  bool is_up() const;

  // Sends and waits for the answer. The failure names the address and says what to look at. A peer
  // that has said nothing at all for the whole of a call is taken for dead: the connection is
  // closed. May be cancelled; a late answer is dropped.
  boost::asio::awaitable<Outcome<Reply>> ask(Request request, milliseconds timeout);
  // Hands a one-way request to the socket; waits while that has too much of them.
  boost::asio::awaitable<Outcome<void>> tell(Request request, milliseconds timeout);
  // Fails what is under way.
  void close(const std::string& why);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace gantry::client
