-- One message in so many. Which ones follows from the message's key, or its unique key: who reads
-- again, and every other group, gets the same ones; all messages with one key are in, or out.
--
--   [[plugins.filter_lua.bind]]
--   topic = "Clicks"
--   group = "analytics"
--   script = "sampling"
--   arguments = "100"       # one in a hundred; left out: in ten

local one_in

-- FNV-1a of 32 bits, of the last bytes: unique keys differ at their end.
local function hash(text)
  local h = 0x811c9dc5
  for i = math.max(1, #text - 31), #text do
    h = ((h ~ text:byte(i)) * 0x01000193) & 0xffffffff
  end
  return h
end

return {
  open = function(arguments)
    one_in = arguments == "" and 10 or math.tointeger(tonumber(arguments))
    assert(one_in and one_in >= 1, "arguments: a whole number is expected, as in \"100\"")
  end,

  match = function(message)
    local key = message.keys or message.properties.UNIQ_KEY
    if not key then return message.queue_offset % one_in == 0 end
    return hash(key) % one_in == 0
  end,
}
