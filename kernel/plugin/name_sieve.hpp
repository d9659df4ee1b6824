// NameSieve: where a property text may have one of some names. A pass over the text costs little more
// than the search for a zero byte that each record needs anyway, so it does that as well. Owned by
// PropertyNames; filled on the control thread, constant afterwards; the rest on any thread.
//
// Two bytes of a name, at fixed distances before the 0x01 that ends it, are averaged. The low four
// bits of that pick an entry of a table, the one average that a sought name has there: a shuffle and
// two comparisons judge a vector of places, whatever the number of names. The distances are chosen so
// that the averages of all names fit into the tables, and the names that every client sends miss.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace gantry::plugin {

class NameSieve {
 public:
  // Looks for these from now on; none is empty.
  void fit(std::span<const std::string_view> names);

  // True: none of the names is there, and no byte is 0. False: perhaps not.
  bool passes(std::string_view text) const {
    if (text.size() >= wide_bytes_min_) return passes_wide(text);
    return takes(text) && passes_narrow(text);
  }
  // False: there is no sieve for this text. It is short, the names don't fit into the tables, or the
  // processor has no AVX2.
  bool takes(std::string_view text) const { return text.size() >= bytes_min_; }
  // Where the 0x01 of what may be a name is, each place at least once. Answers how many there are,
  // which may be more than it had room to tell. Only of a text it takes.
  size_t hits(std::string_view text, std::span<size_t> places) const;

 private:
  using Table = std::array<uint8_t, 16>;
  static constexpr uint8_t tables_max = 2;
  using Tables = std::array<Table, tables_max>;
  struct Fitting;
  struct Pass;
  struct WidePass;

  bool passes_narrow(std::string_view text) const;
  bool passes_wide(std::string_view text) const;

  // The sizes of texts from which on there are vectors for them.
  size_t bytes_min_ = SIZE_MAX;
  size_t wide_bytes_min_ = SIZE_MAX;
  Tables averages_{};
  uint8_t tables_ = 0;      // in use
  size_t far_ = 1;          // bytes from the first one to the 0x01
  size_t far_to_near_ = 0;  // from the first to the second
};

}  // namespace gantry::plugin
