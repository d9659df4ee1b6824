// Puller: one connection of a consumer or producer, with as many requests on their way as one
// likes, told apart by number. Owned by its run, on its thread; ends with it. A failure says what
// the server did wrong, and ends the run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "socket.hpp"
#include "wire/decode.hpp"
#include "wire/frame.hpp"

namespace gantry::bench {

// A pull from an offset on; held for hold_ms when the queue has nothing.
struct PullRequest {
  std::string_view topic;
  int32_t queue_id = 0;
  int64_t offset = 0;
  int64_t hold_ms = 0;
  std::string_view type = "TAG";
  std::string_view expression = "*";
};
// A message whose body begins with a stamp of eight bytes.
struct SendRequest {
  std::string_view topic;
  int32_t queue_id = 0;
  uint64_t stamp = 0;
  uint32_t body_bytes = 1024;
  std::string_view properties = "KEYS\1order\2WAIT\1true\2TAGS\1created\2";
};

struct PullAnswer {
  int32_t number = 0;
  int32_t code = 0;
  int64_t next_offset = 0;  // of a pull
  Bytes body;               // until the next read
};

class Puller {
 public:
  explicit Puller(Socket socket) : socket_(std::move(socket)) {}

  int descriptor() const { return socket_.descriptor(); }
  bool blocked() const { return sent_ < out_.size(); }

  // Each gives the number of its request, which is on its way after write().
  int32_t pull(const PullRequest& request);
  int32_t send(const SendRequest& request);
  int32_t max_offset(std::string_view topic);
  int32_t create_topic(std::string_view topic, int32_t queues);
  Outcome<void> write();

  using Each = std::function<Outcome<void>(const PullAnswer&)>;
  // Reads what has come, and calls `each` for every answer.
  Outcome<void> read(const Each& each);
  // Waits for the next answers, at most 30 s.
  Outcome<void> wait(const Each& each);
  // Until this request is answered with one of the codes, or success; others are dropped.
  Outcome<void> settle(int32_t number, int32_t other_code = 0);

 private:
  using Fields = std::vector<std::pair<std::string_view, std::string_view>>;
  int32_t request(int32_t code, const Fields& fields, std::string_view body);

  Socket socket_;
  int32_t number_ = 0;
  std::vector<uint8_t> out_;
  size_t sent_ = 0;
  std::vector<uint8_t> in_;
};

// What an answer's records say: how many there are, and each one's stamp.
uint32_t each_stamp(Bytes records, const std::function<void(uint64_t stamp)>& each);

}  // namespace gantry::bench
