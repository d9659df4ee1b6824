#include "plugin/name_sieve.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gantry::plugin {
namespace {

constexpr size_t far_max = 16;

// What nearly every message carries. It should miss, or the sieve is in vain.
constexpr std::string_view familiar_names[] = {"UNIQ_KEY",   "WAIT",     "TAGS",    "KEYS",
                                               "MSG_REGION", "TRACE_ON", "CLUSTER", "INSTANCE_ID"};

// As the processor does it.
uint8_t average(std::string_view name, size_t far, size_t near) {
  const auto before_end = [&](size_t distance) {
    return static_cast<unsigned>(static_cast<uint8_t>(name[name.size() - distance]));
  };
  return static_cast<uint8_t>((before_end(far) + before_end(near) + 1) / 2);
}

constexpr size_t vector_bytes = 32;
constexpr size_t wide_bytes = 64;

struct Vectors {
  bool narrow = false;
  bool wide = false;
};
Vectors vectors() {
#if defined(__x86_64__)
  // Processors that have AVX-512 without VBMI2 slow down for it.
  return {__builtin_cpu_supports("avx2") != 0, __builtin_cpu_supports("avx512vbmi2") != 0};
#else
  return {};
#endif
}

}  // namespace

// The tables for two distances.
struct NameSieve::Fitting {
  uint8_t far;
  uint8_t near;
  Tables averages = no_averages();
  uint8_t tables = 1;
  size_t familiar_hits = 0;

  // An entry that no average with these low bits is equal to.
  static Tables no_averages() {
    Tables out;
    for (Table& table : out) {
      for (size_t low = 0; low < table.size(); ++low) table[low] = static_cast<uint8_t>(low ^ 1);
    }
    return out;
  }
  bool has(uint8_t value) const {
    return std::any_of(averages.begin(), averages.end(),
                       [&](const Table& table) { return table[value & 15] == value; });
  }
  // False: there is no place for it. A shuffle makes 0 of what isn't ASCII.
  bool add(uint8_t value) {
    if (value >= 128) return false;
    if (has(value)) return true;
    for (uint8_t i = 0; i < tables_max; ++i) {
      uint8_t& entry = averages[i][value & 15];
      if ((entry & 15) == (value & 15)) continue;  // another name's
      entry = value;
      tables = std::max(tables, static_cast<uint8_t>(i + 1));
      return true;
    }
    return false;
  }
  bool add_all(std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
      if (!add(average(name, far, near))) return false;
    }
    familiar_hits = static_cast<size_t>(
        std::count_if(std::begin(familiar_names), std::end(familiar_names), [&](auto name) {
          return name.size() >= far && has(average(name, far, near));
        }));
    return true;
  }
  bool better_than(const Fitting& other) const {
    return std::pair(familiar_hits, tables) < std::pair(other.familiar_hits, other.tables);
  }
};

void NameSieve::fit(std::span<const std::string_view> names) {
  bytes_min_ = wide_bytes_min_ = SIZE_MAX;
  const Vectors has = vectors();
  if (names.empty() || !has.narrow) return;
  size_t shortest = far_max;
  for (const std::string_view name : names) shortest = std::min(shortest, name.size());
  std::optional<Fitting> best;
  for (uint8_t far = 1; far <= shortest; ++far) {
    for (uint8_t near = 1; near <= far; ++near) {
      Fitting fitting{far, near};
      if (!fitting.add_all(names)) continue;
      if (!best || fitting.better_than(*best)) best = fitting;
    }
  }
  if (!best) return;
  averages_ = best->averages;
  tables_ = best->tables;
  far_ = best->far;
  far_to_near_ = size_t{best->far} - best->near;
  bytes_min_ = vector_bytes + far_;
  if (has.wide) wide_bytes_min_ = wide_bytes + far_;
}

#if defined(__x86_64__)

namespace {

[[gnu::target("avx2"), gnu::always_inline]] inline __m256i load(const char* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

}  // namespace

// One pass over a text. What it looks at in one go are 32 places for a far byte, from `at` on; the
// last of them may overlap those before.
struct NameSieve::Pass {
  [[gnu::target("avx2"), gnu::always_inline]] inline Pass(const NameSieve& sieve,
                                                          std::string_view text)
      : begin(text.data()), last(begin + text.size() - sieve.far_ - vector_bytes),
        far(sieve.far_), far_to_near(sieve.far_to_near_),
        name_end(_mm256_set1_epi8(1)) {
    for (uint8_t i = 0; i < tables_max; ++i) {
      averages[i] = _mm256_broadcastsi128_si256(
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(sieve.averages_[i].data())));
    }
  }

