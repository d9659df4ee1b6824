#include "wire/scratch_writer.hpp"

#include <algorithm>

namespace gantry::wire {
namespace {

// A byte of the header becomes at most one byte when its escapes are resolved, and that at most
// three more when the result has to be mended.
constexpr uint64_t growth_max = 4;
constexpr uint64_t block_bytes = 16;
constexpr uint64_t first_bytes = 4096;

}  // namespace

bool ScratchWriter::replace(Text key, Text value) {
  for (Field& field : std::span(scratch_.fields_.data(), count_)) {
    if (field.key.view() != key.view()) continue;
    field.value = value;
    return true;
  }
  return false;
}

char* ScratchWriter::make_room() {
  const uint64_t bytes = growth_max * header_bytes_ + block_bytes;
  if (scratch_.text_capacity_ < bytes) {
    release_text();
    const uint64_t capacity = std::max(bytes, first_bytes);
    scratch_.text_.reset(new char[capacity]);  // not zeroed
    scratch_.text_capacity_ = capacity;
  }
  return scratch_.text_.get();
}

void ScratchWriter::release_text() {
  scratch_.text_.reset();
  scratch_.text_capacity_ = 0;
}

}  // namespace gantry::wire
