// string: Lua's functions. Those that make long texts pay for them as they allocate; those that only
// read are charged here; those with patterns are in text_search.cpp.
#include <algorithm>

#include "lua/sandbox.hpp"
#include "lua/state.hpp"

namespace gantry::lua {
namespace {

constexpr size_t number_bytes_max = 200;  // as of Lua's own numerals

int original(lua_State* lua) {
  return reinterpret_cast<lua_CFunction>(lua_touserdata(lua, lua_upvalueindex(1)))(lua);
}

// An empty text may be repeated as often as one likes without a byte of memory.
int repeat(lua_State* lua) {
  const lua_Integer times = luaL_checkinteger(lua, 2);
  if (times > 0) State::of(lua).charge(lua, static_cast<lua_Unsigned>(times) / 4);
  return original(lua);
}

int byte(lua_State* lua) {
  size_t size = 0;
  const char* const text = luaL_checklstring(lua, 1, &size);
  const auto bytes = static_cast<lua_Integer>(size);
  const auto from_end = [&](lua_Integer at) { return at < 0 ? at + bytes + 1 : at; };
  const lua_Integer begin = from_end(luaL_optinteger(lua, 2, 1));
  const lua_Integer end = std::min(from_end(luaL_optinteger(lua, 3, begin)), bytes);
  const lua_Integer first = std::max<lua_Integer>(begin, 1);
  if (first > end) return 0;
  const lua_Integer count = end - first + 1;
  State::of(lua).charge(lua, static_cast<lua_Unsigned>(count) / 4);
  if (count > 1) luaL_checkstack(lua, static_cast<int>(count), "so many bytes at once");
  for (lua_Integer i = first; i <= end; ++i) {
    lua_pushinteger(lua, static_cast<unsigned char>(text[i - 1]));
  }
  return static_cast<int>(count);
}

// Arithmetic with texts that are numbers, as in Lua; a long text is none, so that nobody reads it
// again and again. Upvalue: the operation.
int arithmetic(lua_State* lua) {
  for (int at = 1; at <= 2; ++at) {
    if (lua_type(lua, at) == LUA_TSTRING && lua_rawlen(lua, at) <= number_bytes_max &&
        lua_stringtonumber(lua, lua_tostring(lua, at)) == lua_rawlen(lua, at) + 1) {
      lua_replace(lua, at);
    }
    if (lua_type(lua, at) != LUA_TNUMBER) {
      return luaL_error(lua, "attempt to compute with a %s that is no number",
                        luaL_typename(lua, at));
    }
  }
  lua_settop(lua, 2);
  lua_arith(lua, static_cast<int>(lua_tointeger(lua, lua_upvalueindex(1))));
  return 1;
}

void wrap(lua_State* lua, const char* name, lua_CFunction function) {
  lua_getfield(lua, -1, name);
  lua_pushlightuserdata(lua, reinterpret_cast<void*>(lua_tocfunction(lua, -1)));
  lua_pushcclosure(lua, function, 1);
  lua_setfield(lua, -3, name);
  lua_pop(lua, 1);
}

void add_arithmetic(lua_State* lua, const char* name, int operation) {
  lua_pushinteger(lua, operation);
  lua_pushcclosure(lua, arithmetic, 1);
  lua_setfield(lua, -2, name);
}

// What all texts share; scripts see it as a word.
void set_text_metatable(lua_State* lua) {
  lua_pushliteral(lua, "");
  lua_newtable(lua);
  lua_pushvalue(lua, -3);
  lua_setfield(lua, -2, "__index");
  lua_pushliteral(lua, "string");
  lua_setfield(lua, -2, "__metatable");
  add_arithmetic(lua, "__add", LUA_OPADD);
  add_arithmetic(lua, "__sub", LUA_OPSUB);
  add_arithmetic(lua, "__mul", LUA_OPMUL);
  add_arithmetic(lua, "__mod", LUA_OPMOD);
  add_arithmetic(lua, "__pow", LUA_OPPOW);
  add_arithmetic(lua, "__div", LUA_OPDIV);
  add_arithmetic(lua, "__idiv", LUA_OPIDIV);
  add_arithmetic(lua, "__unm", LUA_OPUNM);
  lua_setmetatable(lua, -2);
  lua_pop(lua, 1);
}

}  // namespace

void open_text(lua_State* lua) {
  static constexpr luaL_Reg own[] = {{"byte", byte},          {"find", text_find},
                                     {"match", text_match},   {"gmatch", text_gmatch},
                                     {"gsub", text_gsub},     {"dump", nullptr},
                                     {nullptr, nullptr}};
  luaL_requiref(lua, LUA_STRLIBNAME, luaopen_string, 0);
  wrap(lua, "rep", repeat);
  for (const char* const name : {"format", "pack", "packsize", "unpack"}) {
    lua_getfield(lua, -1, name);
    push_charged(lua, lua_tocfunction(lua, -1));
    lua_setfield(lua, -3, name);
    lua_pop(lua, 1);
  }
  for (const luaL_Reg* function = own; function->name; ++function) {
    if (function->func) lua_pushcfunction(lua, function->func);
    else lua_pushnil(lua);
    lua_setfield(lua, -2, function->name);
  }
  set_text_metatable(lua);
}

}  // namespace gantry::lua
