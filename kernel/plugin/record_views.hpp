// Records on their way between the log and a plugin, both directions.
#pragma once

#include <gantry/host/commitlog.h>
#include <gantry/message.h>

#include <span>
#include <vector>

#include "commitlog/commit_log.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {

// `out` borrows from `view`.
void fill(const commitlog::RecordView& view, Buffer* buffer, gantry_message& out);

inline const gantry_message& record_at(const gantry_put& put, uint32_t index) {
  const auto* first = reinterpret_cast<const char*>(put.records);
  return *reinterpret_cast<const gantry_message*>(first + size_t{index} * put.stride);
}

// What is known of the property texts of a put's records. Zero-free: no byte is 0.
enum class PropertyTexts : uint8_t { unknown, zero_free };

// A plugin's put as the log takes it; borrows from it. One record costs no allocation.
class Drafts {
 public:
  explicit Drafts(const gantry_put& put, PropertyTexts texts = PropertyTexts::unknown);
  std::span<const commitlog::RecordDraft> get() const { return drafts_; }

 private:
  commitlog::RecordDraft one_;
  std::vector<commitlog::RecordDraft> many_;
  std::span<const commitlog::RecordDraft> drafts_;
};

}  // namespace gantry::plugin
