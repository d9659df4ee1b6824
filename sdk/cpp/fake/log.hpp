// Log: the fake CommitLog. Records are real bytes in memory; marks rise by themselves with each
// append (as under async flush without a replica) until a test holds them. Owned by the Host, or by
// a test that wants it to outlive one (a restart). Used on the test's thread.
#pragma once

#include <gantry/host/commitlog.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::sdk::fake {

// What a test puts in by hand. Times and hosts are filled in when left out.
struct Message {
  std::string topic;
  std::string body = "body";
  std::string properties = {};  // text as stored: add_property()
  int32_t queue_id = 0;
  std::string tag = {};  // becomes the property TAGS
  int64_t born_ms = 0;
  int32_t sys_flag = 0;
  int64_t prepared_offset = 0;
};

struct Appended {
  int64_t log_begin = 0;
  int64_t log_end = 0;
  int64_t queue_offset = 0;
  int64_t stored_ms = 0;
};

class Log {
 public:
  explicit Log(int64_t first_offset = 0);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Appends as a module would, without put hooks, and raises every mark above it, held or not: consumers of the host
  // see the record in the next run_until_idle().
  Appended append_visible(const Message& message, int64_t now_ms = 0);

  // From now on only APPENDED rises by itself; raise() moves the others. release() ends that and
  // raises all marks to the end.
  void hold_marks() { held_ = true; }
  void release_marks();
  void raise(uint32_t mark, int64_t to);  // never lowers; VISIBLE may not pass WRITTEN
  int64_t mark(uint32_t mark) const { return marks_.at(mark); }

  // The log failed: waiters get FAULT, appends are refused with wire code 1 and this reason.
  void fail(std::string reason);
  const std::string& failure() const { return failure_; }  // empty: none
  // The next `count` appends are BUSY: no prepared space.
  void refuse_appends(int count) { busy_appends_ = count; }
  // Bytes below this offset are not resident: reads answer WOULD_BLOCK unless they may block.
  void make_cold_below(int64_t offset) { cold_below_ = offset; }
  // What is below is gone. A Host's trim() also tells the consumers.
  void trim(int64_t offset) { begin_ = offset; }
  // Cuts the log; marks and numbering fall back. A Host's truncate() also tells the consumers.
  void truncate(int64_t offset);

  int64_t begin() const { return begin_; }
  bool follows() const { return follows_; }
  // May the log end there: the begin of a record, or its end.
  bool begins_record(int64_t offset) const;
  int64_t end() const { return first_ + static_cast<int64_t>(bytes_.size()); }
  int64_t cold_below() const { return cold_below_; }
  // The next number of a queue, from what the log holds.
  int64_t next_number(std::string_view topic, int32_t queue_id) const;
  // Bytes [from, to), which must lie in the log.
  std::span<const uint8_t> bytes(int64_t from, int64_t to) const;
  // Views of the records in [from, to); valid until the next append.
  std::vector<gantry_message> records(int64_t from, int64_t to) const;

  // The host's side.
  using FirstNumber = std::function<int64_t(std::string_view topic, int32_t queue_id)>;
  // What is wrong with the records themselves.
  gantry_status check(const gantry_put& put, gantry_error* error) const;
  gantry_status append(const gantry_put& put, gantry_put_result& result, int64_t now_ms,
                       const FirstNumber& first_number, gantry_error* error);
  // A host starts: the log leads, nobody owns REPLICATED.
  void open();
  // REPLICATED, and STABLE with it, moves by raise_replicated() only.
  void own_replicated() { replicated_owned_ = true; }
  void raise_replicated(int64_t to);
  void follow();
  void lead();
  // Of another node's log, for a follower: all of it or none.
  gantry_status append_raw(int64_t at, std::span<const uint8_t> records, gantry_error* error);
  void on_rise(std::function<void()> changed) { changed_ = std::move(changed); }
  void set_gate(std::string name, bool closed, int32_t wire_code, std::string reason);

 private:
  struct Gate {
    std::string name;
    int32_t wire_code;
    std::string reason;
  };
  gantry_status refuse_put(const gantry_put& put, gantry_error* error);
  int64_t number_for(std::string_view topic, int32_t queue_id,
                     const FirstNumber& first_number) const;
  void store(gantry_message& record);
  void appended();

  const int64_t first_;
  int64_t begin_;
  std::vector<uint8_t> bytes_;
  std::array<int64_t, GANTRY_MARK_COUNT> marks_;
  std::map<std::pair<std::string, int32_t>, int64_t, std::less<>> numbers_;
  std::vector<Gate> gates_;  // the closed ones, in the order they closed
  std::string failure_;
  int64_t stored_ms_ = 0;
  int64_t cold_below_ = 0;
  int busy_appends_ = 0;
  bool held_ = false;
  bool replicated_owned_ = false;
  bool follows_ = false;
  std::function<void()> changed_;
};

}  // namespace gantry::sdk::fake
