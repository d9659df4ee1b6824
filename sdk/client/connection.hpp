// Connection: one TCP connection to a nameserver or broker for a thread that waits; requests one at
// a time, each with its own deadline. Owned and used by one thread, which does all its work. Ends
// with its owner; the call after a broken one dials again.
//
//   client::Connection broker("127.0.0.1:10911");
//   auto reply = broker.call(protocol::request_code::get_broker_runtime_info, {});
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "client/request.hpp"

namespace gantry::client {

class Connection {
 public:
  // "host:port"; dialled at the first call.
  explicit Connection(std::string address);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  const std::string& address() const;

  // Sends and waits for the answer; requests the other side pushes meanwhile are read and dropped.
  // The failure names the address and says what to look at. A call that failed closes the connection.
  Outcome<Reply> call(int32_t code, const Fields& fields, std::string_view body = {},
                      milliseconds timeout = call_timeout);

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace gantry::client
