#include "cpp/fake/log.hpp"

#include <algorithm>
#include <stdexcept>

#include "cpp/barrier.hpp"
#include "cpp/fake/numbers.hpp"
#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr int32_t system_error = 1;
constexpr int32_t system_busy = 2;
constexpr int32_t message_illegal = 13;
constexpr int32_t service_not_available = 14;

const gantry_message& at(const gantry_put& put, uint32_t index) {
  return *reinterpret_cast<const gantry_message*>(reinterpret_cast<const char*>(put.records) +
                                                  size_t{index} * put.stride);
}

bool is_numbered(const gantry_put& put) {
  return !(put.flags & (GANTRY_PUT_RAW_NUMBER | GANTRY_PUT_UNNUMBERED));
}

}  // namespace

Log::Log(int64_t first_offset)
    : first_(first_offset), begin_(first_offset), cold_below_(first_offset) {
  marks_.fill(first_offset);
}

Appended Log::append_visible(const Message& message, int64_t now_ms) {
  static const std::string host = host_bytes("127.0.0.1:10911");
  std::string properties = message.properties;
  if (!message.tag.empty()) add_property(properties, "TAGS", message.tag);
  gantry_message record{};
  record.struct_size = sizeof record;
  record.topic = str(message.topic);
  record.body = sdk::bytes(message.body);
  record.property_text = str(properties);
  record.queue_id = message.queue_id;
  record.born_ms = message.born_ms;
  record.sys_flag = message.sys_flag;
  record.prepared_offset = message.prepared_offset;
  record.born_host = record.store_host = sdk::bytes(host);
  gantry_put put{};
  put.struct_size = sizeof put;
  put.count = 1;
  put.span = static_cast<uint32_t>(std::max<int64_t>(numbers_taken(record), 1));
  put.stride = sizeof record;
  put.records = &record;
  gantry_put_result result{};
  result.struct_size = sizeof result;
  gantry_error error{};
  error.struct_size = sizeof error;
  if (append(put, result, now_ms, nullptr, &error) != GANTRY_OK)
    throw std::logic_error(std::string("the fake log refused a record: ") + error.text);
  const bool held = std::exchange(held_, false);
  appended();
  held_ = held;
  return {result.log_begin, result.log_end, result.first_queue_offset, result.stored_ms};
}

void Log::appended() {
  marks_[GANTRY_MARK_APPENDED] = end();
  if (!held_) {
    const int64_t replicated = replicated_owned_ ? marks_[GANTRY_MARK_REPLICATED] : end();
    marks_.fill(end());
    marks_[GANTRY_MARK_REPLICATED] = marks_[GANTRY_MARK_STABLE] = replicated;
  }
  if (changed_) changed_();
}

void Log::raise_replicated(int64_t to) {
  int64_t& replicated = marks_[GANTRY_MARK_REPLICATED];
  replicated = std::max(replicated, to);
  if (!held_) marks_[GANTRY_MARK_STABLE] = std::min(replicated, marks_[GANTRY_MARK_DURABLE]);
  if (changed_) changed_();
}

void Log::open() {
  replicated_owned_ = false;
  if (follows_) lead();
}

void Log::follow() {
  follows_ = true;
  set_gate("follower", true, service_not_available, "this node follows another one's log");
}

void Log::lead() {
  follows_ = false;
  set_gate("follower", false, 0, "");
  numbers_.clear();
}

