#include "options.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <set>

#include "protocol/codes.hpp"

namespace gantry::messaging {
namespace {

constexpr std::string_view door_prefix = "door:";

uint32_t ms(const sdk::Host& host, std::string_view key) {
  return static_cast<uint32_t>(host.setting_i64(key));
}

int32_t i32(const sdk::Host& host, std::string_view key) {
  return static_cast<int32_t>(host.setting_i64(key));
}

[[noreturn]] void refuse_nameserver(const std::string& entry, const std::string& why) {
  throw sdk::Refusal(GANTRY_INVALID, "nameservers: \"" + entry + "\" " + why);
}

// "host:port"; an IPv6 address goes in brackets, so that its port can be told from it.
bool is_address(std::string_view entry) {
  const size_t colon = entry.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = entry.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']') || !protocol::parse_host(entry)) return false;
  } else if (host.find_first_of(":[]/;, ") != std::string_view::npos) {
    return false;
  }
  uint16_t port = 0;
  const char* const end = entry.data() + entry.size();
  const auto [stop, fault] = std::from_chars(entry.data() + colon + 1, end, port);
  return fault == std::errc() && stop == end && port != 0;
}

std::vector<NameserverAddress> read_nameservers(const std::vector<std::string>& entries) {
  std::vector<NameserverAddress> out;
  std::set<std::string_view> seen;
  for (const std::string& entry : entries) {
    if (!seen.insert(entry).second) refuse_nameserver(entry, "is there twice");
    const bool is_door = entry.starts_with(door_prefix);
    if (is_door ? entry.size() == door_prefix.size() : !is_address(entry)) {
      refuse_nameserver(entry,
                        "is neither \"door:<name>\", a door of this node, nor \"host:port\" or "
                        "\"[ip6]:port\"");
    }
    out.push_back({is_door, is_door ? entry.substr(door_prefix.size()) : entry});
  }
  return out;
}

int64_t share_of_memory(int64_t percent) {
  const int64_t bytes = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGE_SIZE);
  return std::max<int64_t>(bytes, 0) / 100 * percent;
}

// A name instead of an address ("broker-0.cluster.local:10911") is resolved once, at start.
std::optional<protocol::Host> resolve(const std::string& address) {
  if (auto host = protocol::parse_host(address)) return host;
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  int32_t port = 0;
  const char* const end = address.data() + address.size();
  const auto [stop, fault] = std::from_chars(address.data() + colon + 1, end, port);
  if (fault != std::errc() || stop != end) return std::nullopt;
  addrinfo* found = nullptr;
  const addrinfo wanted{.ai_flags = 0,
                        .ai_family = AF_UNSPEC,
                        .ai_socktype = SOCK_STREAM,
                        .ai_protocol = 0,
                        .ai_addrlen = 0,
                        .ai_addr = nullptr,
                        .ai_canonname = nullptr,
                        .ai_next = nullptr};
  if (getaddrinfo(address.substr(0, colon).c_str(), nullptr, &wanted, &found) != 0) {
    return std::nullopt;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  char ip[NI_MAXHOST];
  if (getnameinfo(found->ai_addr, found->ai_addrlen, ip, sizeof ip, nullptr, 0, NI_NUMERICHOST)) {
    return std::nullopt;
  }
  return protocol::parse_ip(ip, port);
}

}  // namespace

