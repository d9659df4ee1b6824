// What a script can reach: Lua's language and the parts of its libraries that only compute. There are
// no files, processes, modules, clock, random numbers, coroutines, bytecode or finalizers, and no way
// to load text. What runs outside of Lua is charged to the run's budget by how long it takes.
//
//   base     assert error getmetatable ipairs next pairs pcall rawequal rawget rawlen rawset select
//            setmetatable tonumber tostring type _G _VERSION
//   string   as in Lua, without dump        table    as in Lua, for tables without metatable
//   math     as in Lua, without random      utf8     as in Lua
#pragma once

#include <lua.hpp>

namespace gantry::lua {

// Fills the globals of a new state. May raise an error of Lua.
void open_sandbox(lua_State* lua);

// ── its parts: each leaves one table at the top
void open_text(lua_State* lua);
void open_table(lua_State* lua);

// A function of Lua's own, which first charges an instruction for each 8 bytes of text it is given.
void push_charged(lua_State* lua, lua_CFunction function);

// text_search.cpp: string's functions that take patterns, with every step charged.
int text_find(lua_State* lua);
int text_match(lua_State* lua);
int text_gmatch(lua_State* lua);
int text_gsub(lua_State* lua);

}  // namespace gantry::lua
