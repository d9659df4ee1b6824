// Request and Reply: what goes over a connection and what comes back. Values; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "protocol/headers.hpp"

namespace gantry::client {

using protocol::Fields;
using std::chrono::milliseconds;

inline constexpr milliseconds call_timeout{5000};

struct Request {
  int32_t code = 0;
  Fields fields = {};
  std::string body = {};
};

struct Reply {
  int32_t code = 0;
  int32_t version = 0;
  std::string remark = {};
  Fields fields = {};
  std::string body = {};
};

// What a broker asks of its client (40, 220 ...). One-way requests get no answer.
struct Pushed {
  std::string address;  // of the broker
  int32_t code = 0;
  bool oneway = false;
  Fields fields = {};
  std::string body = {};
};

// A text as the value of an Outcome: a Failure could be made of one, too.
inline Outcome<std::string> text(std::string value) {
  return Outcome<std::string>(boost::system::in_place_value, std::move(value));
}

// How whoever was pushed a request answers it: at once or later, once, on the cluster's thread. After
// a one-way request, or when the connection has gone, nobody hears of it.
using Answer = std::function<void(Reply)>;

// An answer that isn't a success, as a sentence: "broker 127.0.0.1:10911 answered 17 (...): ...".
Failure refused(const std::string& who, const Reply& reply);

}  // namespace gantry::client
