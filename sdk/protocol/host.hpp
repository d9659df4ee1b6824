// Host: an IPv4 or IPv6 address with a port, as records, ids and route texts carry it. A value.
// Nothing is resolved: names are not addresses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gantry::protocol {

struct Host {
  std::array<std::uint8_t, 16> bytes{};  // the first `size` count
  std::uint8_t size = 4;                 // 4 or 16
  std::int32_t port = 0;

  std::span<const std::uint8_t> address() const { return {bytes.data(), size}; }
  bool is_ipv6() const { return size == 16; }
  std::string ip_text() const;  // 10.1.2.3 or 2001:db8:0:0:0:0:0:1, as Java writes it
  std::string text() const;     // 10.1.2.3:10911 or [2001:db8:0:0:0:0:0:1]:10911

  friend bool operator==(const Host&, const Host&) = default;
};

// From 4 or 16 address bytes and a big-endian 32-bit port, the form records and the ABI use.
std::optional<Host> host_from_bytes(std::span<const std::uint8_t> address_and_port);

// "10.1.2.3:10911", "[::1]:10911", with or without Java's leading '/'. An IPv4 address inside IPv6
// becomes IPv4, as in Java.
std::optional<Host> parse_host(std::string_view text);
std::optional<Host> parse_ip(std::string_view ip, std::int32_t port);

// Appends the address bytes and the port, big-endian.
void append_host(std::string& out, const Host& host);

}  // namespace gantry::protocol
