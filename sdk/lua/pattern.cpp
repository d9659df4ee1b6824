#include "lua/pattern.hpp"

#include <cctype>
#include <cstring>

#include "lua/state.hpp"

namespace gantry::lua {
namespace {

unsigned char byte(const char* at) { return static_cast<unsigned char>(*at); }

// c is of the class that %letter stands for; a capital letter is the contrary.
bool in_class(unsigned char c, unsigned char letter) {
  bool is = false;
  switch (std::tolower(letter)) {
    case 'a': is = std::isalpha(c) != 0; break;
    case 'c': is = std::iscntrl(c) != 0; break;
    case 'd': is = std::isdigit(c) != 0; break;
    case 'g': is = std::isgraph(c) != 0; break;
    case 'l': is = std::islower(c) != 0; break;
    case 'p': is = std::ispunct(c) != 0; break;
    case 's': is = std::isspace(c) != 0; break;
    case 'u': is = std::isupper(c) != 0; break;
    case 'w': is = std::isalnum(c) != 0; break;
    case 'x': is = std::isxdigit(c) != 0; break;
    case 'z': is = c == 0; break;  // in no manual any more, but in Lua
    default: return c == letter;
  }
  return is != (std::isupper(letter) != 0);
}

}  // namespace

Matcher::Matcher(lua_State* lua, std::string_view text, std::string_view pattern)
    : lua_(lua),
      text_begin_(text.data()),
      text_end_(text.data() + text.size()),
      pattern_begin_(pattern.data()),
      pattern_end_(pattern.data() + pattern.size()) {}

void Matcher::count() {
  if ((++steps_ & 3) == 0) State::of(lua_).charge(lua_, 1);
}

const char* Matcher::match(const char* from) {
  captures_ = 0;
  depth_ = 0;
  return at(from, pattern_begin_);
}

const char* Matcher::at(const char* text, const char* pattern) {
  if (++depth_ > depth_max) luaL_error(lua_, "pattern too complex");
  const char* result = nullptr;
  for (;;) {
    count();
    if (pattern == pattern_end_) {
      result = text;
      break;
    }
    const Special found = special(text, pattern, result);
    if (found == Special::go_on) continue;
    if (found == Special::ended) break;
    const char* const behind = behind_item(pattern);
    const char suffix = behind < pattern_end_ ? *behind : '\0';
    if (!fits(text, pattern, behind)) {
      if (suffix != '*' && suffix != '?' && suffix != '-') break;
      pattern = behind + 1;  // none of it, and so not a level deeper
      continue;
    }
    if (suffix == '*') result = greedy(text, pattern, behind);
    else if (suffix == '+') result = greedy(text + 1, pattern, behind);
    else if (suffix == '-') result = lazy(text, pattern, behind);
    else if (suffix == '?') {
      result = at(text + 1, behind + 1);
      if (!result) {
        pattern = behind + 1;
        continue;
      }
    } else {
      ++text;
      pattern = behind;
      continue;
    }
    break;
  }
  --depth_;
  return result;
}

Matcher::Special Matcher::special(const char*& text, const char*& pattern, const char*& result) {
  switch (*pattern) {
    case '(': {
      const bool is_position = pattern + 1 < pattern_end_ && pattern[1] == ')';
      result = begin_capture(text, pattern + (is_position ? 2 : 1), is_position ? position : open);
      return Special::ended;
    }
    case ')':
      result = end_capture(text, pattern + 1);
      return Special::ended;
    case '$':
      if (pattern + 1 != pattern_end_) return Special::none;
      result = text == text_end_ ? text : nullptr;
      return Special::ended;
    case '%': return pattern + 1 < pattern_end_ ? escaped(text, pattern, result) : Special::none;
    default: return Special::none;
  }
}

Matcher::Special Matcher::escaped(const char*& text, const char*& pattern, const char*& result) {
  const char* found = text;
  if (pattern[1] == 'b') {
    if (pattern_end_ - pattern < 4) luaL_error(lua_, "malformed pattern (two letters follow %%b)");
    found = balanced(text, pattern[2], pattern[3]);
    pattern += 4;
  } else if (pattern[1] == 'f') {
    const char* const set = pattern + 2;
    if (set == pattern_end_ || *set != '[') {
      luaL_error(lua_, "malformed pattern (a set in [] follows %%f)");
    }
    pattern = behind_item(set);
    if (!frontier(text, set, pattern)) found = nullptr;
  } else if (std::isdigit(byte(pattern + 1)) != 0) {
    found = same_again(text, pattern[1] - '1');
    pattern += 2;
  } else {
    return Special::none;
  }
  if (!found) result = nullptr;
  else text = found;
  return found ? Special::go_on : Special::ended;
}

const char* Matcher::greedy(const char* text, const char* item, const char* behind) {
  const char* last = text;
  while (fits(last, item, behind)) {
    count();
    ++last;
  }
  for (;; --last) {
    if (const char* const end = at(last, behind + 1)) return end;
    if (last == text) return nullptr;
  }
}

const char* Matcher::lazy(const char* text, const char* item, const char* behind) {
  for (;; ++text) {
    if (const char* const end = at(text, behind + 1)) return end;
    if (!fits(text, item, behind)) return nullptr;
  }
}

const char* Matcher::begin_capture(const char* text, const char* pattern, ptrdiff_t size) {
  if (captures_ == captures_max) luaL_error(lua_, "too many captures");
  capture_[captures_++] = {text, size};
  const char* const end = at(text, pattern);
  if (!end) --captures_;
  return end;
}

const char* Matcher::end_capture(const char* text, const char* pattern) {
  int last = captures_ - 1;
  while (last >= 0 && capture_[last].size != open) --last;
  if (last < 0) luaL_error(lua_, "invalid pattern (a ) without its ()");
  capture_[last].size = text - capture_[last].begin;
  const char* const end = at(text, pattern);
  if (!end) capture_[last].size = open;
  return end;
}

const char* Matcher::balanced(const char* text, char opening, char closing) {
  if (text == text_end_ || *text != opening) return nullptr;
  size_t deep = 1;
  while (++text < text_end_) {
    count();
    if (*text == closing) {
      if (--deep == 0) return text + 1;
    } else if (*text == opening) {
      ++deep;
    }
  }
  return nullptr;
}

bool Matcher::frontier(const char* text, const char* set, const char* behind) {
  const unsigned char before = text == text_begin_ ? '\0' : byte(text - 1);
  const unsigned char here = text == text_end_ ? '\0' : byte(text);
  return !in_set(before, set, behind - 1) && in_set(here, set, behind - 1);
}

const char* Matcher::same_again(const char* text, int digit) {
  if (digit < 0 || digit >= captures_ || capture_[digit].size == open) {
    luaL_error(lua_, "invalid capture index %%%d", digit + 1);
  }
  const Capture& capture = capture_[digit];
  if (capture.size == position) return nullptr;  // a number: no text is the same
  const auto size = static_cast<size_t>(capture.size);
  State::of(lua_).charge(lua_, size / 16);
  if (static_cast<size_t>(text_end_ - text) < size) return nullptr;
  return std::memcmp(capture.begin, text, size) == 0 ? text + size : nullptr;
}

// The end of the letter, the class or the set that begins at item.
const char* Matcher::behind_item(const char* item) {
  const char* next = item + 1;
  if (*item == '%') {
    if (next == pattern_end_) luaL_error(lua_, "malformed pattern (ends with %%)");
    return next + 1;
  }
  if (*item != '[') return next;
  if (next < pattern_end_ && *next == '^') ++next;
  for (bool first = true; first || next == pattern_end_ || *next != ']'; first = false) {
    if (next == pattern_end_) luaL_error(lua_, "malformed pattern (a [ without its ])");
    count();
    next += *next == '%' && next + 1 < pattern_end_ ? 2 : 1;
  }
  return next + 1;
}

bool Matcher::fits(const char* text, const char* item, const char* behind) {
  if (text == text_end_) return false;
  const unsigned char c = byte(text);
  switch (*item) {
    case '.': return true;
    case '%': return in_class(c, byte(item + 1));
    case '[': return in_set(c, item, behind - 1);
    default: return c == byte(item);
  }
}

// set is its [, last its ].
bool Matcher::in_set(unsigned char c, const char* set, const char* last) {
  const bool wanted = set[1] != '^';
  if (!wanted) ++set;
  while (++set < last) {
    count();
    if (*set == '%') {
      ++set;
      if (in_class(c, byte(set))) return wanted;
    } else if (set[1] == '-' && set + 2 < last) {
      set += 2;
      if (byte(set - 2) <= c && c <= byte(set)) return wanted;
    } else if (byte(set) == c) {
      return wanted;
    }
  }
  return !wanted;
}

void Matcher::push_capture(int i, const char* from, const char* end) {
  if (i >= captures_) {
    if (i != 0) luaL_error(lua_, "invalid capture index %%%d", i + 1);
    lua_pushlstring(lua_, from, static_cast<size_t>(end - from));
    return;
  }
  const Capture& capture = capture_[i];
  if (capture.size == open) luaL_error(lua_, "unfinished capture");
  if (capture.size == position) lua_pushinteger(lua_, capture.begin - text_begin_ + 1);
  else lua_pushlstring(lua_, capture.begin, static_cast<size_t>(capture.size));
}

int Matcher::push_captures(const char* from, const char* end, bool whole_if_none) {
  const int count = captures_ == 0 && whole_if_none ? 1 : captures_;
  luaL_checkstack(lua_, count, "too many captures");
  for (int i = 0; i < count; ++i) push_capture(i, from, end);
  return count;
}

}  // namespace gantry::lua
