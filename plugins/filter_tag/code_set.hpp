// CodeSet: the hash codes of a subscription's tags, asked once per index entry. Immutable, any
// thread. Open addressing, at most half full, so a look is one or two slots of one cache line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace gantry::filter_tag {

class CodeSet {
 public:
  explicit CodeSet(std::span<const int32_t> codes) {
    size_t slots = 2;
    while (slots < 2 * codes.size()) slots *= 2;
    slots_.assign(slots, none);
    for (size_t bits = slots; bits > 1; bits /= 2) --shift_;
    for (const int32_t code : codes) {
      size_t at = first(code);
      while (slots_[at] != none && slots_[at] != code) at = (at + 1) & (slots - 1);
      slots_[at] = code;
    }
  }

  bool contains(int32_t code) const {
    for (size_t at = first(code);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == code) return true;
      if (slots_[at] == none) return false;
    }
  }

 private:
  static constexpr int64_t none = std::numeric_limits<int64_t>::min();  // no 32-bit code
  size_t first(int32_t code) const {
    constexpr uint32_t golden_ratio = 0x9e3779b9u;
    return (static_cast<uint32_t>(code) * golden_ratio) >> shift_;
  }

  std::vector<int64_t> slots_;
  uint32_t shift_ = 32;
};

}  // namespace gantry::filter_tag
