// LyingDisk::Node: what the disk knows of one file or folder. For the files of LyingDisk only.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <stdexcept>
#include <utility>

#include "support/lying_disk.hpp"

namespace gantry::testing {

using PageImage = std::array<uint8_t, LyingDisk::page_bytes>;

struct LyingDisk::Node {
  struct Page {
    bool dirty = false;               // the next sync brings it to the device
    std::vector<PageImage> versions;  // that may have reached the device since the last sync
  };

  bool folder = false;
  uint64_t boot = 0;

  // A folder's.
  std::map<std::string, NodeRef> names;
  std::map<std::string, NodeRef> durable_names;

  // A file's. Both contents have `capacity` bytes; what is beyond the size is zeros.
  uint64_t size = 0;
  uint64_t capacity = 0;
  std::shared_ptr<uint8_t[]> live;
  std::vector<uint8_t> durable;
  uint64_t durable_size = 0;
  std::vector<uint64_t> sizes;     // not synced, the newest last
  std::map<uint64_t, Page> pages;  // by number: those whose two contents may differ
  const void* locked_by = nullptr;
  std::set<uint64_t> bad_pages;  // that can't be read while the disk's age is this
  uint64_t bad_pages_age = 0;

  void reserve(uint64_t bytes) {
    if (bytes <= capacity) return;
    if (live.use_count() > 1) throw std::logic_error("LyingDisk: a mapped file grows");
    const uint64_t wanted =
        (std::max(bytes, capacity * 2) + page_bytes - 1) / page_bytes * page_bytes;
    std::shared_ptr<uint8_t[]> larger(new uint8_t[wanted]());
    if (capacity > 0) std::memcpy(larger.get(), live.get(), capacity);
    live = std::move(larger);
    durable.resize(wanted);
    capacity = wanted;
  }
};

}  // namespace gantry::testing
