#include "client/words.hpp"

#include <boost/json/value.hpp>

#include "protocol/codes.hpp"
#include "protocol/json.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"

namespace gantry::client {

std::string perm_text(int32_t perm) {
  std::string out;
  const auto append = [&](int32_t bit, std::string_view word) {
    if ((perm & bit) == 0) return;
    if (!out.empty()) out += ' ';
    out += word;
  };
  append(protocol::perm::read, "read");
  append(protocol::perm::write, "write");
  append(protocol::perm::inherit, "inherit");
  return out.empty() ? std::string("nothing") : out;
}

std::string json_text(const boost::json::value& document) {
  return protocol::write_json(document);
}

std::vector<std::pair<std::string, std::string>> properties_of(const Received& message) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : protocol::Properties(message.properties)) {
    std::erase_if(out, [&](const auto& other) { return other.first == name; });
    out.emplace_back(name, value);
  }
  return out;
}

bool is_internal_topic(std::string_view topic) {
  return protocol::is_system_topic(topic) || protocol::is_retry_topic(topic) ||
         protocol::is_dlq_topic(topic);
}

}  // namespace gantry::client
