// KeySearch: one query on its way through the files, newest first. Owned by the call that runs it.
#pragma once

#include <cstdint>
#include <span>

#include "entry.hpp"

namespace gantry::store_file {

struct KeySearch {
  int32_t hash;
  int64_t begin_ms;
  int64_t end_ms;
  std::span<int64_t> room;
  uint32_t count = 0;
  bool more = false;  // there was one more than room

  // False: enough.
  bool take(int64_t log_offset) {
    if (count == room.size()) {
      more = true;
      return false;
    }
    room[count++] = log_offset;
    return true;
  }

  bool wants(int32_t other_hash, int64_t stored_ms) const {
    return other_hash == hash && stored_ms >= begin_ms && stored_ms <= end_ms;
  }

  // Does a file end the search, since older ones have nothing of the window?
  bool ends_at(const KeyHeader& header) const { return more || header.begin_ms < begin_ms; }

  // Follows a slot's chain; read(number, KeyEntry&) says whether there is such an entry. Numbers
  // only fall, whatever damaged bytes say, so a walk ends.
  template <class Read>
  void walk(const KeyHeader& header, int32_t newest, Read&& read) {
    for (int32_t number = newest, below = header.count; number > 0 && number < below;) {
      KeyEntry entry;
      if (!read(number, entry) || entry.seconds < 0) return;
      const int64_t stored_ms = header.begin_ms + int64_t{entry.seconds} * 1000;
      if (wants(entry.hash, stored_ms) && !take(entry.log_offset)) return;
      if (stored_ms < begin_ms) return;
      below = number;
      number = entry.previous;
    }
  }
};

}  // namespace gantry::store_file