gantry_status Log::append_raw(int64_t at, std::span<const uint8_t> records, gantry_error* error) {
  if (!failure_.empty()) return set_error(error, GANTRY_FAULT, failure_);
  if (!follows_) return set_error(error, GANTRY_REFUSED, "the log follows no other");
  if (at != end())
    return set_error(error, GANTRY_INVALID,
                     "bytes for " + std::to_string(at) + ", but the log ends at " +
                         std::to_string(end()));
  if (busy_appends_ > 0) {
    --busy_appends_;
    return set_error(error, GANTRY_BUSY, "no prepared space");
  }
  for (auto rest = records; !rest.empty();) {
    const int64_t place = at + (rest.data() - records.data());
    const auto record = decode(rest);
    if (!record) return set_error(error, GANTRY_INVALID, "no whole record at " + std::to_string(place));
    if (record->log_offset != place)
      return set_error(error, GANTRY_INVALID,
                       "the record at " + std::to_string(place) + " belongs at " +
                           std::to_string(record->log_offset));
    stored_ms_ = std::max(stored_ms_, record->stored_ms);
    rest = rest.subspan(record->record_size);
  }
  bytes_.insert(bytes_.end(), records.begin(), records.end());
  appended();
  return GANTRY_OK;
}

bool Log::begins_record(int64_t offset) const {
  if (offset < begin_ || offset > end()) return false;
  int64_t at = begin_;
  for (const gantry_message& record : records(begin_, end())) {
    if (at >= offset) break;
    at += record.record_size;
  }
  return at == offset;
}

void Log::release_marks() {
  held_ = false;
  appended();
}

void Log::raise(uint32_t mark, int64_t to) {
  if (to > end()) throw std::logic_error("a mark cannot pass the log's end");
  if (mark == GANTRY_MARK_VISIBLE && to > marks_[GANTRY_MARK_WRITTEN])
    throw std::logic_error("VISIBLE cannot pass WRITTEN: raise that first");
  marks_.at(mark) = std::max(marks_.at(mark), to);
  if (changed_) changed_();
}

void Log::fail(std::string reason) {
  failure_ = std::move(reason);
  if (changed_) changed_();
}

void Log::truncate(int64_t offset) {
  if (offset < begin_ || offset > end()) throw std::logic_error("truncate: outside the log");
  bytes_.resize(static_cast<size_t>(offset - first_));
  for (int64_t& mark : marks_) mark = std::min(mark, offset);
  numbers_.clear();
}

int64_t Log::next_number(std::string_view topic, int32_t queue_id) const {
  const auto known = numbers_.find(std::pair(std::string(topic), queue_id));
  if (known != numbers_.end()) return known->second;
  int64_t next = 0;
  for (const gantry_message& record : records(begin_, end()))
    if (view(record.topic) == topic && record.queue_id == queue_id)
      next = std::max(next, record.queue_offset + numbers_taken(record));
    else if (queue_id == 0)
      next = std::max(next, number_behind(record, topic));
  return next;
}

int64_t Log::number_for(std::string_view topic, int32_t queue_id,
                        const FirstNumber& first_number) const {
  const int64_t next = next_number(topic, queue_id);
  if (!first_number || numbers_.contains(std::pair(std::string(topic), queue_id))) return next;
  return std::max(next, first_number(topic, queue_id));
}

std::span<const uint8_t> Log::bytes(int64_t from, int64_t to) const {
  if (from < begin_ || to > end() || from > to) throw std::logic_error("bytes outside the log");
  return std::span(bytes_).subspan(static_cast<size_t>(from - first_),
                                   static_cast<size_t>(to - from));
}

std::vector<gantry_message> Log::records(int64_t from, int64_t to) const {
  std::vector<gantry_message> out;
  while (from < to) {
    const auto record = decode(bytes(from, to));
    if (!record) throw std::logic_error("no record at " + std::to_string(from));
    out.push_back(*record);
    from += record->record_size;
  }
  return out;
}

gantry_status Log::refuse_put(const gantry_put& put, gantry_error* error) {
  if (!failure_.empty()) return set_error(error, GANTRY_REFUSED, failure_, system_error);
  if (!gates_.empty())
    return set_error(error, GANTRY_REFUSED, gates_[0].reason, gates_[0].wire_code);
  if (busy_appends_ > 0) {
    --busy_appends_;
    return set_error(error, GANTRY_BUSY, "no prepared space", system_busy);
  }
  return check(put, error);
}

