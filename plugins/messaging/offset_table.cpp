#include "offset_table.hpp"

#include <functional>
#include <utility>

namespace gantry::messaging {

size_t OffsetTable::Hash::operator()(const QueueKey& key) const {
  constexpr uint64_t golden_ratio = 0x9e3779b97f4a7c15u;
  uint64_t hash = std::hash<std::string_view>()(key.group);
  hash = (hash ^ std::hash<std::string_view>()(key.topic)) * golden_ratio;
  hash = (hash ^ static_cast<uint32_t>(key.queue_id)) * golden_ratio;
  return hash ^ (hash >> 29);
}

void OffsetTable::load(const CommittedOffset& stored) {
  Stripe& at = stripe(stored.key());
  const std::lock_guard guard(at.lock);
  at.offsets[{stored.group, stored.topic, stored.queue_id}].offset = stored.offset;
}

void OffsetTable::commit(const QueueKey& key, int64_t offset) {
  Stripe& at = stripe(key);
  const std::lock_guard guard(at.lock);
  auto entry = at.offsets.find(key);
  if (entry == at.offsets.end()) {
    Owned owned{std::string(key.group), std::string(key.topic), key.queue_id};
    entry = at.offsets.emplace(std::move(owned), Value{}).first;
  } else if (entry->second.offset == offset) {
    return;  // what most commits of an idle consumer say
  }
  entry->second.offset = offset;
  if (!std::exchange(entry->second.dirty, true)) at.dirty.push_back(&*entry);
}

std::optional<int64_t> OffsetTable::find(const QueueKey& key) const {
  const Stripe& at = stripe(key);
  const std::lock_guard guard(at.lock);
  const auto entry = at.offsets.find(key);
  if (entry == at.offsets.end()) return std::nullopt;
  return entry->second.offset;
}

std::vector<CommittedOffset> OffsetTable::take_dirty() {
  std::vector<CommittedOffset> taken;
  for (Stripe& at : stripes_) {
    const std::lock_guard guard(at.lock);
    for (Map::value_type* entry : at.dirty) {
      entry->second.dirty = false;
      const auto& [group, topic, queue_id] = entry->first;
      taken.push_back({group, topic, queue_id, entry->second.offset});
    }
    at.dirty.clear();
  }
  return taken;
}

void OffsetTable::put_back(const std::vector<CommittedOffset>& unsaved) {
  for (const CommittedOffset& one : unsaved) {
    Stripe& at = stripe(one.key());
    const std::lock_guard guard(at.lock);
    const auto entry = at.offsets.find(one.key());
    if (entry == at.offsets.end()) continue;
    if (!std::exchange(entry->second.dirty, true)) at.dirty.push_back(&*entry);
  }
}

}  // namespace gantry::messaging
