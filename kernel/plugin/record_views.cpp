#include "plugin/record_views.hpp"

namespace gantry::plugin {
namespace {

// In place: a draft made elsewhere and copied here costs 5 ns more.
void fill(const gantry_message& message, PropertyTexts texts, commitlog::RecordDraft& draft) {
  draft.topic = text_of(message.topic);
  draft.body = span_of(message.body);
  draft.property_text = text_of(message.property_text);
  draft.property_text_zero_free = texts == PropertyTexts::zero_free;
  draft.queue_id = message.queue_id;
  draft.app_flag = message.app_flag;
  draft.sys_flag = message.sys_flag;
  draft.reconsume_times = message.reconsume_times;
  draft.born_ms = message.born_ms;
  draft.prepared_offset = message.prepared_offset;
  draft.queue_offset = QueueOffset(message.queue_offset);
  draft.born_host = span_of(message.born_host);
  draft.store_host = span_of(message.store_host);
}

}  // namespace

void fill(const commitlog::RecordView& view, Buffer* buffer, gantry_message& out) {
  out = {sizeof out,
         0,
         str(view.topic),
         bytes_of(view.body),
         str(view.property_text),
         nullptr,
         0,
         view.queue_id,
         view.queue_offset.value,
         view.log_offset.value,
         view.stored_ms,
         view.born_ms,
         view.sys_flag,
         view.app_flag,
         view.reconsume_times,
         view.record_size,
         view.prepared_offset,
         view.tag_code,
         bytes_of(view.born_host),
         bytes_of(view.store_host),
         bytes_of(view.record),
         opaque(buffer)};
}

Drafts::Drafts(const gantry_put& put, PropertyTexts texts) {
  if (put.count == 1) {
    fill(*put.records, texts, one_);
    drafts_ = {&one_, 1};
    return;
  }
  many_.resize(put.count);
  for (uint32_t i = 0; i < put.count; ++i) fill(record_at(put, i), texts, many_[i]);
  drafts_ = many_;
}

}  // namespace gantry::plugin
