// What the module `store_reader` answers, for whoever asks it: code and fields in, fields and the
// body out. Code 0, or 1 and why not.
#pragma once

#include <cstdint>

namespace gantry::golden_store {

constexpr int32_t bounds_code = 9200;  // topic, queue -> min, max
constexpr int32_t record_code = 9201;  // topic, queue, offset -> the record's bytes
constexpr int32_t view_code = 9202;    // offset, of the log -> the record's bytes
constexpr int32_t find_code = 9203;    // topic, key, begin, end, most -> offsets, newest, newest_ms
constexpr int32_t time_code = 9204;    // topic, queue, ms, upper -> offset

}  // namespace gantry::golden_store
