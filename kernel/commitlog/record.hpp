// RocketMQ's stored record, versions 1 and 2: RecordView reads one, RecordDraft says what a new one
// holds, EncodedRecord is its bytes in pieces. Views borrow from the bytes they were made of.
// No state; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "base/buffer.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"
#include "base/text.hpp"
#include "commitlog/errc.hpp"

namespace gantry::commitlog {

constexpr int32_t record_magic_v1 = static_cast<int32_t>(0xDAA320A7);
constexpr int32_t record_magic_v2 = static_cast<int32_t>(0xDAA320AB);
constexpr int32_t blank_magic = static_cast<int32_t>(0xCBD43194);
constexpr uint32_t blank_bytes = 8;        // size and magic of the record that ends a file
constexpr uint32_t record_bytes_min = 91;  // version 1, two IPv4 hosts, all else empty
constexpr uint32_t property_bytes_max = 32767;
constexpr uint32_t topic_bytes_max = 255;  // as RocketMQ: an index has a folder of that name
constexpr uint32_t record_slack_bytes = 65536;  // a record may exceed the largest body by this

constexpr int32_t sys_flag_born_ipv6 = 0x10;
constexpr int32_t sys_flag_store_ipv6 = 0x20;
constexpr int32_t sys_flag_inner_batch = 0x80;

// A decoded record. Everything in it is borrowed from `record`.
struct RecordView {
  Text topic;
  Bytes body;
  Text property_text;  // name 0x01 value 0x02 ..., as stored
  int32_t version = 1;
  int32_t queue_id = 0;
  QueueOffset queue_offset;
  LogOffset log_offset;  // as stored; recovery has compared it with the place
  int64_t stored_ms = 0;
  int64_t born_ms = 0;
  int32_t sys_flag = 0;
  int32_t app_flag = 0;
  int32_t reconsume_times = 0;
  uint32_t record_size = 0;
  int64_t prepared_offset = 0;
  int64_t tag_code = 0;  // only with decode_tag_code
  uint32_t body_crc = 0;
  Bytes born_host;   // 4 or 16 address bytes, then the port as a big-endian 32-bit integer
  Bytes store_host;  // likewise
  Bytes record;      // exactly record_size bytes

  LogOffset log_end() const { return log_offset + record_size; }
};

// What to do beyond the fixed fields.
constexpr uint32_t decode_tag_code = 1;  // compute tag_code from the stored TAGS
constexpr uint32_t decode_check = 2;     // verify the body's CRC

// A view of the record that starts at bytes[0]; bytes may go on behind it. not_a_record when the
// magic, a length or their sum is wrong (a blank record too), bad_crc when the check fails.
ErrorCode decode_record(Bytes bytes, uint32_t what, RecordView& view);

// The value of the TAGS property, hashed; 0 when there is none.
int64_t tag_code_of(Text property_text);

// Java's String.hashCode of UTF-8 text: over UTF-16 units, sign-extended.
int64_t java_hash(Text text);

// CRC-32 of a body as RocketMQ stores it: without the sign bit.
uint32_t body_crc(Bytes body);

// What a new record holds. The log fills number, place and store time.
struct RecordDraft {
  Text topic;
  Bytes body;
  Text property_text;
  bool property_text_zero_free = false;  // somebody looked: no byte of it is 0
  int32_t queue_id = 0;
  int32_t app_flag = 0;
  int32_t sys_flag = 0;  // the two IPv6 bits are set from the hosts
  int32_t reconsume_times = 0;
  int64_t born_ms = 0;
  int64_t prepared_offset = 0;
  QueueOffset queue_offset;  // only with PutNumber::raw
  Bytes born_host;           // 8 or 20 bytes: address, port as a big-endian 32-bit integer
  Bytes store_host;
};

// invalid when it is over a limit: `reason` then names field and value. stream_count: how many
// numbers of further queues the record is to tell.
ErrorCode check_draft(const RecordDraft& draft, uint64_t body_bytes_max, uint32_t stream_count,
                      std::string& reason);

// The bytes of a record in pieces, so that the body is copied once, to its final place. Made before
// the append lock; number, place and store time are stamped under it. Borrows from the draft.
class EncodedRecord {
 public:
  static constexpr size_t part_count = 7;
  using Parts = std::array<Bytes, part_count>;

  // As check_draft().
  ErrorCode encode(const RecordDraft& draft, uint64_t body_bytes_max, uint32_t stream_count,
                   std::string& reason);
  // Puts numbers into the properties, as RocketMQ does: an inner batch tells its first one
  // (INNER_BASE), a record of further queues the ones it has there (INNER_MULTI_QUEUE_OFFSET).
  // Only where encode() was told so; the size grows.
  void tell_numbers(QueueOffset own, std::span<const QueueOffset> streams);
  void stamp(QueueOffset number, LogOffset place, int64_t stored_ms);
  uint32_t size() const { return size_; }
  // What tell_numbers() may bring it to.
  uint32_t size_max() const { return size_ + told_bytes_max_; }
  Parts parts() const;

 private:
  void encode_head(const RecordDraft& draft, bool v2);

  std::array<uint8_t, 112> head_;  // up to and including the body's length
  std::array<uint8_t, 2> topic_size_;
  std::array<uint8_t, 2> property_size_;
  uint8_t head_bytes_ = 0;
  uint8_t topic_size_bytes_ = 0;
  uint8_t stored_ms_at_ = 0;
  uint32_t size_ = 0;
  uint32_t told_bytes_max_ = 0;
  bool inner_batch_ = false;
  Bytes body_;
  Bytes topic_;
  Bytes property_text_;
  std::string told_;  // behind the property text
};

}  // namespace gantry::commitlog
