#include "protocol/send_header.hpp"

#include <algorithm>

#include "protocol/codes.hpp"

namespace gantry::protocol {
namespace {

constexpr std::array<std::string_view, 14> letters = {"a", "b", "c", "d", "e", "f", "g",
                                                      "h", "i", "j", "k", "l", "m", "n"};

enum Slot {
  producer_group,
  topic,
  default_topic,
  default_topic_queues,
  queue_id,
  sys_flag,
  born_ms,
  flag,
  properties,
  reconsume_times,
  unit_mode,
  max_reconsume_times,
  batch,
  broker_name,
};

// What FieldReader does, by slot: a send is read for every message, so nothing is searched.
class SlotReader {
 public:
  SlotReader(const detail::SendSlots& slots, const std::array<std::string_view, 14>& names)
      : slots_(slots), names_(names) {}

  bool ok() const { return error_.text.empty(); }
  const Error& error() const { return error_; }

  std::string_view text(Slot slot) {
    if (!is_there(slot)) note(detail::missing_field(names_[slot]));
    return slots_[slot];
  }
  std::string_view text_or_empty(Slot slot) const { return slots_[slot]; }
  bool flag(Slot slot) const { return parse_bool(slots_[slot]); }
  std::int64_t i64(Slot slot) {
    return number(slot, parse_i64, "a 64-bit whole number").value_or(0);
  }
  std::int32_t i32(Slot slot) { return optional_i32(slot, true).value_or(0); }
  std::optional<std::int32_t> optional_i32(Slot slot, bool required = false) {
    if (!required && !is_there(slot)) return std::nullopt;
    return number(slot, parse_i32, "a 32-bit whole number");
  }

 private:
  bool is_there(Slot slot) const { return slots_[slot].data() != nullptr; }
  void note(Error error) {
    if (ok()) error_ = std::move(error);
  }

  template <class Parse>
  auto number(Slot slot, Parse parse, std::string_view wanted) -> decltype(parse(wanted)) {
    const auto parsed = parse(slots_[slot]);
    if (parsed) return parsed;
    note(is_there(slot) ? detail::malformed_field(names_[slot], slots_[slot], wanted)
                        : detail::missing_field(names_[slot]));
    return std::nullopt;
  }

  const detail::SendSlots& slots_;
  const std::array<std::string_view, 14>& names_;
  Error error_;
};

}  // namespace

SendForm send_form_of(std::int32_t code) {
  const bool v1 = code == request_code::send_message || code == request_code::send_reply_message;
  return v1 ? SendForm::v1 : SendForm::v2;
}

namespace detail {

const std::array<std::string_view, 14> send_names_v1 = {
    "producerGroup", "topic",          "defaultTopic",  "defaultTopicQueueNums",
    "queueId",       "sysFlag",        "bornTimestamp", "flag",
    "properties",    "reconsumeTimes", "unitMode",      "maxReconsumeTimes",
    "batch",         "bname"};

int send_slot_v1(std::string_view name) {
  const auto* found = std::find(send_names_v1.begin(), send_names_v1.end(), name);
  return found == send_names_v1.end() ? -1 : static_cast<int>(found - send_names_v1.begin());
}

Result<SendMessageHeader> send_header_of(const SendSlots& slots, SendForm form) {
  SlotReader in(slots, form == SendForm::v1 ? send_names_v1 : letters);
  SendMessageHeader header;
  header.producer_group = in.text(producer_group);
  header.topic = in.text(topic);
  header.default_topic = in.text(default_topic);
  header.default_topic_queues = in.i32(default_topic_queues);
  header.queue_id = in.i32(queue_id);
  header.sys_flag = in.i32(sys_flag);
  header.born_ms = in.i64(born_ms);
  header.flag = in.i32(flag);
  header.properties = in.text_or_empty(properties);
  header.reconsume_times = in.optional_i32(reconsume_times).value_or(0);
  header.unit_mode = in.flag(unit_mode);
  header.max_reconsume_times = in.optional_i32(max_reconsume_times);
  header.batch = in.flag(batch);
  header.broker_name = in.text_or_empty(broker_name);
  if (!in.ok()) return in.error();
  return header;
}

}  // namespace detail

Fields write_send_header(const SendMessageHeader& header, SendForm form) {
  const auto& names = form == SendForm::v1 ? detail::send_names_v1 : letters;
  Fields fields;
  const auto add = [&](Slot slot, std::string value) {
    fields.emplace_back(names[slot], std::move(value));
  };
  const auto truth = [](bool value) { return std::string(value ? "true" : "false"); };
  add(producer_group, std::string(header.producer_group));
  add(topic, std::string(header.topic));
  add(default_topic, std::string(header.default_topic));
  add(default_topic_queues, std::to_string(header.default_topic_queues));
  add(queue_id, std::to_string(header.queue_id));
  add(sys_flag, std::to_string(header.sys_flag));
  add(born_ms, std::to_string(header.born_ms));
  add(flag, std::to_string(header.flag));
  if (!header.properties.empty()) add(properties, std::string(header.properties));
  add(reconsume_times, std::to_string(header.reconsume_times));
  add(unit_mode, truth(header.unit_mode));
  if (header.max_reconsume_times) {
    add(max_reconsume_times, std::to_string(*header.max_reconsume_times));
  }
  add(batch, truth(header.batch));
  if (!header.broker_name.empty()) add(broker_name, std::string(header.broker_name));
  return fields;
}

Fields write_send_answer(const SendMessageAnswer& answer) {
  Fields fields = {{"msgId", answer.message_id},
                   {"queueId", std::to_string(answer.queue_id)},
                   {"queueOffset", std::to_string(answer.queue_offset)},
                   {"MSG_REGION", answer.region},
                   {"TRACE_ON", answer.trace_on ? "true" : "false"}};
  const auto add = [&fields](const char* name, const std::string& value) {
    if (!value.empty()) fields.emplace_back(name, value);
  };
  add("transactionId", answer.transaction_id);
  add("batchUniqId", answer.batch_unique_id);
  add("recallHandle", answer.recall_handle);
  return fields;
}

}  // namespace gantry::protocol
