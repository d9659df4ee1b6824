#include "plugin/roster.hpp"

#include <algorithm>
#include <utility>

namespace gantry::plugin {

void Roster::add(Entry entry) {
  const std::lock_guard lock(mutex_);
  entries_.push_back(std::move(entry));
}

bool Roster::has_module(std::string_view module) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.module == module; });
}

Roster::Entry* Roster::find(std::string_view name) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

void Roster::made(std::string_view name, const Instance& instance) {
  const std::lock_guard lock(mutex_);
  if (Entry* entry = find(name)) entry->instance = &instance;
}

void Roster::trouble(std::string_view name, std::string why) {
  const std::lock_guard lock(mutex_);
  if (Entry* entry = find(name)) entry->trouble = std::move(why);
}

uint32_t Roster::count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<uint32_t>(entries_.size());
}

bool Roster::at(uint32_t index, Entry& out) const {
  const std::lock_guard lock(mutex_);
  if (index >= entries_.size()) return false;
  out = entries_[index];
  return true;
}

}  // namespace gantry::plugin
