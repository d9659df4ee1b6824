// Rig: a messaging module in a fake host, with a queue index and a nameserver made for the test,
// and the requests clients send, one word each. One thread, the clock stands still.
#pragma once

#include <gantry/cap/key_index.h>
#include <gantry/cap/queue_index.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cpp/fake/host.hpp"
#include "protocol/codes.hpp"

namespace gantry::messaging::test {

namespace fake = sdk::fake;
namespace request_code = protocol::request_code;
namespace code = protocol::response_code;

// A queue index that reads the fake log each time; trimmed below and unknown above as told.
class LogIndex {
 public:
  explicit LogIndex(const fake::Log& log) : log_(log) {}

  std::map<std::string, int64_t> trimmed;  // topic -> the least offset its queues still have
  bool cold = false;                       // entries are not resident
  // From now on this queue's entries stay as they are, though the log gives up its records.
  void freeze(const std::string& topic, int32_t queue_id);
  // The same, and in the opposite order.
  void reverse(const std::string& topic, int32_t queue_id);
  // One more entry for the queue's last record, which no log consumer hears of.
  void repeat_last(const std::string& topic, int32_t queue_id);
  std::function<void()> before_bounds;  // what happens just before a look at a queue

  gantry_status read(const gantry_call* call, gantry_str topic, int32_t queue_id, bool may_block,
                     int64_t from, gantry_index_entry* entries, uint32_t capacity, uint32_t& count);
  gantry_status bounds(const gantry_call* call, gantry_str topic, int32_t queue_id,
                       gantry_queue_bounds& out);
  gantry_status at_time(const gantry_call& call, gantry_str topic, int32_t queue_id, bool upper,
                        int64_t time_ms, int64_t& queue_offset);

 private:
  int64_t least(std::string_view topic) const;
  struct Entry {
    int64_t queue_offset;
    gantry_index_entry entry;
    int64_t stored_ms;
  };
  std::vector<Entry> queue(std::string_view topic, int32_t queue_id) const;

  const fake::Log& log_;
  std::map<std::pair<std::string, int32_t>, std::vector<Entry>> frozen_;
};

// A key index over the fake log whose hashes are so poor that every record of the topic is a hit.
class LogKeys {
 public:
  explicit LogKeys(const fake::Log& log) : log_(log) {}
  gantry_status find(const gantry_call* call, const gantry_key_query& query, gantry_key_hits& hits);
  std::vector<int64_t> extra;  // hits that are no record's place

 private:
  const fake::Log& log_;
};

// What the nameserver was told.
struct Told {
  int32_t code = 0;
  fake::Fields fields;
  std::string body;
};

struct RigOptions {
  fake::Settings settings = {};
  uint32_t shards = 1;
  bool nameserver = true;
  bool key_index = true;
  bool tag_filter = true;                   // filter_tag
  bool sql_filter = false;                  // Rig::sql, under the name of SQL92
  std::string address = "127.0.0.1:10911";  // the broker's
  int64_t log_takes = 4 << 20;              // the largest body, as the node tells
};

class Rig {
 public:
  explicit Rig(RigOptions options = {}, fake::Log* log = nullptr,
               fake::MetadataStore* metadata = nullptr, bool start = true);
  ~Rig() noexcept(false);

  fake::Answer ask(int32_t code, fake::Fields fields, std::string body = {},
                   gantry_session session = 1);
  std::shared_ptr<const fake::Exchange> send(int32_t code, fake::Fields fields,
                                             std::string body = {}, gantry_session session = 1);
  const std::vector<Told>& told() const;
  void forget_told();
  // What the nameserver answers to the next registrations.
  void nameserver_answers(int32_t code);

 private:
  std::unique_ptr<fake::Log> own_log_;  // outlive the host
  std::unique_ptr<fake::MetadataStore> own_metadata_;

 public:
  fake::Log& log;
  fake::MetadataStore& metadata;
  LogIndex index;
  LogKeys keys;
  fake::Filter sql;
  fake::Host host;
  fake::Instance* messaging = nullptr;

 private:
  Rig(RigOptions options, std::unique_ptr<fake::Log> own_log,
      std::unique_ptr<fake::MetadataStore> own_metadata, fake::Log* log,
      fake::MetadataStore* metadata, bool start);
};

// ── what clients send
struct Overrides : std::vector<std::pair<std::string, std::string>> {
  using std::vector<std::pair<std::string, std::string>>::vector;
};
// A field whose override is this value is left out.
inline const std::string absent =
    "\x7f"
    "absent";

fake::Fields send_v2(const std::string& topic, Overrides overrides = {});
fake::Fields send_v1(const std::string& topic, Overrides overrides = {});
// With a tag, and further properties.
fake::Fields tagged(const std::string& topic, const std::string& tag, Overrides more = {});
// A pull that brings its own subscription ("*") and may not be held.
fake::Fields pull(const std::string& topic, int queue, int64_t offset, Overrides overrides = {});
fake::Fields held_pull(const std::string& topic, int queue, int64_t offset, int hold_ms);
std::string properties(Overrides pairs);

struct Beat {
  std::string client = "127.0.0.1@client";
  std::string group = "G";
  std::vector<std::string> topics = {"T"};
  int64_t version = 1;
  std::string model = "CLUSTERING";
  std::string expression = "*";
  std::string type = "TAG";
  int32_t fingerprint = 0;
  bool without_sub = false;
  std::vector<std::string> tags = {};
};
std::string heartbeat(const Beat& beat);

}  // namespace gantry::messaging::test
