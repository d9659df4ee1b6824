#include "lua/message_view.hpp"

#include <string_view>

#include "cpp/values.hpp"
#include "lua/state.hpp"
#include "protocol/properties.hpp"

namespace gantry::lua {
namespace {

const gantry_message& message_of(lua_State* lua) {
  const gantry_message* const message = State::of(lua).message();
  if (!message) luaL_error(lua, "the message is gone: it is there while the function runs");
  return *message;
}

std::string_view key_at(lua_State* lua, int at) {
  size_t size = 0;
  const char* const key = lua_type(lua, at) == LUA_TSTRING ? lua_tolstring(lua, at, &size) : nullptr;
  return {key, size};
}

int push_text(lua_State* lua, std::string_view text) {
  lua_pushlstring(lua, text.data(), text.size());
  return 1;
}

int push_property(lua_State* lua, const gantry_message& message, std::string_view name) {
  const auto value = State::of(lua).properties().find(message, name);
  if (value) return push_text(lua, *value);
  lua_pushnil(lua);
  return 1;
}

int push_number(lua_State* lua, int64_t number) {
  lua_pushinteger(lua, number);
  return 1;
}

int property(lua_State* lua) {
  return push_property(lua, message_of(lua), key_at(lua, 2));
}

int text_field(lua_State* lua, const gantry_message& message, std::string_view name) {
  if (name == "properties") {
    lua_pushvalue(lua, lua_upvalueindex(1));
    return 1;
  }
  if (name == "topic") return push_text(lua, sdk::view(message.topic));
  if (name == "body") return push_text(lua, sdk::view(message.body));
  if (name == "tag") return push_property(lua, message, protocol::property::tags);
  if (name == "keys") return push_property(lua, message, protocol::property::keys);
  return 0;
}

int number_field(lua_State* lua, const gantry_message& message, std::string_view name) {
  if (name == "born_ms") return push_number(lua, message.born_ms);
  if (name == "stored_ms") return push_number(lua, message.stored_ms);
  if (name == "queue_id") return push_number(lua, message.queue_id);
  if (name == "queue_offset") return push_number(lua, message.queue_offset);
  if (name == "log_offset") return push_number(lua, message.log_offset);
  if (name == "reconsume_times") return push_number(lua, message.reconsume_times);
  if (name == "sys_flag") return push_number(lua, message.sys_flag);
  if (name == "app_flag") return push_number(lua, message.app_flag);
  if (name == "size") return push_number(lua, message.record_size);
  if (name == "body_size") return push_number(lua, static_cast<int64_t>(message.body.size));
  return 0;
}

int field(lua_State* lua) {
  const gantry_message& message = message_of(lua);
  const std::string_view name = key_at(lua, 2);
  if (const int pushed = text_field(lua, message, name)) return pushed;
  if (const int pushed = number_field(lua, message, name)) return pushed;
  return luaL_error(lua, "a message has no field '%s'", name.data() ? name.data() : "");
}

int unchangeable(lua_State* lua) {
  return luaL_error(lua, "a message cannot be changed by a filter");
}

// A userdata without bytes, whose metatable scripts see as a word and cannot reach.
void push_view(lua_State* lua, lua_CFunction index, int upvalues, const char* word) {
  lua_newuserdatauv(lua, 0, 0);
  lua_createtable(lua, 0, 3);
  if (upvalues != 0) lua_pushvalue(lua, -3);
  lua_pushcclosure(lua, index, upvalues);
  lua_setfield(lua, -2, "__index");
  lua_pushcfunction(lua, unchangeable);
  lua_setfield(lua, -2, "__newindex");
  lua_pushstring(lua, word);
  lua_setfield(lua, -2, "__metatable");
  lua_setmetatable(lua, -2);
}

}  // namespace

void push_message_view(lua_State* lua) {
  push_view(lua, property, 0, "properties");
  push_view(lua, field, 1, "message");
  lua_remove(lua, -2);
}

}  // namespace gantry::lua
