// SnapshotMap: an immutable map from a thing's name to the thing, cheap to copy with one change:
// 256 buckets are shared between versions, a change copies one. A value; reading needs no lock.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace gantry::messaging {

template <class T>  // T has a std::string name
class SnapshotMap {
 public:
  const T* find(std::string_view name) const {
    const Bucket* bucket = buckets_[index(name)].get();
    if (!bucket) return nullptr;
    const auto at = bucket->find(name);
    return at == bucket->end() ? nullptr : at->second.get();
  }

  // Puts or replaces.
  void put(T thing) {
    const auto made = std::make_shared<const T>(std::move(thing));
    std::shared_ptr<const Bucket>& slot = buckets_[index(made->name)];
    auto changed = slot ? std::make_shared<Bucket>(*slot) : std::make_shared<Bucket>();
    size_ += changed->erase(made->name) == 0;  // the old key dies with the old value
    changed->emplace(made->name, made);
    slot = std::move(changed);
  }

  void erase(std::string_view name) {
    std::shared_ptr<const Bucket>& slot = buckets_[index(name)];
    if (!slot || !slot->contains(name)) return;
    auto changed = std::make_shared<Bucket>(*slot);
    changed->erase(name);
    --size_;
    slot = std::move(changed);
  }

  size_t size() const { return size_; }

  template <class Visit>  // void(const T&), in no order
  void for_each(Visit&& visit) const {
    for (const auto& bucket : buckets_) {
      if (!bucket) continue;
      for (const auto& [name, thing] : *bucket) visit(*thing);
    }
  }

 private:
  using Bucket = std::unordered_map<std::string_view, std::shared_ptr<const T>>;
  static constexpr size_t bucket_count = 256;
  static size_t index(std::string_view name) {
    // High bits: the bucket's own table uses the low ones.
    return (std::hash<std::string_view>()(name) >> 48) % bucket_count;
  }

  std::array<std::shared_ptr<const Bucket>, bucket_count> buckets_;
  size_t size_ = 0;
};

}  // namespace gantry::messaging
