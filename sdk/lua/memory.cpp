#include "lua/memory.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace gantry::lua {

bool Memory::admit(size_t more) noexcept {
  const bool is_too_much = taken_ + more > taken_max_;
  if (!is_too_much && bytes_ + more <= bytes_max_) {
    taken_ += more;
    return true;
  }
  took_too_much_ |= is_too_much;
  refused_ = true;
  refusing_(context_);
  return false;
}

void* Memory::refill(size_t size_class) noexcept {
  const size_t bytes = size_class * grain;
  if (fresh_bytes_ < bytes) {
    try {
      ++heap_calls_;
      chunks_.reserve(chunks_.size() + 1);
      chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(chunk_bytes));
    } catch (const std::bad_alloc&) {
      return nullptr;
    }
    fresh_ = chunks_.back().get();  // what was left of the last one is given up
    fresh_bytes_ = chunk_bytes;
  }
  void* const block = fresh_;
  fresh_ += bytes;
  fresh_bytes_ -= bytes;
  return block;
}

void* Memory::take(size_t bytes) noexcept {
  if (bytes > pooled_bytes_max) {
    ++heap_calls_;
    return std::malloc(bytes);
  }
  const size_t size_class = class_of(bytes);
  Free*& first = free_[size_class];
  if (!first) return refill(size_class);
  Free* const block = first;
  first = block->next;
  return block;
}

void Memory::give(void* block, size_t bytes) noexcept {
  if (bytes > pooled_bytes_max) return std::free(block);
  auto* const freed = static_cast<Free*>(block);
  Free*& first = free_[class_of(bytes)];
  freed->next = first;
  first = freed;
}

void* Memory::allocate(void* context, void* block, size_t old_bytes, size_t bytes) noexcept {
  auto& memory = *static_cast<Memory*>(context);
  if (!block) old_bytes = 0;  // Lua tells there what it makes
  if (bytes == 0) {
    if (block) memory.give(block, old_bytes);
    memory.bytes_ -= old_bytes;
    return nullptr;
  }
  if (bytes > old_bytes && !memory.admit(bytes - old_bytes)) return nullptr;
  void* moved = block;
  if (block && old_bytes > pooled_bytes_max && bytes > pooled_bytes_max) {
    ++memory.heap_calls_;
    moved = std::realloc(block, bytes);
    if (!moved && bytes <= old_bytes) moved = block;
  } else if (!block || class_of(old_bytes) != class_of(bytes) || bytes > pooled_bytes_max) {
    moved = memory.take(bytes);
    if (!moved && bytes > old_bytes) return nullptr;
    if (!moved) moved = block;  // to shrink may not fail
    if (block && moved != block) {
      std::memcpy(moved, block, std::min(old_bytes, bytes));
      memory.give(block, old_bytes);
    }
  }
  if (moved) memory.bytes_ += bytes - old_bytes;
  return moved;
}

}  // namespace gantry::lua
