// EditedPut: a put on its way through the hooks: what each is shown, and what gantry_put_edit edits
// of it. Lives as long as the append.
#pragma once

#include <gantry/cap/put_hook.h>

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::sdk::fake {

class EditedPut {
 public:
  explicit EditedPut(const gantry_put& given);
  EditedPut(const EditedPut&) = delete;
  EditedPut& operator=(const EditedPut&) = delete;

  const gantry_put& put() const { return put_; }
  // Where the next hook's edits say what can't be.
  void report_to(gantry_error* error) { error_ = error; }
  // put() shows what was edited since the last time.
  void publish();

  gantry_put_edit* get() { return reinterpret_cast<gantry_put_edit*>(this); }
  static const gantry_put_editor& editor();

 private:
  struct Pending {
    std::optional<std::string> properties;
    std::optional<std::vector<uint8_t>> body;
    std::optional<int32_t> sys_flag;
  };

  static EditedPut& of(gantry_put_edit* edit) { return *reinterpret_cast<EditedPut*>(edit); }
  static gantry_status redirect(gantry_put_edit* edit, gantry_str topic, int32_t queue_id);
  static gantry_status set_property(gantry_put_edit* edit, uint32_t record, gantry_str key,
                                    gantry_str value);
  static gantry_status erase_property(gantry_put_edit* edit, uint32_t record, gantry_str key);
  static gantry_status replace_body(gantry_put_edit* edit, uint32_t record, uint64_t size,
                                    uint8_t** out);
  static gantry_status set_sys_flag(gantry_put_edit* edit, uint32_t record, int32_t sys_flag);

  gantry_status check_record(uint32_t record);
  gantry_status check_text(const char* what, std::string_view text);
  gantry_status rewrite(uint32_t record, std::string_view key, std::string_view value);
  gantry_status invalid(const std::string& text);

  gantry_put put_;
  gantry_error* error_ = nullptr;
  std::vector<gantry_message> records_;
  std::vector<Pending> pending_;
  std::optional<std::string> topic_;
  int32_t queue_id_ = 0;
  std::list<std::string> texts_;  // what was published stays
  std::list<std::vector<uint8_t>> bodies_;
};

}  // namespace gantry::sdk::fake
