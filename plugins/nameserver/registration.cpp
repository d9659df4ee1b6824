#include "registration.hpp"

#include <zlib.h>

#include <array>
#include <charconv>
#include <memory>

#include "fields.hpp"
#include "protocol/bodies.hpp"
#include "protocol/codes.hpp"

namespace gantry::nameserver {
namespace {

constexpr uint32_t crc_mask = 0x7FFFFFFF;
constexpr size_t data_version_bytes_max = 4096;
constexpr size_t topic_route_bytes_max = 1 << 20;

int64_t whole_number(std::string_view key, const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    refuse("the field " + std::string(key) + " is no whole number: " + text);
  return number;
}

int64_t number_or(const gantry_request& request, std::string_view key, int64_t none) {
  const auto text = field(request, key);
  return text && !text->empty() ? whole_number(key, *text) : none;
}

// zlib's format. What it becomes is bounded: a small body may claim to be gigabytes.
std::string inflated(const std::string& body, size_t bytes_max) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) refuse("no memory to inflate the body");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::string out;
  std::array<char, 16 * 1024> piece;
  for (int status = Z_OK; status != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    status = inflate(&stream, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END)
      refuse("the compressed body is cut or damaged after " + std::to_string(stream.total_in) +
             " bytes");
    const size_t made = piece.size() - stream.avail_out;
    if (made > bytes_max - out.size())
      refuse("the body inflates to more than " + std::to_string(bytes_max) + " bytes");
    out.append(piece.data(), made);
  }
  return out;
}

void check_crc(const gantry_request& request, const std::string& body) {
  const int64_t expected = number_or(request, "bodyCrc32", 0);
  if (expected == 0) return;
  const uLong crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  if (static_cast<int64_t>(crc & crc_mask) != expected) refuse("crc32 not match");
}

protocol::RegisterBrokerBody read_body(const gantry_request& request, size_t bytes_max) {
  const std::string bytes = joined_body(request, bytes_max);
  check_crc(request, bytes);
  if (bytes.empty()) return {};
  const bool compressed = field(request, "compressed") == "true";
  const bool with_mappings = request.version >= protocol::version::v5_0_0;
  protocol::JsonLimits limits;
  limits.bytes_max = bytes_max;
  auto body = compressed ? protocol::read_register_layout(inflated(bytes, bytes_max), with_mappings)
                         : protocol::read_body<protocol::RegisterBrokerBody>(bytes, limits);
  if (!body) refuse("the body of the registration: " + body.error().text);
  return std::move(*body);
}

}  // namespace

BrokerId read_broker(const gantry_request& request) {
  BrokerId out;
  out.cluster = required(request, "clusterName");
  out.name = required(request, "brokerName");
  out.address = required(request, "brokerAddr");
  out.id = whole_number("brokerId", required(request, "brokerId"));
  if (out.id < 0) refuse("the field brokerId is below 0: " + std::to_string(out.id));
  return out;
}

protocol::DataVersion read_data_version(const gantry_request& request) {
  auto version =
      protocol::read_body<protocol::DataVersion>(joined_body(request, data_version_bytes_max));
  if (!version) refuse("the body, a data version: " + version.error().text);
  return *version;
}

protocol::TopicRouteData read_topic_route(const gantry_request& request) {
  const std::string body = joined_body(request, topic_route_bytes_max);
  if (body.empty()) return {};
  auto route = protocol::read_body<protocol::TopicRouteData>(body);
  if (!route) refuse("the body, a topic's route: " + route.error().text);
  return std::move(*route);
}

Registration read_registration(const gantry_request& request, const RegistrationLimits& limits) {
  Registration out;
  out.broker = read_broker(request);
  out.ha_address = field(request, "haServerAddr").value_or("");
  out.zone = field(request, "__ZONE_NAME").value_or("");
  if (const auto acting = field(request, "enableActingMaster"))
    out.acting_master = *acting == "true";
  out.timeout_ms = number_or(request, "heartbeatTimeoutMillis", 0);
  if (out.timeout_ms <= 0) out.timeout_ms = limits.expiry_ms;
  out.body = read_body(request, limits.body_bytes_max);
  return out;
}

}  // namespace gantry::nameserver
