#include "plugin/put_edit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "commitlog/record.hpp"
#include "plugin/record_views.hpp"

namespace gantry::plugin {
namespace {

using commitlog::property_bytes_max;
using commitlog::topic_bytes_max;

constexpr char name_end = '\x01';
constexpr char property_end = '\x02';
constexpr std::string_view no_text_bytes("\x00\x01\x02", 3);
constexpr int32_t kernel_flags = commitlog::sys_flag_born_ipv6 | commitlog::sys_flag_store_ipv6;
constexpr uint64_t text_room_min = 512;

bool is_named(std::string_view property, std::string_view name) {
  return property.size() > name.size() && property[name.size()] == name_end &&
         property.starts_with(name);
}

// Calls `take` with each property of `text`, without its end.
template <class Take>
void each(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::string_view property = text.substr(0, text.find(property_end));
    take(property);
    text.remove_prefix(std::min(property.size() + 1, text.size()));
  }
}

bool has(std::string_view text, std::string_view name) {
  bool found = false;
  each(text, [&](std::string_view property) { found = found || is_named(property, name); });
  return found;
}

// Each property counted with its end, also a last one that has none.
uint64_t bytes_without(std::string_view text, std::string_view name) {
  uint64_t bytes = 0;
  each(text, [&](std::string_view property) {
    if (!is_named(property, name)) bytes += property.size() + 1;
  });
  return bytes;
}

char* put_text(char* to, std::string_view text, char end) {
  std::memmove(to, text.data(), text.size());
  to[text.size()] = end;
  return to + text.size() + 1;
}

template <class T>
std::span<T> take(dispatch::Arena& arena, size_t count) {
  return {reinterpret_cast<T*>(arena.take(count * sizeof(T))), count};
}

// Memory may be short; nothing is thrown into a module.
template <auto method, class... Args>
gantry_status guarded(gantry_put_edit* edit, Args... args) {
  try {
    return (reinterpret_cast<PutEdit*>(edit)->*method)(args...);
  } catch (const std::bad_alloc&) {
    return GANTRY_BUSY;
  }
}

}  // namespace

PutEdit::PutEdit(const gantry_put& given, uint64_t body_bytes_max, dispatch::Arena& arena,
                 gantry_error& error)
    : given_(given), body_bytes_max_(body_bytes_max), arena_(arena), error_(error) {}

const gantry_put_editor& PutEdit::editor() {
  static constexpr gantry_put_editor table{sizeof table,
                                           0,
                                           &guarded<&PutEdit::redirect, gantry_str, int32_t>,
                                           &guarded<&PutEdit::set_property, uint32_t, gantry_str,
                                                    gantry_str>,
                                           &guarded<&PutEdit::erase_property, uint32_t, gantry_str>,
                                           &guarded<&PutEdit::replace_body, uint32_t, uint64_t,
                                                    uint8_t**>,
                                           &guarded<&PutEdit::set_sys_flag, uint32_t, int32_t>};
  return table;
}

gantry_status PutEdit::invalid(const std::string& text) {
  return tell(&error_, GANTRY_INVALID, 0, text);
}

gantry_status PutEdit::check_record(uint32_t record) {
  if (record < given_.count) return GANTRY_OK;
  return invalid(fmt::format("record: {}, the put has {}", record, given_.count));
}

gantry_status PutEdit::check_text(const char* what, gantry_str text) {
  const size_t at = view(text).find_first_of(no_text_bytes);
  if (at == std::string_view::npos) return GANTRY_OK;
  return invalid(fmt::format("{}: a byte 0x{:02x} at {}", what, text.data[at], at));
}

void PutEdit::open() {
  dirty_ = true;
  if (edited_.count > 0) return;
  records_ = take<gantry_message>(arena_, given_.count);
  pending_ = take<Pending>(arena_, given_.count);
  for (uint32_t i = 0; i < given_.count; ++i) {
    const gantry_message* record = std::construct_at(&records_[i], record_at(given_, i));
    std::construct_at(&pending_[i])->sys_flag = record->sys_flag;
  }
  edited_ = given_;
  edited_.stride = sizeof(gantry_message);
  edited_.records = records_.data();
}

void PutEdit::discard() {
  if (!dirty_) return;
  dirty_ = redirected_ = false;
  for (uint32_t i = 0; i < given_.count; ++i) {
    pending_[i] = {};
    pending_[i].sys_flag = records_[i].sys_flag;
  }
}

