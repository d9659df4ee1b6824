#include "support/lying_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "support/lying_node.hpp"

namespace gantry::testing {
namespace {

constexpr size_t versions_max = 3;  // of a page between two syncs, besides the newest

// What a power cut leaves of one page, or of one change of a folder: each cut has a mood, so that
// cuts that lose all, nearly nothing, and every mixture come often.
constexpr uint64_t moods = 5;
constexpr uint64_t kept_percent[moods] = {0, 20, 50, 80, 100};

}  // namespace

LyingDisk::LyingDisk(uint64_t seed)
    : rng_(seed), read_rng_(~seed), root_(std::make_shared<Node>()) {
  root_->folder = true;
}

// ── fate ────────────────────────────────────────────────────────────────────────────────────────

int LyingDisk::enter(bool can_fail) {
  if (off_) return EIO;
  calls_++;
  if (calls_until_stop_ > 0 && --calls_until_stop_ == 0) {
    stop_at_end_ = rng_.coin();
    if (stop_at_end_) return 0;
    off_ = true;
    return EIO;
  }
  if (can_fail && faults_per_million_ > 0 && rng_.chance(faults_per_million_)) {
    faults_++;
    return rng_.coin() ? EIO : ENOSPC;
  }
  return 0;
}

bool LyingDisk::read_fails() {
  if (!reads_fail() || !read_rng_.chance(read_faults_per_million_)) return false;
  faults_++;
  read_faults_++;
  return true;
}

bool LyingDisk::read_fails(Node& file, uint64_t at, uint64_t bytes) {
  bytes = std::min(bytes, file.size - std::min(at, file.size));
  if (!reads_fail() || bytes == 0) return false;
  if (file.bad_pages_age != bad_pages_age_) file.bad_pages.clear();
  file.bad_pages_age = bad_pages_age_;
  const uint64_t first = at / page_bytes;
  const uint64_t last = (at + bytes - 1) / page_bytes;
  if (read_rng_.chance(read_faults_per_million_)) {
    const uint64_t page = first + read_rng_.below(last - first + 1);
    if (!file.pages.contains(page)) file.bad_pages.insert(page);
  }
  const auto bad = file.bad_pages.lower_bound(first);
  if (bad == file.bad_pages.end() || *bad > last) return false;
  if (lies_.bad_pages_read_as_zeros) {
    std::memset(file.live.get() + *bad * page_bytes, 0, page_bytes);
    return false;
  }
  faults_++;
  read_faults_++;
  return true;
}

int LyingDisk::leave() {
  if (!std::exchange(stop_at_end_, false)) return 0;
  off_ = true;
  return EIO;
}

// A later change of a node may survive an earlier one: POSIX orders nothing between syncs.
void LyingDisk::lose_power() {
  const uint64_t mood = rng_.below(moods);
  for (const Change& change : changes_)
    if (rng_.below(100) < kept_percent[mood]) apply(change);
  changes_.clear();
  boot_++;
  root_ = survivor(*root_);
  go_on();
}

void LyingDisk::go_on() {
  off_ = false;
  stop_at_end_ = false;
  calls_until_stop_ = 0;
}

LyingDisk::NodeRef LyingDisk::survivor(const Node& old) {
  auto node = std::make_shared<Node>();
  node->folder = old.folder;
  node->boot = boot_;
  if (old.folder) {
    for (const auto& [name, child] : old.durable_names) node->names[name] = survivor(*child);
    node->durable_names = node->names;
    return node;
  }
  const uint64_t choice = rng_.below(old.sizes.size() + 1);
  node->size = choice == 0 ? old.durable_size : old.sizes[choice - 1];
  node->durable_size = node->size;
  node->reserve(std::max(old.capacity, node->size));
  if (old.capacity > 0) std::memcpy(node->durable.data(), old.durable.data(), old.capacity);
  survive_pages(old, *node, rng_.below(moods));
  std::fill(node->durable.begin() + static_cast<int64_t>(node->size), node->durable.end(), 0);
  if (node->capacity > 0) std::memcpy(node->live.get(), node->durable.data(), node->capacity);
  return node;
}

void LyingDisk::survive_pages(const Node& old, Node& file, uint64_t mood) {
  for (const auto& [number, page] : old.pages) {
    if (rng_.below(100) >= kept_percent[mood]) continue;
    const uint64_t at = number * page_bytes;
    const auto source = [&](uint64_t version) {
      return version < page.versions.size() ? page.versions[version].data() : old.live.get() + at;
    };
    const uint64_t choices = page.versions.size() + 1;
    if (rng_.below(100) < 70) {
      std::memcpy(file.durable.data() + at, source(rng_.below(choices)), page_bytes);
      continue;
    }
    for (uint64_t in = 0; in < page_bytes; in += sector_bytes)
      if (rng_.coin())
        std::memcpy(file.durable.data() + at + in, source(rng_.below(choices)) + in, sector_bytes);
  }
}

// ── files ───────────────────────────────────────────────────────────────────────────────────────

uint64_t LyingDisk::size(const NodeRef& file) const {
  return file->size;
}

int LyingDisk::read(const NodeRef& file, uint64_t at, std::span<uint8_t> into, size_t& got) {
  got = 0;
  if (off_ || file->boot != boot_ || read_fails(*file, at, into.size())) return EIO;
  if (at >= file->size || into.empty()) return 0;
  got = std::min<uint64_t>(into.size(), file->size - at);
  if (reads_fail() && read_rng_.below(4) == 0) got = 1 + read_rng_.below(got);
  std::memcpy(into.data(), file->live.get() + at, got);
  return 0;
}

int LyingDisk::load(const NodeRef& file, uint64_t at, uint64_t bytes) {
  return off_ || file->boot != boot_ || read_fails(*file, at, bytes) ? EIO : 0;
}

bool LyingDisk::resident(const NodeRef& file, uint64_t at, uint64_t bytes) {
  if (!reads_fail()) return true;
  if (file->bad_pages_age == bad_pages_age_) {
    const auto bad = file->bad_pages.lower_bound(at / page_bytes);
    if (bad != file->bad_pages.end() && *bad * page_bytes < at + bytes) return false;
  }
  return read_rng_.coin();
}

// Notes, before the bytes change, that the page as it was may have been written back already.
void LyingDisk::put(Node& file, uint64_t at, std::span<const uint8_t> bytes) {
  if (bytes.empty()) return;
  const uint64_t last = (at + bytes.size() - 1) / page_bytes;
  for (uint64_t number = at / page_bytes; number <= last; number++) {
    auto& page = file.pages[number];
    if (page.dirty && page.versions.size() < versions_max && rng_.below(4) == 0) {
      PageImage& version = page.versions.emplace_back();
      std::memcpy(version.data(), file.live.get() + number * page_bytes, page_bytes);
    }
    page.dirty = true;
  }
  std::memmove(file.live.get() + at, bytes.data(), bytes.size());
}

int LyingDisk::write(const NodeRef& file, uint64_t at, std::span<const uint8_t> bytes,
                     size_t& put_bytes) {
  put_bytes = 0;
  if (off_ || file->boot != boot_) return EIO;
  const int error = enter();
  const bool torn = error != 0 || stop_at_end_;
  put_bytes = bytes.size();
  if (torn || (faults_per_million_ > 0 && rng_.below(16) == 0))
    put_bytes = bytes.empty() ? 0 : rng_.below(bytes.size() + 1);
  if (!torn && put_bytes == 0) put_bytes = bytes.size();
  if (put_bytes > 0) {
    const uint64_t end = at + put_bytes;
    file->reserve(end);
    const auto written = bytes.first(put_bytes);
    if (!lies_.keeps_no_zeros || std::ranges::any_of(written, [](uint8_t b) { return b != 0; }))
      put(*file, at, written);
    if (end > file->size) file->sizes.push_back(file->size = end);
  }
  if (error) return error;
  return leave();
}

int LyingDisk::resize(const NodeRef& file, uint64_t bytes) {
  if (off_ || file->boot != boot_) return EIO;
  if (int error = enter()) return error;
  file->reserve(bytes);
  if (bytes < file->size) {
    const std::vector<uint8_t> zeros(file->size - bytes);
    put(*file, bytes, zeros);
  }
  if (bytes != file->size) file->sizes.push_back(file->size = bytes);
  return leave();
}

int LyingDisk::zero(const NodeRef& file, uint64_t at, uint64_t bytes) {
  if (off_ || file->boot != boot_) return EIO;
  if (int error = enter()) return error;
  const uint64_t end = std::min(at + bytes, file->size);
  if (at < end && !lies_.keeps_no_zeros) put(*file, at, std::vector<uint8_t>(end - at));
  return leave();
}

void LyingDisk::make_durable(Node& file) {
  for (auto page = file.pages.begin(); page != file.pages.end();) {
    const uint64_t at = page->first * page_bytes;
    if (!page->second.dirty) {
      ++page;
      continue;
    }
    std::memcpy(file.durable.data() + at, file.live.get() + at, page_bytes);
    page = file.pages.erase(page);
  }
  file.durable_size = file.size;
  file.sizes.clear();
}

// After a failed one the pages are clean and yet not on the device: no later sync brings them, only
// writing them again does.
void LyingDisk::forget_dirty(Node& file) {
  for (auto& [number, page] : file.pages) {
    if (!page.dirty) continue;
    page.dirty = false;
    PageImage& version = page.versions.emplace_back();
    std::memcpy(version.data(), file.live.get() + number * page_bytes, page_bytes);
  }
}

int LyingDisk::sync(const NodeRef& file) {
  if (off_ || file->boot != boot_) return EIO;
  if (int error = enter()) {
    if (!off_) forget_dirty(*file);
    return error;
  }
  if (!lies_.sync_does_nothing) make_durable(*file);
  syncs_++;
  return leave();
}

int LyingDisk::lock(const NodeRef& file, const void* owner) {
  if (off_ || file->boot != boot_) return EIO;
  if (file->locked_by && file->locked_by != owner) return EAGAIN;
  file->locked_by = owner;
  return 0;
}

void LyingDisk::unlock(const NodeRef& file, const void* owner) {
  if (file->locked_by == owner) file->locked_by = nullptr;
}

std::shared_ptr<uint8_t[]> LyingDisk::memory(const NodeRef& file) const {
  return file->live;
}

void LyingDisk::store(const NodeRef& file, uint64_t at, std::span<const uint8_t> bytes) {
  if (off_ || file->boot != boot_) return;
  if (at + bytes.size() > file->size) throw std::logic_error("LyingDisk: a store beyond the end");
  const bool stops = enter(false) != 0 || std::exchange(stop_at_end_, false);
  if (stops) bytes = bytes.first(rng_.below(bytes.size() + 1));
  put(*file, at, bytes);
  if (stops) off_ = true;
}

bool LyingDisk::holds(const std::string& path, uint64_t at, uint64_t bytes) const {
  const NodeRef file = find(path);
  if (!file || file->folder || at + bytes > file->size || at + bytes > file->durable_size)
    return false;
  if (std::any_of(file->sizes.begin(), file->sizes.end(),
                  [&](uint64_t size) { return size < at + bytes; }))
    return false;
  std::string name;
  const NodeRef parent = find_parent(path, name);
  const auto durable = parent->durable_names.find(name);
  if (durable == parent->durable_names.end() || durable->second != file) return false;
  // A page that may come back in another version is fine where that version has the same bytes.
  for (uint64_t in = at; in < at + bytes;) {
    const uint64_t number = in / page_bytes;
    const uint64_t to = std::min(at + bytes, (number + 1) * page_bytes);
    const uint8_t* live = file->live.get() + in;
    if (std::memcmp(live, file->durable.data() + in, to - in) != 0) return false;
    if (const auto page = file->pages.find(number); page != file->pages.end())
      for (const PageImage& version : page->second.versions)
        if (std::memcmp(live, version.data() + in % page_bytes, to - in) != 0) return false;
    in = to;
  }
  return true;
}

}  // namespace gantry::testing
