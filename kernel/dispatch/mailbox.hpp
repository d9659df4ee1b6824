// Mailbox: items handed to a shard from any thread, in order, with one wake-up for as many as
// gather. Owned by the one who reads it, who outlives the shard's thread.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "runtime/shard.hpp"

namespace gantry::dispatch {

template <class Item>
class Mailbox {
 public:
  // `read` runs on the shard with all that gathered.
  void connect(runtime::Shard& shard, runtime::Job read) {
    shard_ = &shard;
    read_ = read;
  }

  // [any] False once the shard has stopped.
  bool put(Item item) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = items_.empty();
      items_.push_back(std::move(item));
    }
    if (!first) return true;
    return shard_->post(read_);
  }

  // On the shard.
  std::vector<Item> take() {
    std::vector<Item> out;
    const std::lock_guard lock(mutex_);
    out.swap(items_);
    return out;
  }

 private:
  runtime::Shard* shard_ = nullptr;
  runtime::Job read_;
  std::mutex mutex_;  // guards items_; a leaf lock
  std::vector<Item> items_;
};

}  // namespace gantry::dispatch
