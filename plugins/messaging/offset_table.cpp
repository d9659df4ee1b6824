#include "offset_table.hpp"

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

void OffsetTable::set(Stripe& at, Map::value_type& entry, int64_t offset) {
  if (entry.second.offset == offset) return;  // what most commits of an idle consumer say
  entry.second.offset = offset;
  if (!std::exchange(entry.second.dirty, true)) at.dirty.push_back(&entry);
}

void OffsetTable::commit(const QueueKey& key, int64_t offset) {
  put(key, offset < 0 ? none : offset, true);
}

void OffsetTable::advance(const QueueKey& key, int64_t offset) {
  put(key, offset, false);
}

void OffsetTable::put(const QueueKey& key, int64_t offset, bool back) {
  Stripe& at = stripe(key);
  const std::lock_guard guard(at.lock);
  auto entry = at.offsets.find(key);
  if (entry == at.offsets.end()) {
    if (offset == none) return;
    Owned owned{std::string(key.group), std::string(key.topic), key.queue_id};
    entry = at.offsets.emplace(std::move(owned), Value{none}).first;
  }
  if (back || offset > entry->second.offset) set(at, *entry, offset);
}

std::optional<int64_t> OffsetTable::find(const QueueKey& key) const {
  const Stripe& at = stripe(key);
  const std::lock_guard guard(at.lock);
  const auto entry = at.offsets.find(key);
  if (entry == at.offsets.end() || entry->second.offset == none) return std::nullopt;
  return entry->second.offset;
}

std::vector<CommittedOffset> OffsetTable::collect(const Wanted& wanted) const {
  std::vector<CommittedOffset> found;
  for (const Stripe& at : stripes_) {
    const std::lock_guard guard(at.lock);
    for (const auto& [key, value] : at.offsets) {
      if (value.offset == none || !wanted(view(key))) continue;
      found.push_back({key.group, key.topic, key.queue_id, value.offset});
    }
  }
  return found;
}

void OffsetTable::erase(const Wanted& wanted) {
  for (Stripe& at : stripes_) {
    const std::lock_guard guard(at.lock);
    for (Map::value_type& entry : at.offsets) {
      if (wanted(view(entry.first))) set(at, entry, none);
    }
  }
}

std::vector<CommittedOffset> OffsetTable::take_dirty() {
  std::vector<CommittedOffset> taken;
  for (Stripe& at : stripes_) {
    const std::lock_guard guard(at.lock);
    for (Map::value_type* entry : at.dirty) {
      entry->second.dirty = false;
      const auto& [group, topic, queue_id] = entry->first;
      taken.push_back({group, topic, queue_id, entry->second.offset});
      if (entry->second.offset == none) at.offsets.erase(at.offsets.find(entry->first));
    }
    at.dirty.clear();
  }
  return taken;
}

void OffsetTable::put_back(const std::vector<CommittedOffset>& unsaved) {
  for (const CommittedOffset& one : unsaved) {
    Stripe& at = stripe(one.key());
    const std::lock_guard guard(at.lock);
    auto entry = at.offsets.find(one.key());
    if (entry == at.offsets.end()) {
      // Erased, and not yet in the store: the entry comes back as the reminder to do it.
      if (one.offset != none) continue;
      entry = at.offsets.emplace(Owned{one.group, one.topic, one.queue_id}, Value{none}).first;
    }
    if (!std::exchange(entry->second.dirty, true)) at.dirty.push_back(&*entry);
  }
}

}  // namespace gantry::messaging
