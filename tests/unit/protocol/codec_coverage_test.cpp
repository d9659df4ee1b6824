// Every kind of the recorded codec cases is either compared in this suite or named here as somebody
// else's, so that a new kind cannot go unnoticed.
#include <set>

#include "golden_data.hpp"

namespace gantry::protocol::testing {
namespace {

constexpr std::string_view covered_here[] = {"batch-count",
                                             "batch-decode",
                                             "batch-encode",
                                             "client-check-group",
                                             "client-check-topic",
                                             "compression-type-of-sysflag",
                                             "group-validate",
                                             "index-key-hash",
                                             "namespace",
                                             "not-allowed-send",
                                             "not-allowed-send-set",
                                             "offset-id-create",
                                             "offset-id-create-from-buffer",
                                             "offset-id-decode",
                                             "pop-retry-parse",
                                             "pop-retry-topic",
                                             "properties-decode",
                                             "properties-encode",
                                             "record-encode",
                                             "reserved-property-names",
                                             "string-hash",
                                             "system-topic",
                                             "system-topic-set",
                                             "tags-code",
                                             "topic-validate",
                                             "uniq-id-create",
                                             "uniq-id-decode",
                                             "user-property"};

struct Elsewhere {
  std::string_view kind;
  std::string_view owner;
};

constexpr Elsewhere covered_elsewhere[] = {
    {"acl-sign", "access control"},
    {"bloom-filter", "filters"},
    {"compress", "clients, which compress and inflate bodies"},
    {"crc-property", "commitlog"},
    {"crc32", "commitlog"},
    {"delay-level-to-queue", "delayed messages"},
    {"delay-levels", "delayed messages"},
    {"extra-info-build", "pop"},
    {"extra-info-build-7", "pop"},
    {"extra-info-parse", "pop"},
    {"file-name", "commitlog"},
    {"frame-decode", "wire"},
    {"frame-encode", "wire"},
    {"hmac-sha1-base64", "access control"},
    {"json-header-decode", "wire"},
    {"msg-offset-info-build", "pop"},
    {"msg-offset-info-parse", "pop"},
    {"order-count-info-build", "pop"},
    {"order-count-info-parse", "pop"},
    {"properties-own", "clients, whose message type has the setters"},
    {"queue-to-delay-level", "delayed messages"},
    {"recall-handle-build", "delayed messages"},
    {"recall-handle-decode", "delayed messages"},
    {"receipt-handle-build", "pop"},
    {"receipt-handle-decode", "pop"},
    {"start-offset-info-build", "pop"},
    {"start-offset-info-parse", "pop"},
};

}  // namespace

TEST_CASE("every kind of recorded codec case has an owner") {
  const auto file = golden("codec.jsonl");
  if (!file) return;
  std::set<std::string, std::less<>> recorded;
  each_line(*file, [&](const boost::json::value& line) { recorded.insert(text(line.at("kind"))); });
  std::set<std::string, std::less<>> owned;
  for (const auto kind : covered_here) CHECK(owned.emplace(kind).second);
  for (const auto& other : covered_elsewhere) CHECK(owned.emplace(other.kind).second);
  CHECK(recorded == owned);
}

}  // namespace gantry::protocol::testing
