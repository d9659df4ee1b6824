// Message ids and the hashes queues and indexes use. Pure; any thread, UniqueKeys included.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/host.hpp"
#include "protocol/result.hpp"

namespace gantry::protocol {

// Where a record is: which broker, which byte of its log. Upper-case hex of address, port, offset.
struct OffsetId {
  Host host;
  std::int64_t log_offset = 0;

  std::string text() const;
  friend bool operator==(const OffsetId&, const OffsetId&) = default;
};

// 32 or 56 hex digits of either case.
Result<OffsetId> parse_offset_id(std::string_view text);

// What a UNIQ_KEY made by an SDK says of its maker.
struct UniqueKey {
  Host host;  // the port is 0
  std::uint16_t pid = 0;
  std::uint32_t maker = 0;     // Java: hash of the class loader
  std::uint32_t month_ms = 0;  // since the first of the month
  std::uint16_t counter = 0;

  std::string text() const;
  // The newest time not after now_ms the key can mean; months are those of UTC, so with a maker in
  // another time zone it is off by that zone's offset. A hint for searching, not a fact.
  std::int64_t made_ms(std::int64_t now_ms) const;
};

Result<UniqueKey> parse_unique_key(std::string_view text);

// Makes UNIQ_KEYs; one per process is enough. The caller gives the time.
class UniqueKeys {
 public:
  UniqueKeys(const Host& host, std::uint16_t pid, std::uint32_t maker)
      : host_(host), pid_(pid), maker_(maker) {}
  std::string next(std::int64_t now_ms);

 private:
  const Host host_;
  const std::uint16_t pid_;
  const std::uint32_t maker_;
  std::atomic<std::uint16_t> counter_{0};
};

// Java's String.hashCode of UTF-8 text, over its UTF-16 units. Bytes that are not UTF-8 count as
// U+FFFD each.
std::int32_t string_hash(std::string_view utf8);

// The code a queue index holds for a TAGS value: its hash, sign-extended; 0 for none.
std::int64_t tag_code(std::string_view tag);

// The index file's hash of "topic#key": never negative.
std::int32_t index_key_hash(std::string_view key);

}  // namespace gantry::protocol
