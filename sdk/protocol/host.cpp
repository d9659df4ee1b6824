#include "protocol/host.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "protocol/bytes.hpp"

namespace gantry::protocol {

std::string Host::ip_text() const {
  std::string out;
  if (!is_ipv6()) {
    for (std::size_t i = 0; i < 4; ++i) {
      if (i > 0) out.push_back('.');
      out += std::to_string(bytes[i]);
    }
    return out;
  }
  for (std::size_t i = 0; i < 16; i += 2) {  // Java does not shorten runs of zeros
    if (i > 0) out.push_back(':');
    char group[4];
    const auto [end, fault] = std::to_chars(group, group + 4, bytes[i] << 8 | bytes[i + 1], 16);
    out.append(group, end);
  }
  return out;
}

std::string Host::text() const {
  const std::string ip = is_ipv6() ? "[" + ip_text() + "]" : ip_text();
  return ip + ":" + std::to_string(port);
}

std::optional<Host> host_from_bytes(std::span<const std::uint8_t> address_and_port) {
  if (address_and_port.size() != 8 && address_and_port.size() != 20) return std::nullopt;
  Host host;
  host.size = static_cast<std::uint8_t>(address_and_port.size() - 4);
  std::copy_n(address_and_port.begin(), host.size, host.bytes.begin());
  host.port =
      load_be<std::int32_t>(reinterpret_cast<const char*>(address_and_port.data()) + host.size);
  return host;
}

std::optional<Host> parse_ip(std::string_view ip, std::int32_t port) {
  const std::string text(ip);
  Host host;
  host.port = port;
  if (inet_pton(AF_INET, text.c_str(), host.bytes.data()) == 1) return host;
  if (inet_pton(AF_INET6, text.c_str(), host.bytes.data()) != 1) return std::nullopt;
  host.size = 16;
  static constexpr std::uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(std::begin(mapped), std::end(mapped), host.bytes.begin())) {
    std::copy_n(host.bytes.begin() + 12, 4, host.bytes.begin());
    std::fill(host.bytes.begin() + 4, host.bytes.end(), std::uint8_t{0});
    host.size = 4;
  }
  return host;
}

std::optional<Host> parse_host(std::string_view text) {
  if (text.starts_with('/')) text.remove_prefix(1);
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  std::string_view ip = text.substr(0, colon);
  if (ip.size() > 1 && ip.front() == '[' && ip.back() == ']') ip = ip.substr(1, ip.size() - 2);
  return parse_ip(ip, port);
}

void append_host(std::string& out, const Host& host) {
  out.append(reinterpret_cast<const char*>(host.bytes.data()), host.size);
  append_be(out, host.port);
}

}  // namespace gantry::protocol
