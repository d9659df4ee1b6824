#include "protocol/ids.hpp"

#include <algorithm>
#include <chrono>

#include "protocol/bytes.hpp"

namespace gantry::protocol {
namespace {

constexpr std::size_t ipv4_id_digits = 32;
constexpr std::size_t ipv6_id_digits = 56;

// The bytes of an id, or what is wrong with it.
Result<std::string> id_bytes(std::string_view what, std::string_view text) {
  const std::string shown(text.substr(0, 64));
  if (text.size() != ipv4_id_digits && text.size() != ipv6_id_digits) {
    return error(std::string(what) + " '" + shown + "' has " + std::to_string(text.size()) +
                 " characters, not 32 or 56");
  }
  auto bytes = from_hex(text);
  if (!bytes) return error(std::string(what) + " '" + shown + "' is not hexadecimal");
  return std::move(*bytes);
}

void take_address(ByteReader& in, std::size_t size, Host& host) {
  const std::string_view address = in.text(static_cast<std::int64_t>(size));
  host.size = static_cast<std::uint8_t>(size);
  std::copy(address.begin(), address.end(), host.bytes.begin());
}

// The first of now's month, months_back months ago, in UTC.
std::int64_t month_start_ms(std::int64_t now_ms, int months_back) {
  using namespace std::chrono;
  const year_month_day today(floor<days>(sys_time<milliseconds>(milliseconds(now_ms))));
  const auto month = year_month(today.year(), today.month()) - months(months_back);
  return duration_cast<milliseconds>(sys_days(month / 1).time_since_epoch()).count();
}

}  // namespace

std::string OffsetId::text() const {
  std::string bytes;
  append_host(bytes, host);
  append_be(bytes, log_offset);
  return upper_hex(bytes);
}

Result<OffsetId> parse_offset_id(std::string_view text) {
  const auto bytes = id_bytes("message id", text);
  if (!bytes) return bytes.error();
  ByteReader in(*bytes);
  OffsetId id;
  take_address(in, bytes->size() - 12, id.host);
  id.host.port = in.number<std::int32_t>();
  id.log_offset = in.number<std::int64_t>();
  return id;
}

std::string UniqueKey::text() const {
  std::string bytes(reinterpret_cast<const char*>(host.bytes.data()), host.size);
  append_be(bytes, pid);
  append_be(bytes, maker);
  append_be(bytes, month_ms);
  append_be(bytes, counter);
  return upper_hex(bytes);
}

std::int64_t UniqueKey::made_ms(std::int64_t now_ms) const {
  const std::int64_t this_month = month_start_ms(now_ms, 0) + month_ms;
  return this_month <= now_ms ? this_month : month_start_ms(now_ms, 1) + month_ms;
}

Result<UniqueKey> parse_unique_key(std::string_view text) {
  const auto bytes = id_bytes("unique key", text);
  if (!bytes) return bytes.error();
  ByteReader in(*bytes);
  UniqueKey key;
  take_address(in, bytes->size() - 12, key.host);
  key.pid = in.number<std::uint16_t>();
  key.maker = in.number<std::uint32_t>();
  key.month_ms = in.number<std::uint32_t>();
  key.counter = in.number<std::uint16_t>();
  return key;
}

std::string UniqueKeys::next(std::int64_t now_ms) {
  UniqueKey key;
  key.host = host_;
  key.pid = pid_;
  key.maker = maker_;
  key.month_ms = static_cast<std::uint32_t>(now_ms - month_start_ms(now_ms, 0));
  key.counter = counter_.fetch_add(1, std::memory_order_relaxed);
  return key.text();
}

}  // namespace gantry::protocol
