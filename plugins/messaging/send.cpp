#include "send.hpp"

#include <unistd.h>

#include <array>
#include <cstring>
#include <new>

#include "message_type.hpp"
#include "protocol/codes.hpp"
#include "protocol/message.hpp"
#include "protocol/names.hpp"
#include "protocol/properties.hpp"
#include "reply.hpp"
#include "request_body.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

constexpr size_t offset_digits = 16;  // of a msgId, after the address
constexpr std::string_view no_memory = "no memory for the message, try again later";

// What each mark means to a client that waited for it in vain.
constexpr std::array<int32_t, GANTRY_MARK_COUNT> late_codes = [] {
  std::array<int32_t, GANTRY_MARK_COUNT> codes{};
  codes[GANTRY_MARK_DURABLE] = code::flush_disk_timeout;
  codes[GANTRY_MARK_REPLICATED] = code::flush_slave_timeout;
  codes[GANTRY_MARK_VISIBLE] = code::flush_disk_timeout;  // VISIBLE lags WRITTEN under sync flush
  return codes;
}();

char* put_hex(char* out, uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = "0123456789ABCDEF"[(value >> shift) & 15];
  return out;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += "0123456789ABCDEF"[static_cast<uint8_t>(byte) >> 4];
    text += "0123456789ABCDEF"[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

}  // namespace

Send::Send(const Services& services, const Options& options, const Node& node, Catalog& catalog,
           const LockTable& locks)
    : services_(services),
      options_(options),
      node_(node),
      catalog_(catalog),
      locks_(locks),
      id_prefix_(hex(node.store_host)),
      unique_keys_(node.host, static_cast<uint16_t>(getpid()),
                   static_cast<uint32_t>(services.clock.now_ns(services.host))),
      shards_(services.host->shard_count) {
  for (size_t i = 0; i < shards_.size(); ++i) {
    shards_[i].random = services.clock.now_ns(services.host) * 2 + 2 * i + 1;  // never zero
  }
}

gantry_status Send::handle(const gantry_call& call, const gantry_request& request,
                           gantry_token token, uint32_t why) {
  const std::span fields(request.fields, request.field_count);
  const auto header = protocol::read_send_header(fields, protocol::send_form_of(request.code));
  if (!header.has_value()) {
    return messaging::refuse(services_, token, code::system_error, header.error().text);
  }
  Sending sending{.call = call,
                  .request = request,
                  .token = token,
                  .header = *header,
                  .body = body_of(services_, call, request),
                  .properties = SendProperties::scan(header->properties)};
  if (const auto refused = check_send_name(sending.header.topic)) return refuse(sending, *refused);
  if (const Ended ended = route(sending, why)) return *ended;
  if (const Ended ended = check_content(sending)) return *ended;
  return sending.header.batch ? store_batch(sending) : store_one(sending);
}

gantry_status Send::create(const Sending& sending, uint32_t why, CatalogChange change) {
  if (why == GANTRY_TIMED_OUT) {
    return refuse(sending, code::system_busy, "the metadata store is slow, try again later");
  }
  return catalog_.change(sending.call, sending.token, std::move(change));
}

// Finds topic and queue.
Send::Ended Send::route(Sending& sending, uint32_t why) {
  const protocol::SendMessageHeader& header = sending.header;
  const CatalogSnapshot& known = catalog_.on_shard(sending.call);
  const bool retry = protocol::is_retry_topic(header.topic) && !header.batch;
  if (retry) {
    if (const Ended ended = check_group(sending, known, why)) return ended;
  }
  const Topic* topic = known.topics.find(header.topic);
  if (!topic) {
    auto made = topic_to_create(header, known);
    if (!made) return refuse(sending, unknown_topic(header.topic));
    CatalogChange change;
    change.topics.push_back(std::move(*made));
    return create(sending, why, std::move(change));
  }
  // Others are stored: a producer may have an older route. Of an ordered topic the route is fixed.
  if (!options_.send_enabled && topic->order) {
    return refuse(sending, code::no_permission,
                  "the broker[" + node_.host.ip_text() + "] sending message is forbidden");
  }
  if (const auto refused = check_queue(header.queue_id, *topic, sending.request)) {
    return refuse(sending, *refused);
  }
  sending.topic = topic;
  sending.queue_id =
      header.queue_id < 0 ? pick_queue(sending.call.shard, topic->write_queues) : header.queue_id;
  return retry ? bury(sending, known, why) : std::nullopt;
}

// A retry topic belongs to a group, which must be one.
Send::Ended Send::check_group(const Sending& sending, const CatalogSnapshot& known, uint32_t why) {
  const std::string_view name = sending.header.topic.substr(protocol::retry_prefix.size());
  if (known.groups.find(name)) return std::nullopt;
  if (!options_.auto_create_groups || !protocol::check_group(name).empty()) {
    return refuse(sending, unknown_group(name));
  }
  CatalogChange change;
  change.groups.push_back(make_group(std::string(name)));
  if (!known.topics.find(sending.header.topic)) {
    change.topics.push_back(*topic_to_create(sending.header, known));
  }
  return create(sending, why, std::move(change));
}

// Consumed too often, or in order: the message goes to the group's dead letters instead.
Send::Ended Send::bury(Sending& sending, const CatalogSnapshot& known, uint32_t why) {
  const protocol::SendMessageHeader& header = sending.header;
  const std::string_view name = header.topic.substr(protocol::retry_prefix.size());
  const Group& group = *known.groups.find(name);
  const bool client_decides =
      header.max_reconsume_times && sending.request.version >= protocol::version::v3_4_9;
  const int32_t most = client_decides ? *header.max_reconsume_times : group.retries_max;
  // A group that consumes in order retries in its place; what it sends on its own has given up.
  const bool in_order = locks_.holds_any(name, steady_ms(sending.call));
  if (header.reconsume_times <= most && !in_order) return std::nullopt;
  std::string dead_letters = protocol::dlq_topic(name);
  const Topic* topic = known.topics.find(dead_letters);
  if (!topic) {
    CatalogChange change;
    change.topics.push_back(single_queue_topic(std::move(dead_letters)));
    return create(sending, why, std::move(change));
  }
  sending.topic = topic;
  sending.queue_id = 0;
  sending.dead_letter = true;
  return std::nullopt;
}

Send::Ended Send::check_content(const Sending& sending) {
  const protocol::SendMessageHeader& header = sending.header;
  if (needs_keys(*sending.topic) && !header.batch && is_blank(sending.properties.keys)) {
    return refuse(sending, code::message_illegal, "Required message key is missing");
  }
  if (!header.batch) {
    if (const Ended ended = check_type(sending, header.properties)) return ended;
  }
  const auto refused = header.batch          ? check_batch(header, sending.properties)
                       : sending.dead_letter ? std::nullopt  // its delay is over
                                             : check_features(header, sending.properties);
  if (refused) return refuse(sending, *refused);
  return std::nullopt;
}

Send::Ended Send::check_type(const Sending& sending, std::string_view properties) {
  if (!options_.message_type_check) return std::nullopt;
  const std::string wrong = wrong_type(*sending.topic, properties);
  if (wrong.empty()) return std::nullopt;
  return refuse(sending, code::message_illegal, wrong);
}

template <class T>
T* Send::scratch(const gantry_call& call, size_t count) const {
  return reinterpret_cast<T*>(services_.buffers.scratch(call.arena, count * sizeof(T)));
}

int32_t Send::pick_queue(uint32_t shard, int32_t queues) {
  uint64_t& state = shards_[shard].random;  // xorshift64: even enough to spread load
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return static_cast<int32_t>((state >> 33) % static_cast<uint64_t>(queues));
}

gantry_message Send::record_of(const Sending& sending) const {
  constexpr int32_t ipv6 =
      protocol::message_flag::born_host_ipv6 | protocol::message_flag::store_host_ipv6;
  const protocol::SendMessageHeader& header = sending.header;
  gantry_message record{};
  record.struct_size = sizeof record;
  record.topic = sdk::str(sending.topic->name);
  record.queue_id = sending.queue_id;
  record.log_offset = -1;
  record.born_ms = header.born_ms;
  record.sys_flag = header.sys_flag & ~ipv6;  // the kernel sets them by the addresses
  if (sending.topic->filter_type == protocol::TopicFilterType::multi_tag) {
    record.sys_flag |= protocol::message_flag::multi_tags;
  }
  record.app_flag = header.flag;
  record.reconsume_times = header.reconsume_times;
  record.store_host = sdk::bytes(node_.store_host);
  // A caller inside the process has no address: it is this broker.
  record.born_host = sending.request.peer.size > 0 ? sending.request.peer : record.store_host;
  return record;
}

gantry_status Send::store_one(Sending& sending) {
  std::string made_key;
  std::string_view key = sending.properties.unique_key;
  if (key.empty()) key = made_key = unique_keys_.next(sending.call.now_ms);
  const AddedProperties added{.region = options_.region,
                              .trace_on = trace_on(),
                              .cluster = node_.cluster,
                              .unique_key = made_key,
                              .dead_letter = sending.dead_letter};
  const size_t bound = stored_properties_bound(sending.header.properties, added);
  char* const text = scratch<char>(sending.call, bound);
  if (!text) return refuse(sending, code::system_busy, no_memory);
  const size_t size = write_stored_properties(sending.header.properties, added, text);
  if (const auto refused = check_sizes(sending.body, size, options_)) {
    return refuse(sending, *refused);
  }
  gantry_message record = record_of(sending);
  record.body = sdk::bytes(sending.body);
  record.property_text = {text, size};
  return append(sending, {&record, 1}, key);
}

// Items keep the properties they came with; the envelope's say only how to store them.
gantry_status Send::store_batch(Sending& sending) {
  if (const auto refused = check_sizes(sending.body, 0, options_)) {
    return refuse(sending, *refused);
  }
  size_t count = 0;
  protocol::BatchReader counting(sending.body);
  while (counting.next()) ++count;
  if (counting.failed()) {
    return refuse(sending, code::system_error, "batch body: " + counting.fault().text);
  }
  if (count > static_cast<size_t>(options_.batch_messages_max)) {
    return refuse(sending, code::message_illegal,
                  "a batch of " + std::to_string(count) + " messages, batch_messages_max is " +
                      std::to_string(options_.batch_messages_max));
  }
  auto* const records = scratch<gantry_message>(sending.call, count);
  if (!records) return refuse(sending, code::system_busy, no_memory);
  const gantry_message like = record_of(sending);
  protocol::BatchReader items(sending.body);
  for (size_t i = 0; i < count; ++i) {
    const auto item = items.next();
    if (const Ended ended = check_type(sending, item->properties)) return *ended;
    gantry_message& record = records[i] = like;
    record.body = sdk::bytes(item->body);
    record.property_text = sdk::str(item->properties);
    record.app_flag = item->flag;
    if (!has_light_numbers(item->properties)) continue;
    char* const text = scratch<char>(sending.call, item->properties.size() + 1);
    if (!text) return refuse(sending, code::system_busy, no_memory);
    record.property_text = sdk::str(without_light_numbers(item->properties, text));
  }
  return append(sending, {records, count}, sending.properties.unique_key);
}

gantry_status Send::append(Sending& sending, std::span<const gantry_message> records,
                           std::string_view unique_key) {
  gantry_put put{};
  put.struct_size = sizeof put;
  put.count = static_cast<uint32_t>(records.size());
  put.stride = sizeof(gantry_message);
  put.records = records.data();
  put.span = 1;
  gantry_put_result stored{};
  stored.struct_size = sizeof stored;
  int64_t one_offset = 0;
  stored.log_offsets =
      records.size() == 1 ? &one_offset : scratch<int64_t>(sending.call, records.size());
  if (!stored.log_offsets) return refuse(sending, code::system_busy, no_memory);
  const gantry_status status =
      services_.commitlog.append(services_.host, &sending.call, &put, &stored);
  if (status < 0) return answer_failed(sending, status);
  return answer(sending, stored, unique_key);
}

gantry_status Send::answer(const Sending& sending, const gantry_put_result& stored,
                           std::string_view unique_key) {
  const size_t id_size = id_prefix_.size() + offset_digits;
  char* const ids = scratch<char>(sending.call, stored.count * (id_size + 1));
  if (!ids) return refuse(sending, code::system_busy, no_memory);
  char* out = ids;
  for (uint32_t i = 0; i < stored.count; ++i) {
    if (i > 0) *out++ = ',';
    out += id_prefix_.copy(out, id_prefix_.size());
    out = put_hex(out, static_cast<uint64_t>(stored.log_offsets[i]));
  }
  const NumberText queue(sending.queue_id);
  const NumberText queue_offset(stored.first_queue_offset);
  Reply reply(code::success);
  reply.field("msgId", {ids, static_cast<size_t>(out - ids)})
      .field("queueId", queue.view())
      .field("queueOffset", queue_offset.view());
  if (!unique_key.empty()) reply.field("transactionId", unique_key);
  reply.field("MSG_REGION", options_.region).field("TRACE_ON", trace_on());

  const bool wait =
      sending.properties.wait.empty() || protocol::parse_bool(sending.properties.wait);
  const uint32_t mark = wait ? GANTRY_MARK_VISIBLE : GANTRY_MARK_WRITTEN;
  static_cast<void>(services_.requests.respond_after(
      services_.host, sending.token, &reply.response(), stored.log_end, 1u << mark,
      options_.store_timeout_ms, late_codes.data(), late_codes.size()));
  return GANTRY_PENDING;
}

gantry_status Send::answer_failed(const Sending& sending, gantry_status status) {
  const gantry_error& error = *sending.call.error;
  switch (status) {
    case GANTRY_REFUSED:
      return refuse(sending, error.wire_code != 0 ? error.wire_code : code::system_error,
                    error.text);
    case GANTRY_BUSY:
      return refuse(sending, code::system_busy,
                    "[PCBUSY_CLEAN_QUEUE]broker busy, start flow control for a while");
    case GANTRY_INVALID:
      return refuse(sending, code::message_illegal, error.text);
    default:
      return refuse(sending, code::system_error, error.text);
  }
}

gantry_status Send::refuse(const Sending& sending, int32_t code, std::string_view remark) {
  return Reply(code, remark)
      .field("MSG_REGION", options_.region)
      .field("TRACE_ON", trace_on())
      .send(services_, sending.token);
}

}  // namespace gantry::messaging
