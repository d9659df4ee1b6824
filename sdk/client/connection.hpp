// Connection: one TCP connection to a nameserver or broker; requests one at a time, each with its
// own deadline. Owned and used by one thread. Ends with its owner; a failed call closes it, and the
// next one dials again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "protocol/headers.hpp"

namespace gantry::client {

using protocol::Fields;
using std::chrono::milliseconds;

inline constexpr milliseconds call_timeout{5000};

struct Reply {
  int32_t code = 0;
  int32_t version = 0;
  std::string remark;
  Fields fields;
  std::string body;
};

class Connection {
 public:
  // "host:port"; dialled at the first call.
  explicit Connection(std::string address);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  const std::string& address() const { return address_; }

  // Sends and waits for the answer; requests the other side pushes meanwhile are read and dropped.
  // The failure names the address and says what to look at.
  Outcome<Reply> call(int32_t code, const Fields& fields, std::string_view body = {},
                      milliseconds timeout = call_timeout);

 private:
  struct Socket;
  Outcome<void> connect(milliseconds timeout);
  Outcome<Reply> exchange(int32_t code, const Fields& fields, std::string_view body,
                          milliseconds timeout);

  std::string address_;
  std::unique_ptr<Socket> socket_;
  int32_t opaque_ = 0;
};

}  // namespace gantry::client
