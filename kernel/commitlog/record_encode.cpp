#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "base/endian.hpp"
#include "commitlog/record.hpp"

namespace gantry::commitlog {
namespace {

constexpr size_t queue_offset_at = 20;
constexpr size_t log_offset_at = 28;
constexpr uint32_t version_1_topic_bytes_max = 127;  // its length byte is read as signed
constexpr size_t ipv4_host_bytes = 8;
constexpr size_t ipv6_host_bytes = 20;
constexpr std::string_view inner_base = "INNER_BASE";
constexpr std::string_view stream_numbers = "INNER_MULTI_QUEUE_OFFSET";
constexpr char name_end = '\x01';
constexpr char property_end = '\x02';
constexpr uint32_t number_bytes_max = 20;  // its digits and what parts it from the next

Bytes bytes_of(Text text) {
  return {reinterpret_cast<const uint8_t*>(text.data), text.size};
}

bool host_fits(Bytes host) {
  return host.size() == ipv4_host_bytes || host.size() == ipv6_host_bytes;
}

// The most that the properties with a record's numbers take, with an end mark the text may lack.
uint64_t told_bytes_max(bool base, uint32_t stream_count) {
  uint64_t bytes = base || stream_count > 0 ? 1 : 0;
  if (base) bytes += inner_base.size() + 1 + number_bytes_max;
  if (stream_count > 0)
    bytes += stream_numbers.size() + 1 + uint64_t{stream_count} * number_bytes_max;
  return bytes;
}

bool is_inner_batch(const RecordDraft& draft) { return draft.sys_flag & sys_flag_inner_batch; }

// A topic of at most 127 characters but more bytes is version 2 as well: Java would write a length
// that it cannot read back.
bool is_version_2(const RecordDraft& draft) {
  return draft.topic.size > version_1_topic_bytes_max;
}

uint64_t head_bytes(const RecordDraft& draft) {
  return 72 + draft.born_host.size() + draft.store_host.size();
}

// Without the numbers it is to tell.
uint64_t record_bytes(const RecordDraft& draft) {
  constexpr uint64_t property_size_bytes = 2;
  return head_bytes(draft) + draft.body.size() + (is_version_2(draft) ? 2 : 1) + draft.topic.size +
         property_size_bytes + draft.property_text.size;
}

std::string wrong(const RecordDraft& draft, uint64_t body_bytes_max, uint64_t told_bytes) {
  if (draft.topic.size == 0) return "topic: empty";
  if (draft.topic.size > topic_bytes_max)
    return fmt::format("topic: {} bytes, at most {}", draft.topic.size, topic_bytes_max);
  // Recovery takes a zero byte for torn.
  if (const size_t zero = draft.topic.view().find('\0'); zero != std::string_view::npos)
    return fmt::format("topic: a zero byte at {}", zero);
  if (!draft.property_text_zero_free) {
    if (const size_t zero = draft.property_text.view().find('\0'); zero != std::string_view::npos)
      return fmt::format("properties: a zero byte at {}", zero);
  }
  if (draft.body.size() > body_bytes_max)
    return fmt::format("body: {} bytes, at most {}", draft.body.size(), body_bytes_max);
  if (draft.property_text.size + told_bytes > property_bytes_max)
    return fmt::format("properties: {} bytes, at most {}", draft.property_text.size + told_bytes,
                       property_bytes_max);
  if (draft.queue_id < 0) return fmt::format("queue_id: {}, at least 0", draft.queue_id);
  if (!host_fits(draft.born_host))
    return fmt::format("born_host: {} bytes, must be 8 or 20", draft.born_host.size());
  if (!host_fits(draft.store_host))
    return fmt::format("store_host: {} bytes, must be 8 or 20", draft.store_host.size());
  return {};
}

struct Writer {
  uint8_t* at;