Options::Options(const sdk::Host& host)
    : nameservers(read_nameservers(host.setting_list("nameservers"))),
      broker_door(host.setting_str("broker_door")),
      auto_create_topics(host.setting_bool("auto_create_topics")),
      auto_create_groups(host.setting_bool("auto_create_groups")),
      default_topic_queues(i32(host, "default_topic_queues")),
      topic_queues_max(i32(host, "topic_queues_max")),
      topics_max(host.setting_i64("topics_max")),
      groups_max(host.setting_i64("groups_max")),
      queue_locks_max(host.setting_i64("queue_locks_max")),
      message_bytes_max(host.setting_i64("message_bytes_max")),
      batch_messages_max(host.setting_i64("batch_messages_max")),
      region(host.setting_str("region")),
      trace_on(host.setting_bool("trace_on")),
      message_type_check(host.setting_bool("message_type_check")),
      store_timeout_ms(ms(host, "store_timeout_ms")),
      metadata_timeout_ms(ms(host, "metadata_timeout_ms")),
      register_interval_ms(ms(host, "register_interval_ms")),
      register_timeout_ms(ms(host, "register_timeout_ms")),
      register_compressed(host.setting_bool("register_compressed")),
      register_forced(host.setting_bool("register_forced")),
      client_expiry_ms(ms(host, "client_expiry_ms")),
      client_scan_interval_ms(ms(host, "client_scan_interval_ms")),
      offset_flush_interval_ms(ms(host, "offset_flush_interval_ms")),
      server_side_reset(host.setting_bool("server_side_reset")),
      send_enabled(host.setting_bool("send_enabled")),
      pull_enabled(host.setting_bool("pull_enabled")),
      lite_pull_enabled(host.setting_bool("lite_pull_enabled")),
      slave_read(host.setting_bool("slave_read")),
      long_polling(host.setting_bool("long_polling")),
      short_polling_ms(ms(host, "short_polling_ms")),
      pull_hold_ms_max(ms(host, "pull_hold_ms_max")),
      pull_held_max(host.setting_i64("pull_held_max")),
      pull_messages_max(i32(host, "pull_messages_max")),
      pull_bytes_max(host.setting_i64("pull_bytes_max")),
      pull_cold_messages_max(i32(host, "pull_cold_messages_max")),
      pull_cold_bytes_max(host.setting_i64("pull_cold_bytes_max")),
      pull_scan_entries_max(host.setting_i64("pull_scan_entries_max")),
      expression_bytes_max(host.setting_i64("expression_bytes_max")),
      filter_cache_bytes_max(host.setting_i64("filter_cache_bytes_max")),
      memory_bytes(share_of_memory(host.setting_i64("memory_percent"))) {
  if (default_topic_queues > topic_queues_max) {
    throw sdk::Refusal(GANTRY_INVALID,
                       "default_topic_queues: " + std::to_string(default_topic_queues) +
                           " is more than topic_queues_max, " + std::to_string(topic_queues_max));
  }
}

void Options::fit(const sdk::Host& node) {
  const int64_t log_takes = node.setting_i64("node.message_bytes_max");
  if (message_bytes_max > log_takes) {
    throw sdk::Refusal(GANTRY_INVALID, "message_bytes_max: " + std::to_string(message_bytes_max) +
                                           " is more than commitlog.message_bytes_max, " +
                                           std::to_string(log_takes));
  }
  if (message_bytes_max == 0) message_bytes_max = log_takes;
}

int32_t Options::withheld_perm() const {
  return (pull_enabled ? 0 : protocol::perm::read) | (send_enabled ? 0 : protocol::perm::write);
}

Node::Node(const sdk::Host& node, const Options& options)
    : cluster(node.setting_str("node.cluster")),
      broker(node.setting_str("node.broker")),
      broker_id(node.setting_i64("node.broker_id")) {
  const std::string key = "door." + options.broker_door + ".advertise";
  gantry_value value{};
  const auto& settings = node.service<gantry_settings>(GANTRY_HOST_SETTINGS);
  if (settings.get(node.raw(), sdk::str(key), &value) != GANTRY_OK) {
    throw sdk::Refusal(GANTRY_INVALID,
                       "broker_door: this node has no door \"" + options.broker_door + "\"");
  }
  address = std::string(sdk::view(value.as.s));
  const auto parsed = resolve(address);
  if (!parsed) {
    throw sdk::Refusal(GANTRY_INVALID,
                       key + ": \"" + address + "\" is no address clients can dial (host:port)");
  }
  host = *parsed;
  protocol::append_host(store_host, host);
  ha_address = address.substr(0, address.rfind(':') + 1) + std::to_string(host.port + 1);
}

}  // namespace gantry::messaging
