// OffsetStore: keeps the offset table in the metadata store: table "offsets", key
// `group 0x00 topic 0x00 queue` (queue: 4 bytes, big-endian), value the offset (8 bytes,
// little-endian). Owned by the Broker; flushes run on workers, one at a time.
#pragma once

#include <gantry/cap/metadata_store.h>
#include <gantry/host/capabilities.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "offset_table.hpp"
#include "services.hpp"

namespace gantry::messaging {

inline constexpr std::string_view offsets_table = "offsets";

std::string offset_key(const QueueKey& key);
std::optional<CommittedOffset> read_offset(std::string_view key, std::string_view value);

class OffsetStore {
 public:
  OffsetStore(const Services& services, gantry_binding* metadata, OffsetTable& table)
      : services_(services), metadata_(metadata), table_(table) {}

  void load();  // [control], before calls; throws Refusal
  // Starts a flush of what changed, unless one is under way. [any]
  void flush();
  // Writes what is left, now; then() once it is durable or could not be made so. [any]
  void close(std::function<void()> then);

 private:
  void write(const gantry_call* call);
  void written(std::vector<CommittedOffset> documents, gantry_status status);

  const Services& services_;
  gantry_binding* const metadata_;
  OffsetTable& table_;
  std::mutex lock_;  // "offsets.flush"
  bool flushing_ = false;
  bool closing_ = false;
  bool last_ = false;  // the flush under way is the one close() waits for
  std::function<void()> on_closed_;
};

}  // namespace gantry::messaging
