// MetadataStore: an in-memory gantry.metadata_store a test scripts: it fails a write, or holds
// completions (and with them durability) until released. Owned by the test, outlives the hosts it
// is offered to, so a second host finds what the first one wrote. Used on the test's thread.
#pragma once

#include <gantry/cap/metadata_store.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::sdk::fake {

struct Core;

class MetadataStore {
 public:
  using Documents = std::map<std::string, std::string>;  // by key bytes, in order

  // Durable at once, no completion: what a test finds on "disk" before start.
  void put(std::string_view table, std::string_view key, std::string_view value);
  std::optional<std::string> get(std::string_view table, std::string_view key) const;
  Documents table(std::string_view name) const;

  void fail_next_write(std::string reason);  // completes with FAULT; nothing is stored
  void hold();                               // writes wait, and are not committed yet
  void release();                            // commits and completes what waits, in order
  void lose_held();                          // a crash: what waits is completed CANCELLED, unstored

  size_t held() const { return held_.size(); }
  int writes() const { return writes_; }  // calls of write, failed ones included
  int now_writes() const { return now_writes_; }

  static const gantry_metadata_store& vtable();

  // The host's side: whose loop completes the writes; null when it ends.
  void attach(Core* core) { core_ = core; }

 private:
  struct Write {
    struct Change {
      std::string table;
      std::string key;
      std::optional<std::string> value;  // none: erase
    };
    std::vector<Change> changes;
    gantry_completion then;
    uint32_t shard;
    std::string failure;
  };
  gantry_status write(const gantry_call* call, const gantry_document* documents, uint32_t count,
                      uint32_t flags, gantry_completion then);
  gantry_status scan(gantry_str table, gantry_bytes from,
                     gantry_status (*each)(void*, const gantry_document*), void* context);
  gantry_status read(gantry_str table, gantry_bytes key, gantry_slice* out);
  void finish(Write write);

  std::map<std::string, Documents, std::less<>> tables_;
  std::deque<Write> held_;
  std::string failure_;
  Core* core_ = nullptr;
  int writes_ = 0;
  int now_writes_ = 0;
  bool holding_ = false;
};

}  // namespace gantry::sdk::fake