  template <std::integral T>
  void number(T value) {
    store_be(at, value);
    at += sizeof value;
  }
  void bytes(Bytes from) {
    std::memcpy(at, from.data(), from.size());
    at += from.size();
  }
};

}  // namespace

ErrorCode check_draft(const RecordDraft& draft, uint64_t body_bytes_max, uint32_t stream_count,
                      std::string& reason) {
  const uint64_t told = told_bytes_max(is_inner_batch(draft), stream_count);
  reason = wrong(draft, body_bytes_max, told);
  const uint64_t size = record_bytes(draft) + told;
  const uint64_t size_max = body_bytes_max + record_slack_bytes;
  if (reason.empty() && size > size_max) {
    reason = fmt::format("record: {} bytes, at most {}", size, size_max);
  }
  return reason.empty() ? ErrorCode() : ErrorCode(Errc::invalid);
}

ErrorCode EncodedRecord::encode(const RecordDraft& draft, uint64_t body_bytes_max,
                                uint32_t stream_count, std::string& reason) {
  if (ErrorCode error = check_draft(draft, body_bytes_max, stream_count, reason)) return error;
  inner_batch_ = is_inner_batch(draft);
  told_bytes_max_ = static_cast<uint32_t>(told_bytes_max(inner_batch_, stream_count));
  told_.clear();
  topic_size_bytes_ = is_version_2(draft) ? 2 : 1;
  head_bytes_ = static_cast<uint8_t>(head_bytes(draft));
  size_ = static_cast<uint32_t>(record_bytes(draft));
  body_ = draft.body;
  topic_ = bytes_of(draft.topic);
  property_text_ = bytes_of(draft.property_text);
  encode_head(draft, is_version_2(draft));
  return {};
}

void EncodedRecord::encode_head(const RecordDraft& draft, bool v2) {
  const bool born_ipv6 = draft.born_host.size() == ipv6_host_bytes;
  const bool store_ipv6 = draft.store_host.size() == ipv6_host_bytes;
  Writer out{head_.data()};
  out.number(size_);
  out.number(v2 ? record_magic_v2 : record_magic_v1);
  out.number(body_crc(draft.body));
  out.number(draft.queue_id);
  out.number(draft.app_flag);
  out.number(int64_t{0});  // queue offset and
  out.number(int64_t{0});  // log offset are stamped
  out.number((draft.sys_flag & ~(sys_flag_born_ipv6 | sys_flag_store_ipv6)) |
             (born_ipv6 ? sys_flag_born_ipv6 : 0) | (store_ipv6 ? sys_flag_store_ipv6 : 0));
  out.number(draft.born_ms);
  out.bytes(draft.born_host);
  stored_ms_at_ = static_cast<uint8_t>(out.at - head_.data());
  out.number(int64_t{0});  // stamped
  out.bytes(draft.store_host);
  out.number(draft.reconsume_times);
  out.number(draft.prepared_offset);
  out.number(static_cast<int32_t>(draft.body.size()));

  if (v2)
    store_be(topic_size_.data(), static_cast<int16_t>(topic_.size()));
  else
    topic_size_[0] = static_cast<uint8_t>(topic_.size());
  store_be(property_size_.data(), static_cast<int16_t>(property_text_.size()));
}

void EncodedRecord::tell_numbers(QueueOffset own, std::span<const QueueOffset> streams) {
  if (told_bytes_max_ == 0) return;
  size_ -= static_cast<uint32_t>(told_.size());
  told_.clear();
  if (!property_text_.empty() && property_text_.back() != property_end) told_ += property_end;
  auto out = std::back_inserter(told_);
  if (inner_batch_) fmt::format_to(out, "{}{}{}{}", inner_base, name_end, own.value, property_end);
  if (!streams.empty()) {
    fmt::format_to(out, "{}{}", stream_numbers, name_end);
    for (const QueueOffset number : streams) fmt::format_to(out, "{},", number.value);
    told_.back() = property_end;
  }
  size_ += static_cast<uint32_t>(told_.size());
  store_be(head_.data(), size_);
  store_be(property_size_.data(), static_cast<int16_t>(property_text_.size() + told_.size()));
}

void EncodedRecord::stamp(QueueOffset number, LogOffset place, int64_t stored_ms) {
  store_be(head_.data() + queue_offset_at, number.value);
  store_be(head_.data() + log_offset_at, place.value);
  store_be(head_.data() + stored_ms_at_, stored_ms);
}

EncodedRecord::Parts EncodedRecord::parts() const {
  return {Bytes(head_.data(), head_bytes_),
          body_,
          Bytes(topic_size_.data(), topic_size_bytes_),
          topic_,
          Bytes(property_size_.data(), property_size_.size()),
          property_text_,
          bytes_of(Text(told_))};
}

}  // namespace gantry::commitlog
