// PutEdit: a put hook's way to change what it sees, valid until `before` returns. What cannot be is
// thrown as a Refusal that names field and value.
#pragma once

#include <gantry/cap/put_hook.h>

#include <algorithm>
#include <span>
#include <string_view>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk {

class PutEdit {
 public:
  PutEdit(const gantry_call& call, gantry_put_edit* edit, const gantry_put_editor& editor)
      : call_(call), edit_(edit), editor_(editor) {}

  // The whole put goes there.
  void redirect(std::string_view topic, int32_t queue_id) {
    check(editor_.redirect(edit_, str(topic), queue_id));
  }
  // An empty value erases.
  void set_property(uint32_t record, std::string_view key, std::string_view value) {
    check(editor_.set_property(edit_, record, str(key), str(value)));
  }
  void erase_property(uint32_t record, std::string_view key) {
    check(editor_.erase_property(edit_, record, str(key)));
  }
  // To be filled before `before` returns.
  std::span<uint8_t> replace_body(uint32_t record, uint64_t size) {
    uint8_t* bytes = nullptr;
    check(editor_.replace_body(edit_, record, size, &bytes));
    return {bytes, size};
  }
  void replace_body(uint32_t record, std::string_view body) {
    std::ranges::copy(body, replace_body(record, body.size()).begin());
  }
  void set_sys_flag(uint32_t record, int32_t sys_flag) {
    check(editor_.set_sys_flag(edit_, record, sys_flag));
  }

 private:
  void check(gantry_status status) const {
    if (status != GANTRY_OK) throw Refusal(status, call_.error->text, call_.error->wire_code);
  }

  const gantry_call& call_;
  gantry_put_edit* edit_;
  const gantry_put_editor& editor_;
};

// Record `index` of a put.
inline const gantry_message& record(const gantry_put& put, uint32_t index) {
  const auto* first = reinterpret_cast<const char*>(put.records);
  return *reinterpret_cast<const gantry_message*>(first + size_t{index} * put.stride);
}

}  // namespace gantry::sdk
