// The message as a script sees it: one userdata per state, which shows the message of the run and
// nothing between runs. Fields are read when asked for; only texts are copied, into Lua's memory.
//
//   topic, body, tag, keys                    text; tag and keys nil if the message has none
//   properties.<name>, properties["<name>"]   text, or nil; the stored text is walked at the first look
//   born_ms, stored_ms                        milliseconds since 1970
//   queue_id, queue_offset, log_offset, reconsume_times, sys_flag, app_flag
//   size, body_size                           bytes, of the stored record and of the body
#pragma once

#include <lua.hpp>

namespace gantry::lua {

// Pushes the view. Once per state.
void push_message_view(lua_State* lua);

}  // namespace gantry::lua
