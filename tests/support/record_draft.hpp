// A draft that makes the same record again: what stored bytes are compared with. Borrows from the
// record's bytes.
#pragma once

#include "commitlog/record.hpp"

namespace gantry::testing {

inline commitlog::RecordDraft draft_like(const commitlog::RecordView& view) {
  commitlog::RecordDraft draft;
  draft.topic = view.topic;
  draft.body = view.body;
  draft.property_text = view.property_text;
  draft.queue_id = view.queue_id;
  draft.app_flag = view.app_flag;
  draft.sys_flag = view.sys_flag;
  draft.reconsume_times = view.reconsume_times;
  draft.born_ms = view.born_ms;
  draft.prepared_offset = view.prepared_offset;
  draft.queue_offset = view.queue_offset;
  draft.born_host = view.born_host;
  draft.store_host = view.store_host;
  return draft;
}

}  // namespace gantry::testing
