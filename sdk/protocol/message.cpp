#include "protocol/message.hpp"

#include <algorithm>

#include "protocol/bytes.hpp"
#include "protocol/codes.hpp"
#include "protocol/ids.hpp"
#include "protocol/properties.hpp"

namespace gantry::protocol {
namespace {

constexpr std::uint32_t magic_v1 = 0xdaa320a7;
constexpr std::uint32_t magic_v2 = 0xdaa320ab;  // the topic's length has two bytes
constexpr std::size_t record_bytes_min = 91;    // version 1, IPv4, everything else empty
constexpr std::size_t v1_topic_bytes_max = 127;

Host take_host(ByteReader& in, bool ipv6) {
  Host host;
  host.size = ipv6 ? 16 : 4;
  const std::string_view address = in.text(host.size);
  std::copy(address.begin(), address.end(), host.bytes.begin());
  host.port = in.number<std::int32_t>();
  return host;
}

// The fields behind size and magic, in the order of the record.
MessageView take_fields(ByteReader& in, std::uint8_t version) {
  MessageView view;
  view.version = version;
  view.body_crc = in.number<std::uint32_t>();
  view.queue_id = in.number<std::int32_t>();
  view.flag = in.number<std::int32_t>();
  view.queue_offset = in.number<std::int64_t>();
  view.log_offset = in.number<std::int64_t>();
  view.sys_flag = in.number<std::int32_t>();
  view.born_ms = in.number<std::int64_t>();
  view.born_host = take_host(in, (view.sys_flag & message_flag::born_host_ipv6) != 0);
  view.stored_ms = in.number<std::int64_t>();
  view.store_host = take_host(in, (view.sys_flag & message_flag::store_host_ipv6) != 0);
  view.reconsume_times = in.number<std::int32_t>();
  view.prepared_offset = in.number<std::int64_t>();
  view.body = in.text(in.number<std::int32_t>());
  view.topic = in.text(version == 1 ? in.number<std::int8_t>() : in.number<std::int16_t>());
  view.properties = in.text(in.number<std::int16_t>());
  return view;
}

}  // namespace

std::string MessageView::offset_id() const {
  return OffsetId{store_host, log_offset}.text();
}

std::optional<std::string_view> MessageView::property(std::string_view name) const {
  return find_property(properties, name);
}

std::string MessageView::message_id() const {
  const auto key = property(property::unique_key);
  return key ? std::string(*key) : offset_id();
}

Result<MessageView> decode_record(std::string_view bytes) {
  ByteReader head(bytes);
  const auto size = head.number<std::int32_t>();
  const auto magic = head.number<std::uint32_t>();
  if (!head.ok()) {
    return error("a record of " + std::to_string(bytes.size()) + " bytes has no size and magic");
  }
  if (magic != magic_v1 && magic != magic_v2) {
    return error("a record with the unknown magic " + std::to_string(magic));
  }
  if (size < 0 || static_cast<std::size_t>(size) < record_bytes_min ||
      static_cast<std::size_t>(size) > bytes.size()) {
    return error("a record says it has " + std::to_string(size) + " bytes, here are " +
                 std::to_string(bytes.size()));
  }
  ByteReader in(bytes.substr(8, static_cast<std::size_t>(size) - 8));
  MessageView view = take_fields(in, magic == magic_v1 ? 1 : 2);
  if (!in.ok()) return error("a record's body, topic or properties go beyond its end");
  if (in.left() != 0) {
    return error("a record has " + std::to_string(in.left()) + " bytes behind its properties");
  }
  view.record = bytes.substr(0, static_cast<std::size_t>(size));
  return view;
}

Result<std::vector<MessageView>> decode_records(std::string_view body) {
  std::vector<MessageView> views;
  std::size_t at = 0;
  while (at < body.size()) {
    auto view = decode_record(body.substr(at));
    if (!view) return error("byte " + std::to_string(at) + ": " + view.error().text);
    at += view->record.size();
    views.push_back(*view);
  }
  return views;
}

Result<std::string> encode_record(const MessageView& message) {
  if (message.properties.size() > property_bytes_max) {
    return error("properties of " + std::to_string(message.properties.size()) +
                 " bytes, more than " + std::to_string(property_bytes_max));
  }
  if (message.topic.size() > property_bytes_max) {
    return error("a topic of " + std::to_string(message.topic.size()) + " bytes");
  }
  const bool v2 = message.version == 2 || message.topic.size() > v1_topic_bytes_max;
  std::int32_t sys_flag = message.sys_flag;
  sys_flag &= ~(message_flag::born_host_ipv6 | message_flag::store_host_ipv6);
  if (message.born_host.is_ipv6()) sys_flag |= message_flag::born_host_ipv6;
  if (message.store_host.is_ipv6()) sys_flag |= message_flag::store_host_ipv6;

  std::string out(4, '\0');
  append_be(out, v2 ? magic_v2 : magic_v1);
  append_be(out, message.body_crc);
  append_be(out, message.queue_id);
  append_be(out, message.flag);
  append_be(out, message.queue_offset);
  append_be(out, message.log_offset);
  append_be(out, sys_flag);
  append_be(out, message.born_ms);
  append_host(out, message.born_host);
  append_be(out, message.stored_ms);
  append_host(out, message.store_host);
  append_be(out, message.reconsume_times);
  append_be(out, message.prepared_offset);
  append_be(out, static_cast<std::int32_t>(message.body.size()));
  out += message.body;
  if (v2) {
    append_be(out, static_cast<std::int16_t>(message.topic.size()));
  } else {
    append_be(out, static_cast<std::int8_t>(message.topic.size()));
  }
  out += message.topic;
  append_be(out, static_cast<std::int16_t>(message.properties.size()));
  out += message.properties;
  std::string size;
  append_be(size, static_cast<std::int32_t>(out.size()));
  out.replace(0, 4, size);
  return out;
}

}  // namespace gantry::protocol
