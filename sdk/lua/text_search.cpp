// string's functions with patterns, as the Lua 5.4 manual says them.
#include <algorithm>
#include <cstring>

#include "lua/pattern.hpp"
#include "lua/sandbox.hpp"
#include "lua/state.hpp"

namespace gantry::lua {
namespace {

std::string_view text_at(lua_State* lua, int at) {
  size_t size = 0;
  const char* const text = luaL_checklstring(lua, at, &size);
  return {text, size};
}

// Where a search begins, as an offset; npos: behind the end.
size_t begin_of(lua_State* lua, int at, size_t size) {
  lua_Integer begin = luaL_optinteger(lua, at, 1);
  const auto bytes = static_cast<lua_Integer>(size);
  if (begin < 0) begin = std::max<lua_Integer>(begin + bytes + 1, 1);
  if (begin > bytes + 1) return std::string_view::npos;
  return static_cast<size_t>(std::max<lua_Integer>(begin, 1) - 1);
}

int find_plain(lua_State* lua, std::string_view text, std::string_view wanted, size_t begin) {
  State::of(lua).charge(lua, (text.size() - begin + wanted.size()) / 64);
  const void* found = text.data() + begin;
  if (!wanted.empty()) {
    found = memmem(text.data() + begin, text.size() - begin, wanted.data(), wanted.size());
  }
  if (!found) return luaL_pushfail(lua), 1;
  const auto at = static_cast<const char*>(found) - text.data() + 1;
  lua_pushinteger(lua, at);
  lua_pushinteger(lua, at + static_cast<lua_Integer>(wanted.size()) - 1);
  return 2;
}

bool takes_place(std::string_view& pattern) {
  const bool is_anchored = pattern.starts_with('^');
  if (is_anchored) pattern.remove_prefix(1);
  return is_anchored;
}

int search(lua_State* lua, bool wants_place) {
  const std::string_view text = text_at(lua, 1);
  std::string_view pattern = text_at(lua, 2);
  const size_t begin = begin_of(lua, 3, text.size());
  if (begin == std::string_view::npos) return luaL_pushfail(lua), 1;
  if (wants_place && (lua_toboolean(lua, 4) != 0 ||
                      pattern.find_first_of("^$*+?.([%-") == std::string_view::npos)) {
    return find_plain(lua, text, pattern, begin);
  }
  const bool is_anchored = takes_place(pattern);
  Matcher matcher(lua, text, pattern);
  const char* const text_end = text.data() + text.size();
  for (const char* from = text.data() + begin; from <= text_end; ++from) {
    if (const char* const end = matcher.match(from)) {
      if (!wants_place) return matcher.push_captures(from, end, true);
      lua_pushinteger(lua, from - text.data() + 1);
      lua_pushinteger(lua, end - text.data());
      return 2 + matcher.push_captures(from, end, false);
    }
    if (is_anchored) break;
  }
  return luaL_pushfail(lua), 1;
}

// Upvalues: text, pattern, offset to begin at, offset where the last match ended.
int next_match(lua_State* lua) {
  const std::string_view text = text_at(lua, lua_upvalueindex(1));
  Matcher matcher(lua, text, text_at(lua, lua_upvalueindex(2)));
  const char* const text_end = text.data() + text.size();
  const lua_Integer ended = lua_tointeger(lua, lua_upvalueindex(4));
  const char* from = text.data() + lua_tointeger(lua, lua_upvalueindex(3));
  for (; from <= text_end; ++from) {
    const char* const end = matcher.match(from);
    if (!end || end - text.data() == ended) continue;
    lua_pushinteger(lua, end - text.data());
    lua_pushvalue(lua, -1);
    lua_replace(lua, lua_upvalueindex(3));
    lua_replace(lua, lua_upvalueindex(4));
    return matcher.push_captures(from, end, true);
  }
  return 0;
}

// Appends what stands for a match: a text with %0 .. %9.
void add_text(lua_State* lua, luaL_Buffer& out, Matcher& matcher, const char* from,
              const char* end) {
  const std::string_view text = text_at(lua, 3);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      luaL_addchar(&out, text[i]);
      continue;
    }
    const char what = ++i < text.size() ? text[i] : '\0';
    if (what == '%') {
      luaL_addchar(&out, '%');
    } else if (what == '0') {
      luaL_addlstring(&out, from, static_cast<size_t>(end - from));
    } else if (what >= '1' && what <= '9') {
      matcher.push_capture(what - '1', from, end);
      luaL_tolstring(lua, -1, nullptr);
      lua_remove(lua, -2);
      luaL_addvalue(&out);
    } else {
      luaL_error(lua, "a %% in the replacement is followed by a digit or a %%");
    }
  }
}

// False: the match stays as it was.
bool add_value(lua_State* lua, luaL_Buffer& out, Matcher& matcher, const char* from,
               const char* end, int kind) {
  if (kind == LUA_TFUNCTION) {
    lua_pushvalue(lua, 3);
    lua_call(lua, matcher.push_captures(from, end, true), 1);
  } else if (kind == LUA_TTABLE) {
    matcher.push_capture(0, from, end);
    lua_gettable(lua, 3);
  } else {
    add_text(lua, out, matcher, from, end);
    return true;
  }
  const bool is_replaced = lua_toboolean(lua, -1) != 0;
  if (!is_replaced) {
    lua_pop(lua, 1);
    luaL_addlstring(&out, from, static_cast<size_t>(end - from));
  } else if (lua_isstring(lua, -1) == 0) {
    luaL_error(lua, "invalid replacement value (a %s)", luaL_typename(lua, -1));
  } else {
    luaL_addvalue(&out);
  }
  return is_replaced;
}

}  // namespace

int text_find(lua_State* lua) { return search(lua, true); }

int text_match(lua_State* lua) { return search(lua, false); }

int text_gmatch(lua_State* lua) {
  const std::string_view text = text_at(lua, 1);
  text_at(lua, 2);
  const size_t begin = begin_of(lua, 3, text.size());
  lua_settop(lua, 2);
  lua_pushinteger(lua, static_cast<lua_Integer>(std::min(begin, text.size() + 1)));
  lua_pushinteger(lua, -1);
  lua_pushcclosure(lua, next_match, 4);
  return 1;
}

int text_gsub(lua_State* lua) {
  const std::string_view text = text_at(lua, 1);
  std::string_view pattern = text_at(lua, 2);
  const int kind = lua_type(lua, 3);
  luaL_argexpected(lua, kind == LUA_TNUMBER || kind == LUA_TSTRING || kind == LUA_TFUNCTION ||
                   kind == LUA_TTABLE, 3, "string/function/table");
  const auto most = luaL_optinteger(lua, 4, static_cast<lua_Integer>(text.size()) + 1);
  const bool is_anchored = takes_place(pattern);
  Matcher matcher(lua, text, pattern);
  luaL_Buffer out;
  luaL_buffinit(lua, &out);
  const char* const text_end = text.data() + text.size();
  const char* from = text.data();
  const char* ended = nullptr;  // where the last match did
  lua_Integer replaced = 0;
  while (replaced < most) {
    const char* const end = matcher.match(from);
    if (end && end != ended) {
      ++replaced;
      add_value(lua, out, matcher, from, end, kind);
      from = ended = end;
    } else if (from < text_end) {
      luaL_addchar(&out, *from);
      ++from;
    } else {
      break;
    }
    if (is_anchored) break;
  }
  luaL_addlstring(&out, from, static_cast<size_t>(text_end - from));
  luaL_pushresult(&out);
  lua_pushinteger(lua, replaced);
  return 2;
}

}  // namespace gantry::lua
