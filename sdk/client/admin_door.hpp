// AdminDoor: one node's door for what RocketMQ has no command for (protocol/admin_codes.hpp). Owned
// and used by one thread; dialled at the first question, and again after one that failed.
//
//   client::AdminDoor node("127.0.0.1:10910");
//   if (const auto plugins = node.plugins()) ...
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "client/connection.hpp"

namespace gantry::client {

class AdminDoor {
 public:
  explicit AdminDoor(std::string address) : connection_(std::move(address)) {}

  // A node's modules: {"steadyNs": .., "plugins": [..]}, as protocol/admin_codes.hpp tells.
  Outcome<boost::json::object> plugins();
  // One of them, with its offers and facts.
  Outcome<boost::json::object> plugin(const std::string& name);

  // Scripts of filter_lua are looked at: {"loaded": [names], "failed": [{"script", "error"}], ..}.
  Outcome<boost::json::object> reload_filters();

  // Any of its codes: the answer's document. The failure is a sentence that names the address and
  // says what to look at.
  Outcome<boost::json::object> ask(int32_t code, const Fields& fields = {},
                                   std::string_view body = {});
  const std::string& address() const { return connection_.address(); }

 private:
  Connection connection_;
};

}  // namespace gantry::client