gantry_status Log::check(const gantry_put& put, gantry_error* error) const {
  if (put.count == 0) return set_error(error, GANTRY_INVALID, "records: none", message_illegal);
  if (put.stream_count > 0 && !is_numbered(put))
    return set_error(error, GANTRY_INVALID,
                     "streams: " + std::to_string(put.stream_count) +
                         ", but the put takes no dense numbers",
                     message_illegal);
  for (uint32_t i = 0; i < put.stream_count; ++i)
    if (put.streams[i].size == 0 || put.streams[i].size > topic_bytes_max)
      return set_error(error, GANTRY_INVALID,
                       "streams: a name of " + std::to_string(put.streams[i].size) +
                           " bytes, must be from 1 to " + std::to_string(topic_bytes_max),
                       message_illegal);
  for (uint32_t i = 0; i < put.count; ++i) {
    const gantry_message& record = at(put, i);
    if (const auto why = refuse(record, told_bytes_max(record, put.stream_count)))
      return set_error(error, GANTRY_INVALID, *why, message_illegal);
    if (view(record.topic) != view(at(put, 0).topic) || record.queue_id != at(put, 0).queue_id)
      return set_error(error, GANTRY_INVALID, "records: of one topic and queue, or one at a time",
                       message_illegal);
  }
  return GANTRY_OK;
}

gantry_status Log::append(const gantry_put& put, gantry_put_result& result, int64_t now_ms,
                          const FirstNumber& first_number, gantry_error* error) {
  const gantry_status refused = refuse_put(put, error);
  if (refused != GANTRY_OK) return refused;
  const bool numbered = is_numbered(put);
  const auto key = std::pair(std::string(view(at(put, 0).topic)), at(put, 0).queue_id);
  int64_t number = 0;
  if (numbered) number = number_for(key.first, key.second, first_number);
  if (put.flags & GANTRY_PUT_RAW_NUMBER) number = at(put, 0).queue_offset;
  std::vector<int64_t> streams;
  for (uint32_t i = 0; i < put.stream_count; ++i)
    streams.push_back(number_for(view(put.streams[i]), 0, first_number));
  stored_ms_ = std::max(stored_ms_, now_ms);
  result.count = put.count;
  result.log_begin = end();
  result.first_queue_offset = number;
  result.stored_ms = stored_ms_;
  for (uint32_t i = 0; i < put.count; ++i) {
    gantry_message record = at(put, i);
    if (!(put.flags & GANTRY_PUT_RAW_NUMBER)) record.queue_offset = number;
    if (result.log_offsets) result.log_offsets[i] = end();
    std::string properties(view(record.property_text));
    if (numbered) properties = tell_numbers(record, number, streams);
    record.property_text = str(properties);
    store(record);
    if (numbered) number += std::max(put.span, 1u);
    for (int64_t& stream : streams) ++stream;
  }
  if (numbered) numbers_[key] = number;
  for (uint32_t i = 0; i < put.stream_count; ++i)
    numbers_[std::pair(std::string(view(put.streams[i])), 0)] = streams[i];
  result.log_end = end();
  appended();
  return GANTRY_OK;
}

void Log::store(gantry_message& record) {
  record.log_offset = end();
  record.stored_ms = stored_ms_;
  const auto bytes = encode(record);
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

void Log::set_gate(std::string name, bool closed, int32_t wire_code, std::string reason) {
  const auto at = std::find_if(gates_.begin(), gates_.end(),
                               [&](const Gate& gate) { return gate.name == name; });
  if (!closed) {
    if (at != gates_.end()) gates_.erase(at);
  } else if (at != gates_.end()) {
    *at = {std::move(name), wire_code, std::move(reason)};
  } else {
    gates_.push_back({std::move(name), wire_code, std::move(reason)});
  }
}

}  // namespace gantry::sdk::fake
