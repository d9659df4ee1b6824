// Unit: one entry of a queue as RocketMQ's ConsumeQueue stores it, 20 bytes, big-endian: i64 log
// offset, i32 record size, i64 tag code. Zero bytes end a queue; a blank unit fills the space
// before a queue that did not begin at 0. A queue of inner batches has larger units, see below.
// Pure functions, any thread.
#pragma once

#include <gantry/message.h>

#include <cstdint>

namespace gantry::store_file {

inline constexpr int64_t unit_bytes = 20;

// So large that no position in a queue's files overflows.
inline constexpr int64_t queue_offset_max = int64_t{1} << 56;
inline constexpr int64_t log_offset_max = int64_t{1} << 62;

template <class Int>
inline void store_big(uint8_t* out, Int value) {
  for (int i = sizeof(Int) - 1; i >= 0; --i) {
    out[i] = static_cast<uint8_t>(value & 0xff);
    value = static_cast<Int>(value >> 7 >> 1);
  }
}

template <class Int>
inline Int load_big(const uint8_t* in) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(Int); ++i) value = value << 8 | in[i];
  return static_cast<Int>(value);
}

inline void encode_unit(const gantry_index_entry& unit, uint8_t* out) {
  store_big<uint64_t>(out, static_cast<uint64_t>(unit.log_offset));
  store_big<uint32_t>(out + 8, static_cast<uint32_t>(unit.size));
  store_big<uint64_t>(out + 12, static_cast<uint64_t>(unit.code));
}

inline gantry_index_entry decode_unit(const uint8_t* in) {
  return {load_big<int64_t>(in), load_big<int64_t>(in + 12), load_big<int32_t>(in + 8), 0};
}

inline constexpr gantry_index_entry blank_unit{0, 0, 0x7fffffff, 0};

inline bool is_blank(const gantry_index_entry& unit) {
  return unit.log_offset == 0 && unit.size == blank_unit.size;
}

// Says whether the bytes are a unit at all, blank ones included.
inline bool is_unit(const gantry_index_entry& unit) {
  return unit.log_offset >= 0 && unit.log_offset <= log_offset_max && unit.size > 0;
}

// The first log offset behind the unit's record.
inline int64_t end_of(const gantry_index_entry& unit) {
  return unit.log_offset + unit.size;
}

// BatchUnit: the entry of an inner batch as RocketMQ's BatchConsumeQueue stores it, 46 bytes: i64
// log offset, i32 record size, i64 tag code, i64 store time, i64 first queue offset, i16 number of
// queue offsets, i32 -1, i32 0. Where it lies in the queue's stream says nothing of its offsets.
struct BatchUnit {
  gantry_index_entry entry{};  // its span is the number of queue offsets
  int64_t stored_ms = 0;
  int64_t base = 0;  // the first queue offset

  int64_t end() const { return base + entry.span; }
};

inline constexpr int64_t batch_unit_bytes = 46;

inline void encode_unit(const BatchUnit& unit, uint8_t* out) {
  encode_unit(unit.entry, out);
  store_big<uint64_t>(out + 20, static_cast<uint64_t>(unit.stored_ms));
  store_big<uint64_t>(out + 28, static_cast<uint64_t>(unit.base));
  store_big<uint16_t>(out + 36, static_cast<uint16_t>(unit.entry.span));
  store_big<uint32_t>(out + 38, 0xffffffff);
  store_big<uint32_t>(out + 42, 0);
}

inline BatchUnit decode_batch_unit(const uint8_t* in) {
  BatchUnit out{decode_unit(in), load_big<int64_t>(in + 20), load_big<int64_t>(in + 28)};
  out.entry.span = load_big<int16_t>(in + 36);
  return out;
}

inline int64_t end_of(const BatchUnit& unit) {
  return end_of(unit.entry);
}

inline bool is_unit(const BatchUnit& unit) {
  return is_unit(unit.entry) && unit.base >= 0 && unit.base <= queue_offset_max &&
         unit.entry.span > 0;
}

}  // namespace gantry::store_file
