// Property text: `name 0x01 value 0x02 name 0x01 value 0x02 ...`, as a message carries it.
// Reading borrows the text and never allocates; editing works on a std::string. Any thread.
//
// A piece counts when it has a name and a value, both not empty; the first 0x01 parts them; the
// last piece may lack its 0x02; of equal names the last wins (common: MessageDecoder).
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/property_names.hpp"

namespace gantry::protocol {

inline constexpr char name_value_separator = '\x01';
inline constexpr char property_separator = '\x02';
inline constexpr std::size_t property_bytes_max = 32'767;  // a stored record's length is an i16

struct Property {
  std::string_view name;
  std::string_view value;

  friend bool operator==(const Property&, const Property&) = default;
};

// Every piece that counts, in order of the text; an earlier namesake is included.
class Properties {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Property;
    using difference_type = std::ptrdiff_t;
    using pointer = const Property*;
    using reference = const Property&;

    Iterator() = default;
    explicit Iterator(std::string_view text)
        : at_(text.data()), next_block_(at_), text_end_(at_ + text.size()), end_(false) {
      advance();
    }
    reference operator*() const { return current_; }
    pointer operator->() const { return &current_; }
    Iterator& operator++() {
      advance();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      advance();
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.end_ == b.end_ && (a.end_ || a.current_.name.data() == b.current_.name.data());
    }

   private:
    void advance();
    const char* next_separator();

    const char* at_ = nullptr;          // the next piece
    const char* block_ = nullptr;       // what marks_ tells of, a bit for each byte
    const char* next_block_ = nullptr;
    const char* text_end_ = nullptr;
    std::uint32_t marks_ = 0;           // separators of both kinds that were not taken yet
    Property current_;
    bool end_ = true;
  };

  explicit Properties(std::string_view text) : text_(text) {}
  Iterator begin() const { return Iterator(text_); }
  Iterator end() const { return Iterator(); }

 private:
  std::string_view text_;
};

// The value that wins, or nothing. The whole text is scanned, since the last namesake wins.
std::optional<std::string_view> find_property(std::string_view text, std::string_view name);

// Appends one piece and its 0x02, as Java writes it; adds the 0x02 a client left out before it.
void append_property(std::string& text, std::string_view name, std::string_view value);

// Replaces every namesake by one piece at the end.
void set_property(std::string& text, std::string_view name, std::string_view value);

// Removes every namesake; says whether there was one.
bool erase_property(std::string& text, std::string_view name);

// May be written into property text: not empty, neither separator inside.
bool is_property_text(std::string_view name_or_value);

// What is wrong with a property an application sets itself; empty if nothing (client's wording).
std::string check_user_property(std::string_view name, std::string_view value);

bool is_reserved_property(std::string_view name);

}  // namespace gantry::protocol
