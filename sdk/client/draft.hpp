// Draft: a message or a batch as it goes over the wire, checked and encoded once, however often it is
// tried. Private to client; a value.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "client/producer.hpp"
#include "client/request.hpp"
#include "protocol/ids.hpp"

namespace gantry::client {

struct Draft {
  std::string topic;
  std::string properties;
  std::string body;
  std::string message_ids;  // unique keys, comma-joined
  int32_t sys_flag = 0;
  int32_t flag = 0;
  int64_t born_ms = 0;
  bool batch = false;
};

// Fails on what the broker would refuse anyway, naming the field and the value.
Outcome<Draft> draft_of(const Message& message, const ProducerOptions& options,
                        protocol::UniqueKeys& keys, int64_t now_ms);
Outcome<Draft> draft_of(std::span<const Message> messages, const ProducerOptions& options,
                        protocol::UniqueKeys& keys, int64_t now_ms);

Request request_of(const Draft& draft, const ProducerOptions& options, const Queue& queue);

}  // namespace gantry::client
