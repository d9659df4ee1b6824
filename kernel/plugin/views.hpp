// Between the kernel's borrowed values and the C ABI's: same layout or two words copied.
#pragma once

#include <gantry/cap/request_handler.h>
#include <gantry/host/commitlog.h>
#include <gantry/host/requests.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "base/buffer.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "commitlog/commit_log.hpp"
#include "dispatch/call.hpp"
#include "dispatch/marks.hpp"
#include "dispatch/request.hpp"

namespace gantry::plugin {

static_assert(sizeof(Field) == sizeof(gantry_property) && sizeof(Text) == sizeof(gantry_str));
static_assert(offsetof(Text, data) == offsetof(gantry_str, data));
static_assert(offsetof(Field, value) == offsetof(gantry_property, value));
static_assert(sizeof(commitlog::IndexEntry) == sizeof(gantry_index_entry));
static_assert(static_cast<int32_t>(dispatch::Status::fault) == GANTRY_FAULT &&
              static_cast<int32_t>(dispatch::Status::would_block) == GANTRY_WOULD_BLOCK);
static_assert(dispatch::mark_visible == GANTRY_MARK_VISIBLE &&
              dispatch::mark_count == GANTRY_MARK_COUNT &&
              static_cast<uint32_t>(commitlog::Mark::visible) == GANTRY_MARK_VISIBLE);
static_assert(static_cast<uint32_t>(dispatch::Why::timed_out) == GANTRY_TIMED_OUT);
static_assert(static_cast<uint32_t>(dispatch::Access::self) == GANTRY_ACCESS_SELF);

constexpr gantry_str str(std::string_view text) { return {text.data(), text.size()}; }
constexpr std::string_view view(gantry_str text) { return {text.data, text.size}; }
constexpr Text text_of(gantry_str text) { return {text.data, text.size}; }
constexpr gantry_str str(Text text) { return {text.data, text.size}; }
inline gantry_bytes bytes_of(Bytes bytes) { return {bytes.data(), bytes.size()}; }
inline Bytes span_of(gantry_bytes bytes) { return {bytes.data, bytes.size}; }

inline std::span<const Field> fields_of(const gantry_property* first, uint32_t count) {
  return {reinterpret_cast<const Field*>(first), count};
}
inline const gantry_property* properties_of(std::span<const Field> fields) {
  return reinterpret_cast<const gantry_property*>(fields.data());
}

inline gantry_buffer* opaque(Buffer* buffer) { return reinterpret_cast<gantry_buffer*>(buffer); }
inline Buffer* buffer_of(gantry_buffer* buffer) { return reinterpret_cast<Buffer*>(buffer); }
// The slice's reference moves along.
inline Slice adopt(const gantry_slice& slice) {
  return {Bytes(slice.data, slice.size), BufferRef::adopt(buffer_of(slice.buffer))};
}
inline gantry_slice release(Slice&& slice) {
  return {slice.bytes.data(), slice.bytes.size(), opaque(slice.owner.detach())};
}

inline gantry_status status_of(dispatch::Status status) { return static_cast<gantry_status>(status); }
inline dispatch::Status status_of(gantry_status status) {
  return status < GANTRY_FAULT || status > GANTRY_PENDING ? dispatch::Status::fault
                                                          : static_cast<dispatch::Status>(status);
}

// For a call to write into.
inline gantry_error empty_error() {
  gantry_error error{};
  error.struct_size = sizeof error;
  return error;
}

// Writes into a caller's error record, as far as the caller has one and knows its members.
inline gantry_status tell(gantry_error* error, gantry_status status, int32_t wire_code,
                          std::string_view text) {
  if (!error || !GANTRY_HAS(error, gantry_error, text)) return status;
  error->code = status;
  error->wire_code = wire_code;
  const size_t size = std::min(text.size(), sizeof error->text - 1);
  std::memcpy(error->text, text.data(), size);
  error->text[size] = '\0';
  return status;
}

// CallFrame: the C form of a dispatch::Call for one call into a plugin; what the plugin says went
// wrong is copied back at its end.
class CallFrame {
 public:
  explicit CallFrame(dispatch::Call& call) : from_(call) {
    error_.struct_size = sizeof error_;
    error_.code = GANTRY_OK;
    error_.wire_code = 0;
    error_.text[0] = '\0';
    call_ = {sizeof call_,     call.shard, call.now_ms, call.now_ns, call.budget_ns,
             reinterpret_cast<gantry_arena*>(&call.arena), &error_};
  }
  CallFrame(const CallFrame&) = delete;
  CallFrame& operator=(const CallFrame&) = delete;
  ~CallFrame() {
    if (error_.code == GANTRY_OK && error_.text[0] == '\0') return;
    error_.text[sizeof error_.text - 1] = '\0';
    from_.error.set(status_of(error_.code), error_.text, error_.wire_code);
  }
  // For a completion: the plugin reads why, instead of saying it.
  void lend_error() {
    const dispatch::CallError& why = from_.error;
    if (why.text[0] != '\0') tell(&error_, status_of(why.code), why.wire_code, why.text);
  }
  const gantry_call* get() const { return &call_; }

 private:
  dispatch::Call& from_;
  gantry_error error_;
  gantry_call call_;
};

// ThreadCall: a call made off the shards, with an arena of its own.
class ThreadCall {
 public:
  explicit ThreadCall(const Clock& clock)
      : call_{GANTRY_NO_SHARD, clock.now_ms(), clock.now_ns(), 0, arena_, error_}, frame_(call_) {}
  const gantry_call* get() const { return frame_.get(); }

 private:
  dispatch::Arena arena_;
  dispatch::CallError error_;
  dispatch::Call call_;
  CallFrame frame_;
};

}  // namespace gantry::plugin
