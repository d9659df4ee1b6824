#include "client/message.hpp"

#include <cstdlib>

#include "client/compression.hpp"
#include "protocol/codes.hpp"
#include "protocol/ids.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"
#include "protocol/property_names.hpp"

namespace gantry::client {

std::optional<std::string_view> Received::property(std::string_view name) const {
  return protocol::find_property(properties, name);
}

Outcome<Received> received_of(const protocol::MessageView& record, const Queue& queue) {
  Received out;
  out.topic = record.topic;
  if (protocol::is_retry_topic(record.topic)) {
    out.topic = record.property(protocol::property::retry_topic).value_or(record.topic);
  }
  if ((record.sys_flag & protocol::message_flag::compressed) != 0) {
    const auto compression = protocol::compression_of(record.sys_flag);
    if (!compression) {
      return fail(record.offset_id() + ": its body is compressed in a way nobody knows");
    }
    Outcome<std::string> body = inflate(*compression, record.body);
    if (!body) return fail(record.offset_id() + ": " + body.error().text);
    out.body = std::move(*body);
  } else {
    out.body = record.body;
  }
  out.tags = record.property(protocol::property::tags).value_or("");
  out.keys = record.property(protocol::property::keys).value_or("");
  out.properties = record.properties;
  out.message_id = record.message_id();
  out.offset_id = record.offset_id();
  out.queue = queue;
  out.queue_offset = record.queue_offset;
  out.log_offset = record.log_offset;
  out.born_ms = record.born_ms;
  out.stored_ms = record.stored_ms;
  out.born_host = record.born_host.text();
  out.store_host = record.store_host.text();
  out.flag = record.flag;
  out.reconsume_times = record.reconsume_times;
  return out;
}

Outcome<Received> received_of(std::string_view record, const Queue& queue) {
  const auto view = protocol::decode_record(record);
  if (!view) return fail(view.error().text);
  return received_of(*view, queue);
}

Destination Destination::by_key(std::string_view key) {
  const int64_t hash = std::llabs(int64_t{protocol::string_hash(key)});
  Destination to;
  to.selector = [hash](std::span<const Queue> queues) {
    return static_cast<size_t>(hash) % queues.size();
  };
  return to;
}

}  // namespace gantry::client
