#include <cctype>
#include <string>

#include "check.hpp"
#include "protocol/bytes.hpp"
#include "protocol/host.hpp"
#include "protocol/ids.hpp"
#include "protocol/names.hpp"
#include "targets.hpp"

namespace gantry::protocol::fuzz {

int ids(std::string_view bytes) {
  std::string upper(bytes);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (const auto id = parse_offset_id(bytes); id.has_value()) check(id->text() == upper);
  if (const auto key = parse_unique_key(bytes); key.has_value()) {
    check(key->text() == upper);
    key->made_ms(1'700'000'000'000);
  }
  if (const auto host = parse_host(bytes)) check(parse_host(host->text()) == host);
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (const auto host = host_from_bytes({data, bytes.size()})) {
    std::string again;
    append_host(again, *host);
    check(again == bytes);
  }
  if (const auto raw = from_hex(bytes)) check(upper_hex(*raw) == upper);
  check(index_key_hash(bytes) >= 0);
  check(tag_code(bytes) == string_hash(bytes));
  if (check_topic(bytes).empty()) check(bytes.size() <= retry_topic_chars_max);
  if (check_group(bytes).empty()) check(bytes.size() <= group_chars_max);
  without_namespace(wrap_namespace("NS", bytes));
  return 0;
}

}  // namespace gantry::protocol::fuzz
