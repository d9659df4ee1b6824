// table: Lua's functions, charged before they begin by how many values they touch. They take tables
// without metatables only, so that a length is what it is and nothing is called on the way.
#include <algorithm>
#include <bit>

#include "lua/sandbox.hpp"
#include "lua/state.hpp"

namespace gantry::lua {
namespace {

lua_Unsigned length_of(lua_State* lua, int at) {
  luaL_checktype(lua, at, LUA_TTABLE);
  if (lua_getmetatable(lua, at) != 0) luaL_argerror(lua, at, "a table without metatable expected");
  return lua_rawlen(lua, at);
}

// first .. last, both included.
lua_Unsigned values_between(lua_Integer first, lua_Integer last) {
  if (first > last) return 0;
  return static_cast<lua_Unsigned>(last) - static_cast<lua_Unsigned>(first) + 1;
}

int original(lua_State* lua, lua_Unsigned values) {
  State::of(lua).charge(lua, values);
  const auto function = reinterpret_cast<lua_CFunction>(lua_touserdata(lua, lua_upvalueindex(1)));
  return function(lua);
}

int insert(lua_State* lua) {
  const lua_Unsigned length = length_of(lua, 1);
  return original(lua, lua_gettop(lua) > 2 ? length : 1);
}

int remove(lua_State* lua) {
  const lua_Unsigned length = length_of(lua, 1);
  return original(lua, lua_isnoneornil(lua, 2) ? 1 : length);
}

int concat(lua_State* lua) {
  const auto length = static_cast<lua_Integer>(length_of(lua, 1));
  const lua_Integer first = luaL_optinteger(lua, 3, 1);
  return original(lua, values_between(first, luaL_optinteger(lua, 4, length)));
}

int unpack(lua_State* lua) {
  const auto length = static_cast<lua_Integer>(length_of(lua, 1));
  const lua_Integer first = luaL_optinteger(lua, 2, 1);
  return original(lua, values_between(first, luaL_optinteger(lua, 3, length)));
}

int move(lua_State* lua) {
  length_of(lua, 1);
  if (!lua_isnoneornil(lua, 5)) length_of(lua, 5);
  return original(lua, values_between(luaL_checkinteger(lua, 2), luaL_checkinteger(lua, 3)));
}

int sort(lua_State* lua) {
  const lua_Unsigned length = length_of(lua, 1);
  return original(lua, length * static_cast<lua_Unsigned>(std::bit_width(length)));
}

int pack(lua_State* lua) { return original(lua, static_cast<lua_Unsigned>(lua_gettop(lua))); }

}  // namespace

void open_table(lua_State* lua) {
  static constexpr luaL_Reg own[] = {{"concat", concat}, {"insert", insert}, {"move", move},
                                     {"pack", pack},     {"remove", remove}, {"sort", sort},
                                     {"unpack", unpack}};
  luaL_requiref(lua, LUA_TABLIBNAME, luaopen_table, 0);
  lua_createtable(lua, 0, static_cast<int>(std::size(own)));
  for (const luaL_Reg& function : own) {
    lua_getfield(lua, -2, function.name);
    lua_pushlightuserdata(lua, reinterpret_cast<void*>(lua_tocfunction(lua, -1)));
    lua_pushcclosure(lua, function.func, 1);
    lua_setfield(lua, -3, function.name);
    lua_pop(lua, 1);
  }
  lua_remove(lua, -2);
}

}  // namespace gantry::lua
