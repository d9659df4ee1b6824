#include "node/advertise.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <memory>

namespace gantry::node {
namespace {

std::string first_ipv4() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owned(list, &freeifaddrs);
  for (const ifaddrs* at = list; at; at = at->ifa_next) {
    if (!at->ifa_addr || at->ifa_addr->sa_family != AF_INET || (at->ifa_flags & IFF_LOOPBACK)) {
      continue;
    }
    char text[INET_ADDRSTRLEN] = {};
    const auto* address = reinterpret_cast<const sockaddr_in*>(at->ifa_addr);
    if (inet_ntop(AF_INET, &address->sin_addr, text, sizeof text)) return text;
  }
  return {};
}

}  // namespace

Outcome<std::string> advertised(const std::string& configured, const std::string& bound) {
  if (!configured.empty()) {
    if (configured.rfind(':') == std::string::npos) {
      return fail(fmt::format("advertise = \"{}\": wanted host:port", configured));
    }
    return Outcome<std::string>(boost::system::in_place_value, configured);
  }
  const size_t colon = bound.rfind(':');
  const std::string address = bound.substr(0, colon);
  if (address != "0.0.0.0" && address != "[::]") {
    return Outcome<std::string>(boost::system::in_place_value, bound);
  }
  const std::string own = first_ipv4();
  if (own.empty()) {
    return fail(fmt::format("{} is bound to every address and this machine has no IPv4 beside "
                            "loopback: set advertise",
                            bound));
  }
  return Outcome<std::string>(boost::system::in_place_value, own + bound.substr(colon));
}

bool is_loopback(const std::string& bound) {
  return bound.rfind("127.", 0) == 0 || bound.rfind("[::1]", 0) == 0;
}

}  // namespace gantry::node
