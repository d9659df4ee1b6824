// Memory: what one Lua state allocates from, with a limit of what it holds and one of what a run may
// take in all, so that texts and tables cost a run what they cost the machine. Small blocks come from
// pools that only grow: a state that works evenly asks the heap for nothing. Owned by its State, used
// by one thread at a time; the heap gets everything back at the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace gantry::lua {

class Memory {
 public:
  // refusing(context) is told of each block that is refused, before Lua hears of it.
  Memory(uint64_t bytes_max, void (*refusing)(void*), void* context)
      : bytes_max_(bytes_max), refusing_(refusing), context_(context) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // A lua_Alloc; context is the Memory.
  static void* allocate(void* context, void* block, size_t old_bytes, size_t bytes) noexcept;

  // A run begins: it may take so many bytes, given back or not.
  void begin(uint64_t taken_bytes_max) {
    taken_ = 0;
    taken_max_ = taken_bytes_max;
    refused_ = took_too_much_ = false;
  }
  uint64_t bytes() const { return bytes_; }
  uint64_t bytes_max() const { return bytes_max_; }
  bool refused() const { return refused_; }               // something, since the run began
  bool took_too_much() const { return took_too_much_; }
  uint64_t heap_calls() const { return heap_calls_; }  // since it was made

 private:
  static constexpr size_t grain = 16;
  static constexpr size_t pooled_bytes_max = 512;
  static constexpr size_t chunk_bytes = 16 * 1024;
  struct Free {
    Free* next;
  };

  static size_t class_of(size_t bytes) { return (bytes + grain - 1) / grain; }
  void* take(size_t bytes) noexcept;
  void give(void* block, size_t bytes) noexcept;
  bool admit(size_t more) noexcept;
  void* refill(size_t size_class) noexcept;

  const uint64_t bytes_max_;
  void (*const refusing_)(void*);
  void* const context_;
  uint64_t bytes_ = 0;
  uint64_t taken_ = 0;
  uint64_t taken_max_ = ~uint64_t{0};
  uint64_t heap_calls_ = 0;
  bool refused_ = false;
  bool took_too_much_ = false;
  std::array<Free*, pooled_bytes_max / grain + 1> free_{};
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* fresh_ = nullptr;  // the rest of the last chunk
  size_t fresh_bytes_ = 0;
};

}  // namespace gantry::lua
