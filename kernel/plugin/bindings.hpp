// Binding: what gantry_binding points at: an offer of an instance, found by id and name. Directory:
// all instances of the node, and who offers what. Owned by PluginHost; filled on the control thread
// before instances start.
#pragma once

#include <gantry/host/capabilities.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plugin/instance.hpp"
#include "runtime/shard.hpp"

namespace gantry::plugin {

// CallCount: how often something was called, from all threads. A shard writes a cell of its own, so
// that counting costs it no more than a store.
class CallCount {
 public:
  void add() {
    const uint32_t shard = runtime::current_shard();
    if (shard >= cells_.size()) {
      others_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    std::atomic<uint64_t>& cell = cells_[shard].count;
    cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  uint64_t total() const {
    uint64_t sum = others_.load(std::memory_order_relaxed);
    for (const Cell& cell : cells_) sum += cell.count.load(std::memory_order_relaxed);
    return sum;
  }

 private:
  struct alignas(64) Cell {
    std::atomic<uint64_t> count{0};
  };
  std::array<Cell, 8> cells_;
  std::atomic<uint64_t> others_{0};  // of further shards, workers and all other threads
};

struct Binding {
  std::string id;
  Instance* target = nullptr;
  const void* table = nullptr;
  uint64_t generation = 1;
  CallCount calls;
  std::atomic<uint64_t> failures{0};

  // [any] False when what is bound is not running.
  bool enter(gantry_lease& out) {
    if (!target->running()) return false;
    calls.add();
    out = {target->self(), table, reinterpret_cast<gantry_binding*>(this), generation};
    return true;
  }
  void leave(gantry_status status) {
    if (status < 0) failures.fetch_add(1, std::memory_order_relaxed);
  }
};

class Directory {
 public:
  void add(Instance& instance) { instances_.push_back(&instance); }
  // [control] This offer of one of the instances.
  Binding& bind(Instance& target, const gantry_offer& offer);
  // [control] The offer of this id and name (empty: the first configured).
  Outcome<Binding*> bind(std::string_view id, std::string_view name);
  // [any] Running offers of an id, in configuration order.
  std::vector<Instance*> offering(std::string_view id) const;
  const std::vector<Instance*>& instances() const { return instances_; }

 private:
  std::vector<Instance*> instances_;
  std::mutex mutex_;  // guards bindings_
  std::vector<std::unique_ptr<Binding>> bindings_;
};

}  // namespace gantry::plugin
