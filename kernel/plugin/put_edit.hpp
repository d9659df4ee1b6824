// PutEdit: what gantry_put_edit points at: the edits of a put on its way through the hooks. A hook
// is shown what those before it left; what it edits is shown to the next one, so that what it looks
// at doesn't change under its eyes. Lives on the appending thread's stack; what it copies goes to
// the given arena.
#pragma once

#include <gantry/cap/put_hook.h>

#include <span>
#include <string>
#include <string_view>

#include "dispatch/arena.hpp"

namespace gantry::plugin {

class PutEdit {
 public:
  // `given`, `arena` and `error`, where it says what can't be, outlive it.
  PutEdit(const gantry_put& given, uint64_t body_bytes_max, dispatch::Arena& arena,
          gantry_error& error);
  PutEdit(const PutEdit&) = delete;
  PutEdit& operator=(const PutEdit&) = delete;

  // With all published edits; the given one as long as there are none.
  const gantry_put& put() const { return edited_.count > 0 ? edited_ : given_; }
  // put() shows what was edited since the last time. True when that concerned properties.
  bool publish() { return dirty_ && publish_edits(); }
  // What was edited since then is as if it had not been.
  void discard();

  gantry_put_edit* get() { return reinterpret_cast<gantry_put_edit*>(this); }
  static const gantry_put_editor& editor();

  gantry_status redirect(gantry_str topic, int32_t queue_id);
  gantry_status set_property(uint32_t record, gantry_str key, gantry_str value);
  gantry_status erase_property(uint32_t record, gantry_str key);
  gantry_status replace_body(uint32_t record, uint64_t size, uint8_t** out);
  gantry_status set_sys_flag(uint32_t record, int32_t sys_flag);

 private:
  // One record's edits, not published yet.
  struct Pending {
    char* text = nullptr;  // null: the properties are as shown
    uint64_t text_bytes = 0;
    uint64_t text_room = 0;
    uint8_t* body = nullptr;  // null: the body is as shown
    uint64_t body_bytes = 0;
    uint64_t body_room = 0;
    int32_t sys_flag = 0;
  };

  bool publish_edits();
  gantry_status invalid(const std::string& text);
  gantry_status check_record(uint32_t record);
  gantry_status check_text(const char* what, gantry_str text);
  void open();
  std::string_view text_of(uint32_t record) const;
  // Room for the properties of a record, which holds them but those named `without`.
  char* rewrite_text(uint32_t record, std::string_view without, uint64_t bytes);

  const gantry_put& given_;
  const uint64_t body_bytes_max_;
  dispatch::Arena& arena_;
  gantry_error& error_;
  gantry_put edited_{};  // count 0: nothing was edited
  std::span<gantry_message> records_;
  std::span<Pending> pending_;
  bool dirty_ = false;
  bool redirected_ = false;
  gantry_str topic_{};
  int32_t queue_id_ = 0;
};

}  // namespace gantry::plugin
