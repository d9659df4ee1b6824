// KeyEntry, KeyHeader, KeyFileShape: the bytes of RocketMQ's IndexFile, big-endian: a header, slots
// (number of the newest entry of a hash chain; 0 for none), entries numbered from 1. Pure values,
// any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "store_file/unit.hpp"

namespace gantry::store_file {

inline constexpr int64_t key_header_bytes = 40;
inline constexpr int64_t key_slot_bytes = 4;
inline constexpr int64_t key_entry_bytes = 20;

// How many slots and entries a file has: not stored in it. Entry 0 is never used.
struct KeyFileShape {
  int32_t slots = 5'000'000;
  int32_t entries = 20'000'000;

  int64_t slot_at(int32_t slot) const { return key_header_bytes + key_slot_bytes * slot; }
  int64_t slots_end() const { return slot_at(slots); }
  int64_t entry_at(int32_t number) const { return slots_end() + key_entry_bytes * number; }
  int64_t file_bytes() const { return entry_at(entries); }
};

// One key of one record, not yet in a file.
struct KeyRecord {
  int64_t log_offset = 0;
  int64_t stored_ms = 0;
  int32_t hash = 0;          // of the key text, not negative
  uint32_t record_size = 0;  // so that it is known when the whole record is stable

  int64_t log_end() const { return log_offset + record_size; }
};

struct KeyEntry {
  int32_t hash = 0;
  int64_t log_offset = 0;
  int32_t seconds = 0;   // store time, counted from the file's begin
  int32_t previous = 0;  // number of the next older entry of the slot; 0 ends the chain

  bool operator==(const KeyEntry&) const = default;
};

struct KeyHeader {
  int64_t begin_ms = 0;
  int64_t end_ms = 0;
  int64_t begin_offset = 0;
  int64_t end_offset = 0;
  int32_t used_slots = 0;
  int32_t count = 1;  // number of the next entry

  bool operator==(const KeyHeader&) const = default;

  // Where the record stands in seconds; the first entry of a file is measured from the end of the
  // file before, which its header still tells then.
  int32_t seconds_of(int64_t stored_ms) const {
    if (begin_ms <= 0) return 0;
    return static_cast<int32_t>(
        std::clamp<int64_t>((stored_ms - begin_ms) / 1000, 0, std::numeric_limits<int32_t>::max()));
  }

  // Takes one more entry, whose slot held `previous`.
  void take(const KeyRecord& record, int32_t previous) {
    if (count <= 1) {
      begin_ms = record.stored_ms;
      begin_offset = record.log_offset;
    }
    used_slots += previous == 0;
    ++count;
    end_ms = record.stored_ms;
    end_offset = record.log_offset;
  }

  // May a record of this window be in the file?
  bool overlaps(int64_t window_begin_ms, int64_t window_end_ms) const {
    return window_begin_ms <= end_ms && window_end_ms >= begin_ms;
  }

  // Damaged bytes may say anything; sums of what passes don't overflow.
  bool is_possible() const {
    constexpr int64_t ms_max = int64_t{1} << 53;
    return begin_ms >= 0 && begin_ms <= end_ms && end_ms <= ms_max && begin_offset >= 0 &&
           begin_offset <= end_offset && end_offset <= log_offset_max && used_slots >= 0;
  }

  // What the file behind this full one begins with.
  KeyHeader successor() const { return {end_ms, end_ms, end_offset, end_offset, 0, 1}; }
};

inline std::array<uint8_t, key_header_bytes> encode_header(const KeyHeader& header) {
  std::array<uint8_t, key_header_bytes> out;
  store_big<uint64_t>(&out[0], static_cast<uint64_t>(header.begin_ms));
  store_big<uint64_t>(&out[8], static_cast<uint64_t>(header.end_ms));
  store_big<uint64_t>(&out[16], static_cast<uint64_t>(header.begin_offset));
  store_big<uint64_t>(&out[24], static_cast<uint64_t>(header.end_offset));
  store_big<uint32_t>(&out[32], static_cast<uint32_t>(header.used_slots));
  store_big<uint32_t>(&out[36], static_cast<uint32_t>(header.count));
  return out;
}

inline KeyHeader decode_header(const std::array<uint8_t, key_header_bytes>& in) {
  return {load_big<int64_t>(&in[0]),  load_big<int64_t>(&in[8]),
          load_big<int64_t>(&in[16]), load_big<int64_t>(&in[24]),
          load_big<int32_t>(&in[32]), std::max(load_big<int32_t>(&in[36]), 1)};
}

inline void encode_entry(const KeyEntry& entry, uint8_t* out) {
  store_big<uint32_t>(out, static_cast<uint32_t>(entry.hash));
  store_big<uint64_t>(out + 4, static_cast<uint64_t>(entry.log_offset));
  store_big<uint32_t>(out + 12, static_cast<uint32_t>(entry.seconds));
  store_big<uint32_t>(out + 16, static_cast<uint32_t>(entry.previous));
}

inline KeyEntry decode_entry(const uint8_t* in) {
  return {load_big<int32_t>(in), load_big<int64_t>(in + 4), load_big<int32_t>(in + 12),
          load_big<int32_t>(in + 16)};
}

}  // namespace gantry::store_file
