// Header fields of sends (10, 310, 320, 324, 325) and their answers. Texts are borrowed on reading.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/headers.hpp"

namespace gantry::protocol {

struct SendMessageHeader {
  std::string_view producer_group;
  std::string_view topic;
  std::string_view default_topic;
  std::int32_t default_topic_queues = 0;
  std::int32_t queue_id = 0;
  std::int32_t sys_flag = 0;
  std::int64_t born_ms = 0;
  std::int32_t flag = 0;
  std::string_view properties;
  std::int32_t reconsume_times = 0;
  bool unit_mode = false;
  std::optional<std::int32_t> max_reconsume_times;
  bool batch = false;
  std::string_view broker_name;

  friend bool operator==(const SendMessageHeader&, const SendMessageHeader&) = default;
};

// Long names (10, 324) or letters (310, 320, 325).
enum class SendForm { v1, v2 };
SendForm send_form_of(std::int32_t request_code);

namespace detail {

// Raw texts of the 14 fields, letter a at 0; a null data() is absent.
using SendSlots = std::array<std::string_view, 14>;
extern const std::array<std::string_view, 14> send_names_v1;
int send_slot_v1(std::string_view name);  // -1: not one of them
constexpr int send_slot_v2(std::string_view name) {
  return name.size() == 1 && name[0] >= 'a' && name[0] <= 'n' ? name[0] - 'a' : -1;
}
Result<SendMessageHeader> send_header_of(const SendSlots& slots, SendForm form);

}  // namespace detail

// One pass over the fields; a field this header does not know is skipped.
template <class Range>
Result<SendMessageHeader> read_send_header(const Range& fields, SendForm form) {
  detail::SendSlots slots;
  for (const auto& field : fields) {
    const std::string_view name = detail::key_of(field);
    const int slot = form == SendForm::v2 ? detail::send_slot_v2(name) : detail::send_slot_v1(name);
    const std::string_view value = detail::value_of(field);
    if (slot >= 0) slots[slot] = value.data() ? value : std::string_view("", 0);
  }
  return detail::send_header_of(slots, form);
}

Fields write_send_header(const SendMessageHeader& header, SendForm form);

struct SendMessageAnswer {
  std::string message_id;  // offset id, or a comma-joined list of them for a batch
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  std::string transaction_id;  // the message's UNIQ_KEY; empty: not sent
  std::string batch_unique_id;
  std::string recall_handle;
  std::string region = "DefaultRegion";
  bool trace_on = true;

  friend bool operator==(const SendMessageAnswer&, const SendMessageAnswer&) = default;
};

Fields write_send_answer(const SendMessageAnswer& answer);

template <class Range>
Result<SendMessageAnswer> read_send_answer(const Range& fields) {
  FieldReader in(fields);
  SendMessageAnswer answer;
  answer.message_id = in.text("msgId");
  answer.queue_id = in.i32("queueId");
  answer.queue_offset = in.i64("queueOffset");
  answer.transaction_id = in.text_or("transactionId", "");
  answer.batch_unique_id = in.text_or("batchUniqId", "");
  answer.recall_handle = in.text_or("recallHandle", "");
  answer.region = in.text_or("MSG_REGION", "");
  answer.trace_on = in.text_or("TRACE_ON", "false") == "true";  // anything else switches it off
  if (!in.ok()) return in.error();
  return answer;
}

}  // namespace gantry::protocol
