#include "lua/sandbox.hpp"

#include "lua/state.hpp"

namespace gantry::lua {
namespace {

constexpr lua_Unsigned text_bytes_per_instruction = 8;

int charged(lua_State* lua) {
  size_t bytes = 0;
  for (int i = lua_gettop(lua); i > 0; --i) {
    if (lua_type(lua, i) == LUA_TSTRING) bytes += lua_rawlen(lua, i);
  }
  State::of(lua).charge(lua, bytes / text_bytes_per_instruction);
  const auto function = reinterpret_cast<lua_CFunction>(lua_touserdata(lua, lua_upvalueindex(1)));
  return function(lua);
}

// An error that ends the run passes through.
int protected_call(lua_State* lua) {
  luaL_checkany(lua, 1);
  lua_pushboolean(lua, 1);
  lua_insert(lua, 1);
  const int status = lua_pcall(lua, lua_gettop(lua) - 2, LUA_MULTRET, 0);
  if (status == LUA_OK) return lua_gettop(lua);
  if (State::of(lua).is_final(lua, status)) return lua_error(lua);
  lua_pushboolean(lua, 0);
  lua_insert(lua, -2);
  return 2;
}

// A finalizer would run without a budget.
int set_metatable(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  const int kind = lua_type(lua, 2);
  luaL_argexpected(lua, kind == LUA_TNIL || kind == LUA_TTABLE, 2, "nil or table");
  if (luaL_getmetafield(lua, 1, "__metatable") != LUA_TNIL) {
    return luaL_error(lua, "a protected metatable cannot be changed");
  }
  if (kind == LUA_TTABLE) {
    lua_pushliteral(lua, "__gc");
    if (lua_rawget(lua, 2) != LUA_TNIL) return luaL_error(lua, "__gc is not for filters");
  }
  lua_settop(lua, 2);
  lua_setmetatable(lua, 1);
  return 1;
}

// Leaves only what is named of the table at the top; names ends with null.
void keep_only(lua_State* lua, const char* const* names) {
  lua_newtable(lua);
  for (; *names; ++names) {
    lua_getfield(lua, -2, *names);
    lua_setfield(lua, -2, *names);
  }
  lua_remove(lua, -2);
}

void charge_all(lua_State* lua) {
  for (lua_pushnil(lua); lua_next(lua, -2) != 0;) {
    const lua_CFunction function = lua_tocfunction(lua, -1);
    lua_pop(lua, 1);
    if (!function) continue;
    lua_pushvalue(lua, -1);
    push_charged(lua, function);
    lua_rawset(lua, -4);
  }
}

void open_base(lua_State* lua) {
  static constexpr const char* kept[] = {
      "assert", "error",  "getmetatable", "ipairs", "next",     "pairs",    "rawequal", "rawget",
      "rawlen", "rawset", "select",       "type",   "tostring", "_VERSION", nullptr};
  static constexpr luaL_Reg own[] = {
      {"pcall", protected_call}, {"setmetatable", set_metatable}, {nullptr, nullptr}};
  luaL_requiref(lua, LUA_GNAME, luaopen_base, 1);
  lua_getfield(lua, -1, "tonumber");
  const lua_CFunction to_number = lua_tocfunction(lua, -1);
  lua_pop(lua, 1);
  keep_only(lua, kept);
  luaL_setfuncs(lua, own, 0);
  push_charged(lua, to_number);
  lua_setfield(lua, -2, "tonumber");
  lua_pushvalue(lua, -1);
  lua_setfield(lua, -2, LUA_GNAME);
}

void open_math(lua_State* lua) {
  luaL_requiref(lua, LUA_MATHLIBNAME, luaopen_math, 0);
  for (const char* const random : {"random", "randomseed"}) {
    lua_pushnil(lua);
    lua_setfield(lua, -2, random);
  }
}

}  // namespace

void push_charged(lua_State* lua, lua_CFunction function) {
  lua_pushlightuserdata(lua, reinterpret_cast<void*>(function));
  lua_pushcclosure(lua, charged, 1);
}

void open_sandbox(lua_State* lua) {
  open_base(lua);
  open_math(lua);
  lua_setfield(lua, -2, LUA_MATHLIBNAME);
  open_text(lua);
  lua_setfield(lua, -2, LUA_STRLIBNAME);
  open_table(lua);
  lua_setfield(lua, -2, LUA_TABLIBNAME);
  luaL_requiref(lua, LUA_UTF8LIBNAME, luaopen_utf8, 0);
  charge_all(lua);
  lua_setfield(lua, -2, LUA_UTF8LIBNAME);
  lua_rawseti(lua, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_pushnil(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_gc(lua, LUA_GCCOLLECT);
}

}  // namespace gantry::lua
