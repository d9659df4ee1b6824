#include "finding.hpp"

#include <algorithm>
#include <array>

#include "protocol/codes.hpp"
#include "protocol/headers.hpp"
#include "protocol/properties.hpp"
#include "protocol/property_names.hpp"
#include "reply.hpp"
#include "request_body.hpp"
#include "worker.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;
namespace property = protocol::property;

constexpr size_t hits_max = 64;         // RocketMQ's maxMsgsNumBatch
constexpr size_t unique_hits_max = 32;  // RocketMQ's defaultQueryMaxNum, whatever the client asks
constexpr uint64_t answer_bytes_max = 8u << 20;  // well below the frame's limit

constexpr std::string_view index_missing = "the queue index is not running";

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) return true;
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

bool is_upper(std::string_view boundary) {
  constexpr std::string_view upper = "upper";
  return std::ranges::equal(boundary, upper, [](char a, char b) { return (a | 0x20) == b; });
}

}  // namespace

gantry_status Finding::view(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const int64_t offset = in.i64("offset");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  return go_on_in_worker(services_, token, [this, token, offset](const gantry_call&) {
    auto record = records_.read(offset);
    if (!record) {
      return refuse(services_, token, code::system_error,
                    "can not find message by the offset, " + std::to_string(offset));
    }
    const gantry_slice body = record->take();
    return Reply(code::success).body({&body, 1}).send(services_, token);
  });
}

gantry_status Finding::query(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  KeyQuery query;
  query.topic = in.text("topic");
  query.key = in.text("key");
  query.begin_ms = in.i64("beginTimestamp");
  query.end_ms = in.i64("endTimestamp");
  const int32_t most = in.i32("maxNum");
  const std::string_view type = in.text_or("indexType", {});
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  query.unique = in.text_or("_UNIQUE_KEY_QUERY", {}) == "true" || type == "U";
  if (type == "T") query.kind = GANTRY_KEY_TAG;
  if (!query.unique && most < 1) {
    return refuse(services_, token, code::invalid_parameter,
                  "maxNum: " + std::to_string(most) + " is below 1, so no message could be found");
  }
  query.messages_max =
      query.unique ? unique_hits_max : std::min(static_cast<size_t>(most), hits_max);
  if (!keys_) {
    return refuse(services_, token, code::system_error,
                  "this broker has no module that offers gantry.key_index, so messages are not "
                  "found by key");
  }
  return go_on_in_worker(services_, token,
                         [this, token, query = std::move(query)](const gantry_call& call) {
                           return answer_query(call, query, token);
                         });
}

// The index knows hashes; the record says whether it is meant.
bool Finding::is_wanted(const KeyQuery& query, const gantry_message& message) {
  if (sdk::view(message.topic) != query.topic) return false;
  const std::string_view text = sdk::view(message.property_text);
  const auto value = [&](std::string_view name) {
    return protocol::find_property(text, name).value_or(std::string_view());
  };
  if (query.kind == GANTRY_KEY_TAG) return value(property::tags) == query.key;
  if (value(property::unique_key) == query.key) return true;
  return !query.unique && has_word(value(property::keys), query.key);
}

// The newest that are wanted, as many as an answer may carry; in the order of the log.
std::vector<PinnedRecord> Finding::read_hits(const KeyQuery& query,
                                             const gantry_key_hits& hits) const {
  std::vector<PinnedRecord> found;
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < hits.count && found.size() < query.messages_max; ++i) {
    auto record = records_.read(hits.log_offsets[i]);
    if (!record || !is_wanted(query, record->message)) continue;
    bytes += record->slice().size;
    if (bytes > answer_bytes_max && !found.empty()) break;
    found.push_back(std::move(*record));
  }
  return found;
}

gantry_status Finding::answer_query(const gantry_call& call, const KeyQuery& query,
                                    gantry_token token) {
  std::array<int64_t, hits_max> offsets;
  gantry_key_hits hits{};
  hits.struct_size = sizeof hits;
  hits.capacity = offsets.size();
  hits.log_offsets = offsets.data();
  gantry_key_query wanted{};
  wanted.struct_size = sizeof wanted;
  wanted.kind = query.kind;
  wanted.topic = sdk::str(query.topic);
  wanted.key = sdk::str(query.key);
  wanted.begin_ms = query.begin_ms;
  wanted.end_ms = query.end_ms;
  {
    sdk::Lease<gantry_key_index> keys(services_.capabilities, keys_, &call);
    if (!keys) {
      return refuse(services_, token, code::system_error, "the key index is not running");
    }
    const gantry_status status = keys.end(keys->find(keys.self(), &call, &wanted, &hits));
    if (status < 0) return refuse(services_, token, code::system_error, call.error->text);
  }
  std::vector<PinnedRecord> found = read_hits(query, hits);
  std::array<gantry_slice, hits_max> slices;
  size_t count = 0;
  for (auto record = found.rbegin(); record != found.rend(); ++record) {
    slices[count++] = record->take();
  }
  const NumberText newest_ms(count > 0 ? hits.newest_ms : 0);
  const NumberText newest_offset(count > 0 ? hits.newest_log_offset : 0);
  Reply reply(code::success);
  if (count == 0) {
    reply.code(code::query_not_found).remark("can not find message, maybe time range not correct");
  }
  return reply.field("indexLastUpdateTimestamp", newest_ms.view())
      .field("indexLastUpdatePhyoffset", newest_offset.view())
      .body({slices.data(), count})
      .send(services_, token);
}

gantry_status Finding::offset_at_time(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view topic = in.text("topic");
  const int32_t queue_id = in.i32("queueId");
  const int64_t time_ms = in.i64("timestamp");
  // As with Java, what is neither LOWER nor UPPER is LOWER.
  const bool upper = is_upper(in.text_or("boundaryType", {}));
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  return go_on_in_worker(
      services_, token,
      [this, token, topic = std::string(topic), queue_id, time_ms, upper](const gantry_call& call) {
        int64_t offset = 0;
        const gantry_status status = queues_.at_time(call, topic, queue_id, upper, time_ms, offset);
        if (status < 0) return refuse(services_, token, code::system_error, index_missing);
        const NumberText text(offset);
        return Reply(code::success).field("offset", text.view()).send(services_, token);
      });
}

gantry_status Finding::earliest_time(const gantry_request& request, gantry_token token) {
  const auto fields = fields_of(request);
  protocol::FieldReader in(fields);
  const std::string_view topic = in.text("topic");
  const int32_t queue_id = in.i32("queueId");
  if (!in.ok()) return refuse(services_, token, code::system_error, in.error().text);
  return go_on_in_worker(
      services_, token,
      [this, token, topic = std::string(topic), queue_id](const gantry_call& call) {
        return answer_earliest(call, topic, queue_id, token);
      });
}

gantry_status Finding::answer_earliest(const gantry_call& call, std::string_view topic,
                                       int32_t queue_id, gantry_token token) {
  gantry_queue_bounds bounds{};
  if (queues_.bounds(call, topic, queue_id, bounds) < 0) {
    return refuse(services_, token, code::system_error, index_missing);
  }
  const NumberText time(
      stored_ms(call, queues_, records_, topic, queue_id, bounds.min).value_or(-1));
  return Reply(code::success).field("timestamp", time.view()).send(services_, token);
}

}  // namespace gantry::messaging
