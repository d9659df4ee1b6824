// Records and batches as bytes: what a pull answers and what a batch send carries (common:
// MessageDecoder). Views borrow the bytes they were read from. Any thread.
// Nothing is inflated here: `body` is what is stored.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/host.hpp"
#include "protocol/result.hpp"

namespace gantry::protocol {

struct MessageView {
  std::string_view record;  // the whole record
  std::string_view topic;
  std::string_view body;
  std::string_view properties;
  std::uint32_t body_crc = 0;  // CRC-32 & 0x7fffffff of the stored body
  std::int32_t queue_id = 0;
  std::int32_t flag = 0;
  std::int64_t queue_offset = 0;
  std::int64_t log_offset = 0;
  std::int32_t sys_flag = 0;
  std::int64_t born_ms = 0;
  Host born_host;
  std::int64_t stored_ms = 0;
  Host store_host;
  std::int32_t reconsume_times = 0;
  std::int64_t prepared_offset = 0;
  std::uint8_t version = 1;  // 2: the topic's length has two bytes

  std::string offset_id() const;  // OffsetId of store_host and log_offset
  std::optional<std::string_view> property(std::string_view name) const;
  std::string message_id() const;  // UNIQ_KEY, else offset_id()
};

// Decodes the record at the head of `bytes`; more may follow it.
Result<MessageView> decode_record(std::string_view bytes);

// Every record of a pull body. The views borrow `body`.
Result<std::vector<MessageView>> decode_records(std::string_view body);

// Everything of a record, for tests, tools and forwarding; the inverse of decode_record.
// topic longer than 127 bytes makes version 2. body_crc is written as it is.
Result<std::string> encode_record(const MessageView& message);

// One message of a batch body.
struct BatchItem {
  std::int32_t flag = 0;
  std::string_view body;
  std::string_view properties;

  friend bool operator==(const BatchItem&, const BatchItem&) = default;
};

// Properties longer than 32,767 bytes are an error.
Result<void> append_batch_item(std::string& out, const BatchItem& item);

// Reads items one after the other without a container: while (auto item = reader.next()) ...
class BatchReader {
 public:
  explicit BatchReader(std::string_view body) : body_(body) {}
  std::optional<BatchItem> next();  // nothing at the end or after a fault
  bool failed() const { return !fault_.text.empty(); }
  const Error& fault() const { return fault_; }

 private:
  std::string_view body_;
  std::size_t at_ = 0;
  Error fault_;
};

Result<std::vector<BatchItem>> decode_batch(std::string_view body);

}  // namespace gantry::protocol
