#include "cpp/fake/edited_put.hpp"

#include <algorithm>

#include "cpp/barrier.hpp"
#include "cpp/fake/record.hpp"
#include "cpp/put_edit.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr char name_end = '\x01';
constexpr char value_end = '\x02';
constexpr int32_t host_kinds = 0x10 | 0x20;  // which of the two hosts has an IPv6 address

// The properties but those called `key`, each with its end.
std::string without(std::string_view text, std::string_view key) {
  std::string kept;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(value_end));
    const size_t split = pair.find(name_end);
    if (split == pair.npos || pair.substr(0, split) != key) kept.append(pair).append(1, value_end);
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
  }
  return kept;
}

}  // namespace

EditedPut::EditedPut(const gantry_put& given) : put_(given), pending_(given.count) {
  for (uint32_t i = 0; i < given.count; ++i) records_.push_back(record(given, i));
  put_.records = records_.data();
  put_.stride = sizeof(gantry_message);
}

const gantry_put_editor& EditedPut::editor() {
  static constexpr gantry_put_editor table{
      sizeof table, 0, &redirect, &set_property, &erase_property, &replace_body, &set_sys_flag};
  return table;
}

void EditedPut::publish() {
  for (uint32_t i = 0; i < put_.count; ++i) {
    gantry_message& record = records_[i];
    Pending& pending = pending_[i];
    if (pending.properties) {
      record.property_text = str(texts_.emplace_back(std::move(*pending.properties)));
      record.flags &= ~GANTRY_MSG_PARSED;
      record.properties = nullptr;
      record.property_count = 0;
    }
    if (pending.body)
      record.body = bytes(std::span<const uint8_t>(bodies_.emplace_back(std::move(*pending.body))));
    if (pending.sys_flag) record.sys_flag = *pending.sys_flag;
    pending = {};
  }
  if (!topic_) return;
  const gantry_str topic = str(texts_.emplace_back(std::move(*topic_)));
  for (gantry_message& record : records_) {
    record.topic = topic;
    record.queue_id = queue_id_;
  }
  topic_.reset();
}

gantry_status EditedPut::invalid(const std::string& text) {
  return set_error(error_, GANTRY_INVALID, text);
}

gantry_status EditedPut::check_record(uint32_t record) {
  if (record < put_.count) return GANTRY_OK;
  return invalid("record: " + std::to_string(record) + ", the put has " +
                 std::to_string(put_.count));
}

gantry_status EditedPut::check_text(const char* what, std::string_view text) {
  const size_t at = text.find_first_of(std::string_view("\x00\x01\x02", 3));
  if (at == text.npos) return GANTRY_OK;
  return invalid(std::string(what) + ": a byte 0x0" + std::to_string(int{text[at]}) + " at " +
                 std::to_string(at));
}

gantry_status EditedPut::redirect(gantry_put_edit* edit, gantry_str topic, int32_t queue_id) {
  EditedPut& put = of(edit);
  if (topic.size == 0) return put.invalid("topic: empty");
  if (topic.size > topic_bytes_max)
    return put.invalid("topic: " + std::to_string(topic.size) + " bytes, at most " +
                       std::to_string(topic_bytes_max));
  if (const auto status = put.check_text("topic", view(topic)); status != GANTRY_OK) return status;
  if (queue_id < 0)
    return put.invalid("queue_id: " + std::to_string(queue_id) + ", at least 0");
  put.topic_ = view(topic);
  put.queue_id_ = queue_id;
  return GANTRY_OK;
}

// An empty value erases.
gantry_status EditedPut::rewrite(uint32_t record, std::string_view key, std::string_view value) {
  gantry_status status = check_record(record);
  if (status == GANTRY_OK && key.empty()) status = invalid("key: empty");
  if (status == GANTRY_OK) status = check_text("key", key);
  if (status == GANTRY_OK) status = check_text("value", value);
  if (status != GANTRY_OK) return status;
  std::optional<std::string>& pending = pending_[record].properties;
  const std::string shown(pending ? *pending : view(records_[record].property_text));
  if (value.empty() && !find_property(shown, key)) return GANTRY_OK;
  std::string text = without(shown, key);
  if (!value.empty()) add_property(text, key, value);
  if (text.size() > property_bytes_max)
    return invalid("properties: " + std::to_string(text.size()) + " bytes, at most " +
                   std::to_string(property_bytes_max));
  pending = std::move(text);
  return GANTRY_OK;
}

gantry_status EditedPut::set_property(gantry_put_edit* edit, uint32_t record, gantry_str key,
                                      gantry_str value) {
  return of(edit).rewrite(record, view(key), view(value));
}

gantry_status EditedPut::erase_property(gantry_put_edit* edit, uint32_t record, gantry_str key) {
  return of(edit).rewrite(record, view(key), {});
}

gantry_status EditedPut::replace_body(gantry_put_edit* edit, uint32_t record, uint64_t size,
                                      uint8_t** out) {
  EditedPut& put = of(edit);
  if (const auto status = put.check_record(record); status != GANTRY_OK) return status;
  if (size > body_bytes_max)
    return put.invalid("body: " + std::to_string(size) + " bytes, at most " +
                       std::to_string(body_bytes_max));
  *out = put.pending_[record].body.emplace(size).data();
  return GANTRY_OK;
}

gantry_status EditedPut::set_sys_flag(gantry_put_edit* edit, uint32_t record, int32_t sys_flag) {
  EditedPut& put = of(edit);
  if (const auto status = put.check_record(record); status != GANTRY_OK) return status;
  put.pending_[record].sys_flag =
      (sys_flag & ~host_kinds) | (put.records_[record].sys_flag & host_kinds);
  return GANTRY_OK;
}

}  // namespace gantry::sdk::fake
