-- Messages with a key that a pattern matches. It is a pattern of Lua, no regular expression: % where
-- those have \, classes %d %a %w, sets [...], repetitions * + - ?, anchors ^ $; no | and no {n}. A
-- message's keys are parted by blanks; each is looked at alone.
--
--   [[plugins.filter_lua.bind]]
--   topic = "Orders"
--   group = "returns"
--   script = "key_pattern"
--   arguments = "^R%-%d+$"

local pattern

return {
  open = function(arguments)
    assert(arguments ~= "", "arguments: a pattern is expected, as in ^R%-%d+$")
    local is_pattern, why = pcall(string.find, "", arguments)
    assert(is_pattern, why)
    pattern = arguments
  end,

  match = function(message)
    local keys = message.keys
    if not keys then return false end
    for key in keys:gmatch("%S+") do
      if key:find(pattern) then return true end
    end
    return false
  end,
}
