// What a send must satisfy before it is stored, in RocketMQ's order (AbstractSendMessageProcessor,
// SendMessageProcessor). Pure but for the catalog's snapshot; on the request's shard.
#pragma once

#include <gantry/host/requests.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "catalog.hpp"
#include "options.hpp"
#include "protocol/send_header.hpp"
#include "send_properties.hpp"

namespace gantry::messaging {

struct Refusal {
  int32_t code = 0;
  std::string remark;
};

// Names: check_topic's and the topics no client may send to.
std::optional<Refusal> check_send_name(std::string_view topic);

// The topic a send to an unknown name makes, as the template says; without one a %RETRY% topic gets
// a queue, and others aren't made: then the answer is 17.
std::optional<Topic> topic_to_create(const protocol::SendMessageHeader& header,
                                     const CatalogSnapshot& known);

Refusal unknown_topic(std::string_view topic);

Refusal unknown_group(std::string_view group);

std::optional<Refusal> check_queue(int32_t queue_id, const Topic& topic,
                                   const gantry_request& request);

// A compacted topic keeps the last message of each key.
bool needs_keys(const Topic& topic);

// Features that live in modules this node may not have: refused by name rather than stored as if
// they were ordinary messages.
std::optional<Refusal> check_features(const protocol::SendMessageHeader& header,
                                      const SendProperties& properties);

std::optional<Refusal> check_sizes(std::string_view body, size_t property_bytes,
                                   const Options& options);

std::optional<Refusal> check_batch(const protocol::SendMessageHeader& header,
                                   const SendProperties& properties);

}  // namespace gantry::messaging