bool PutEdit::publish_edits() {
  dirty_ = false;
  bool properties = false;
  for (uint32_t i = 0; i < given_.count; ++i) {
    gantry_message& record = records_[i];
    Pending& pending = pending_[i];
    if (pending.text) {
      properties = true;
      record.property_text = {pending.text, pending.text_bytes};
      record.flags &= ~GANTRY_MSG_PARSED;
      record.properties = nullptr;
      record.property_count = 0;
    }
    if (pending.body) record.body = {pending.body, pending.body_bytes};
    if (redirected_) {
      record.topic = topic_;
      record.queue_id = queue_id_;
    }
    record.sys_flag = pending.sys_flag;
    pending = {};
    pending.sys_flag = record.sys_flag;
  }
  redirected_ = false;
  return properties;
}

gantry_status PutEdit::redirect(gantry_str topic, int32_t queue_id) {
  if (topic.size == 0) return invalid("topic: empty");
  if (topic.size > topic_bytes_max) {
    return invalid(fmt::format("topic: {} bytes, at most {}", topic.size, topic_bytes_max));
  }
  if (const gantry_status status = check_text("topic", topic); status != GANTRY_OK) return status;
  if (queue_id < 0) return invalid(fmt::format("queue_id: {}, at least 0", queue_id));
  open();
  const std::span<char> copy = take<char>(arena_, topic.size);
  std::memcpy(copy.data(), topic.data, topic.size);
  topic_ = {copy.data(), copy.size()};
  queue_id_ = queue_id;
  redirected_ = true;
  return GANTRY_OK;
}

std::string_view PutEdit::text_of(uint32_t record) const {
  if (edited_.count == 0) return view(record_at(given_, record).property_text);
  const Pending& pending = pending_[record];
  return pending.text ? std::string_view(pending.text, pending.text_bytes)
                      : view(records_[record].property_text);
}

char* PutEdit::rewrite_text(uint32_t record, std::string_view without, uint64_t bytes) {
  open();
  const std::string_view from = text_of(record);
  Pending& pending = pending_[record];
  char* text = pending.text;
  if (!text || bytes > pending.text_room) {
    pending.text_room = std::max({bytes, 2 * pending.text_room, text_room_min});
    text = take<char>(arena_, pending.text_room).data();
  }
  char* end = text;
  each(from, [&](std::string_view property) {
    if (!is_named(property, without)) end = put_text(end, property, property_end);
  });
  pending.text = text;
  pending.text_bytes = bytes;
  return end;
}

gantry_status PutEdit::set_property(uint32_t record, gantry_str key, gantry_str value) {
  if (value.size == 0) return erase_property(record, key);
  gantry_status status = check_record(record);
  if (status == GANTRY_OK && key.size == 0) status = invalid("key: empty");
  if (status == GANTRY_OK) status = check_text("key", key);
  if (status == GANTRY_OK) status = check_text("value", value);
  if (status != GANTRY_OK) return status;
  const uint64_t bytes =
      bytes_without(text_of(record), view(key)) + key.size + 1 + value.size + 1;
  if (bytes > property_bytes_max) {
    return invalid(fmt::format("properties: {} bytes, at most {}", bytes, property_bytes_max));
  }
  char* end = rewrite_text(record, view(key), bytes);
  end = put_text(end, view(key), name_end);
  put_text(end, view(value), property_end);
  return GANTRY_OK;
}

gantry_status PutEdit::erase_property(uint32_t record, gantry_str key) {
  gantry_status status = check_record(record);
  if (status == GANTRY_OK && key.size == 0) status = invalid("key: empty");
  if (status == GANTRY_OK) status = check_text("key", key);
  if (status != GANTRY_OK) return status;
  const std::string_view text = text_of(record);
  if (has(text, view(key))) rewrite_text(record, view(key), bytes_without(text, view(key)));
  return GANTRY_OK;
}

gantry_status PutEdit::replace_body(uint32_t record, uint64_t size, uint8_t** out) {
  if (const gantry_status status = check_record(record); status != GANTRY_OK) return status;
  if (size > body_bytes_max_) {
    return invalid(fmt::format("body: {} bytes, at most {}", size, body_bytes_max_));
  }
  open();
  Pending& pending = pending_[record];
  if (!pending.body || size > pending.body_room) {
    pending.body_room = std::max<uint64_t>(size, 1);  // of none, there is a place all the same
    pending.body = take<uint8_t>(arena_, pending.body_room).data();
  }
  pending.body_bytes = size;
  *out = pending.body;
  return GANTRY_OK;
}

gantry_status PutEdit::set_sys_flag(uint32_t record, int32_t sys_flag) {
  if (const gantry_status status = check_record(record); status != GANTRY_OK) return status;
  open();
  int32_t& flags = pending_[record].sys_flag;
  flags = (sys_flag & ~kernel_flags) | (flags & kernel_flags);
  return GANTRY_OK;
}

}  // namespace gantry::plugin
