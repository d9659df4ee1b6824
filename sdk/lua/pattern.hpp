// Matcher: Lua's patterns on a text, with a count of steps, because a pattern of a few letters may
// keep a machine busy for years. Lives for one call of a function of the sandbox, on its stack; nothing
// in it needs a destructor, since errors of Lua jump over it.
#pragma once

#include <lua.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gantry::lua {

class Matcher {
 public:
  // Both texts outlive it. pattern: without its leading ^.
  Matcher(lua_State* lua, std::string_view text, std::string_view pattern);

  // Where a match that begins at `from` ends; null: none does. Steps are charged.
  const char* match(const char* from);
  // Pushes capture i, from 0; the whole match if the pattern has none.
  void push_capture(int i, const char* from, const char* end);
  // All captures, or the whole match; how many values that is.
  int push_captures(const char* from, const char* end, bool whole_if_none);

 private:
  static constexpr int captures_max = 32;
  static constexpr int depth_max = 200;
  static constexpr ptrdiff_t open = -1;
  static constexpr ptrdiff_t position = -2;
  struct Capture {
    const char* begin;
    ptrdiff_t size;  // bytes, or one of the two above
  };

  const char* at(const char* text, const char* pattern);
  // A capture, %b, %f, %1 or a closing $ at `pattern`: `result` is the end of the match then, or text
  // and pattern are what is left to do.
  enum class Special : uint8_t { none, ended, go_on };
  Special special(const char*& text, const char*& pattern, const char*& result);
  Special escaped(const char*& text, const char*& pattern, const char*& result);
  const char* greedy(const char* text, const char* item, const char* behind);
  const char* lazy(const char* text, const char* item, const char* behind);
  const char* begin_capture(const char* text, const char* pattern, ptrdiff_t size);
  const char* end_capture(const char* text, const char* pattern);
  const char* balanced(const char* text, char opening, char closing);
  bool frontier(const char* text, const char* set, const char* behind);
  const char* same_again(const char* text, int digit);
  const char* behind_item(const char* item);
  bool fits(const char* text, const char* item, const char* behind);
  bool in_set(unsigned char c, const char* set, const char* last);
  void count();

  lua_State* const lua_;
  const char* const text_begin_;
  const char* const text_end_;
  const char* const pattern_begin_;
  const char* const pattern_end_;
  unsigned steps_ = 0;  // four are an instruction
  int depth_ = 0;
  int captures_ = 0;
  Capture capture_[captures_max];
};

}  // namespace gantry::lua