  // 0xFF where a name may be.
  template <uint8_t tables>
  [[gnu::target("avx2"), gnu::always_inline]] inline __m256i judge(const char* at) const {
    const __m256i average = _mm256_avg_epu8(load(at), load(at + far_to_near));
    __m256i known = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(averages[0], average), average);
    if constexpr (tables == 2) {
      known = _mm256_or_si256(
          known, _mm256_cmpeq_epi8(_mm256_shuffle_epi8(averages[1], average), average));
    }
    return _mm256_and_si256(known, _mm256_cmpeq_epi8(load(at + far), name_end));
  }

  template <uint8_t tables>
  [[gnu::target("avx2"), gnu::always_inline]] inline bool passes() const {
    __m256i hits = judge<tables>(last);
    __m256i least = _mm256_min_epu8(load(last), load(last + far));  // up to the text's end
    for (const char* at = begin; at < last; at += vector_bytes) {
      hits = _mm256_or_si256(hits, judge<tables>(at));
      least = _mm256_min_epu8(least, load(at));
    }
    const __m256i zeros = _mm256_cmpeq_epi8(least, _mm256_setzero_si256());
    const __m256i all = _mm256_or_si256(hits, zeros);
    return _mm256_testz_si256(all, all) != 0;
  }

  const char* const begin;
  const char* const last;
  const size_t far;
  const size_t far_to_near;
  const __m256i name_end;
  __m256i averages[tables_max];
};

[[gnu::target("avx2")]] bool NameSieve::passes_narrow(std::string_view text) const {
  const Pass pass(*this, text);
  return tables_ == 1 ? pass.passes<1>() : pass.passes<2>();
}

#define GANTRY_WIDE [[gnu::target("avx512f,avx512bw"), gnu::always_inline]] inline

// The same with vectors twice as wide.
struct NameSieve::WidePass {
  GANTRY_WIDE static __m512i load(const char* from) { return _mm512_loadu_si512(from); }

  GANTRY_WIDE WidePass(const NameSieve& sieve, std::string_view text)
      : begin(text.data()), last(begin + text.size() - sieve.far_ - wide_bytes), far(sieve.far_),
        far_to_near(sieve.far_to_near_), name_end(_mm512_set1_epi8(1)) {
    for (uint8_t i = 0; i < tables_max; ++i) {
      averages[i] = _mm512_maskz_broadcast_i32x4(  // GCC 12 warns of the unmasked one
          0xFFFF, _mm_loadu_si128(reinterpret_cast<const __m128i*>(sieve.averages_[i].data())));
    }
  }

  template <uint8_t tables>
  GANTRY_WIDE __mmask64 judge(const char* at) const {
    const __m512i average = _mm512_avg_epu8(load(at), load(at + far_to_near));
    __mmask64 known = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(averages[0], average), average);
    if constexpr (tables == 2) {
      known |= _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(averages[1], average), average);
    }
    return _mm512_cmpeq_epi8_mask(load(at + far), name_end) & known;
  }

  template <uint8_t tables>
  GANTRY_WIDE bool passes() const {
    __mmask64 hits = judge<tables>(last);
    __m512i least = _mm512_min_epu8(load(last), load(last + far));
    for (const char* at = begin; at < last; at += wide_bytes) {
      hits |= judge<tables>(at);
      least = _mm512_min_epu8(least, load(at));
    }
    return (hits | _mm512_testn_epi8_mask(least, least)) == 0;
  }

  const char* const begin;
  const char* const last;
  const size_t far;
  const size_t far_to_near;
  const __m512i name_end;
  __m512i averages[tables_max];
};

[[gnu::target("avx512f,avx512bw")]] bool NameSieve::passes_wide(std::string_view text) const {
  const WidePass pass(*this, text);
  return tables_ == 1 ? pass.passes<1>() : pass.passes<2>();
}

[[gnu::target("avx2")]] size_t NameSieve::hits(std::string_view text,
                                               std::span<size_t> places) const {
  const Pass pass(*this, text);
  size_t count = 0;
  for (const char* at = pass.begin;; at = std::min(at + vector_bytes, pass.last)) {
    auto marks = static_cast<uint32_t>(_mm256_movemask_epi8(pass.judge<tables_max>(at)));
    for (; marks != 0; marks &= marks - 1) {
      if (count < places.size()) {
        places[count] = static_cast<size_t>(at - pass.begin) + pass.far +
                        static_cast<size_t>(std::countr_zero(marks));
      }
      ++count;
    }
    if (at == pass.last) return count;
  }
}

#else

// takes() says no.
bool NameSieve::passes_narrow(std::string_view) const { return false; }
bool NameSieve::passes_wide(std::string_view) const { return false; }
size_t NameSieve::hits(std::string_view, std::span<size_t>) const { return SIZE_MAX; }

#endif

}  // namespace gantry::plugin
