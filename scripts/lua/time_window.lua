-- Messages that were sent at certain hours, on certain days: of the sender's clock, born_ms, in UTC
-- or so many minutes ahead of it. A window may go over midnight: its hours after midnight belong to
-- the day it began on.
--
--   [[plugins.filter_lua.bind]]
--   topic = "Alarms"
--   group = "on-call"
--   script = "time_window"
--   arguments = "18:00-08:00 mon,tue,wed,thu,fri +60"     # days and minutes may be left out

local minutes_of_day = 24 * 60
local day_names = { "thu", "fri", "sat", "sun", "mon", "tue", "wed" }  -- 1970 began on a Thursday
local from, to, ahead = 0, 0, 0
local days

local function minute_of(text)
  local hour, minute = text:match("^(%d%d?):(%d%d)$")
  hour, minute = tonumber(hour), tonumber(minute)
  assert(hour and hour <= 24 and minute < 60 and hour * 60 + minute <= minutes_of_day,
         "arguments: a time is expected, as in 18:00, not " .. text)
  return hour * 60 + minute
end

local function read_days(text)
  local known = {}
  for i, name in ipairs(day_names) do known[name] = i - 1 end
  days = {}
  for name in text:gmatch("[^,]+") do
    assert(known[name], "arguments: a day is expected, as in mon, not " .. name)
    days[known[name]] = true
  end
end

return {
  open = function(arguments)
    local window, rest = arguments:match("^%s*(%S+)%s*(.-)%s*$")
    assert(window and window:find("-", 1, true),
           "arguments: a window is expected, as in \"18:00-08:00\"")
    from, to = minute_of(window:match("^[^-]*")), minute_of(window:match("-(.*)$"))
    for word in rest:gmatch("%S+") do
      if word:find("^[+-]%d+$") then ahead = math.tointeger(tonumber(word))
      else read_days(word) end
    end
  end,

  match = function(message)
    local minutes = message.born_ms // 60000 + ahead
    local minute, day = minutes % minutes_of_day, minutes // minutes_of_day
    local is_inside
    if from <= to then
      is_inside = from <= minute and minute < to
    else
      is_inside = minute >= from or minute < to
      if minute < to then day = day - 1 end
    end
    return is_inside and (days == nil or days[day % 7] == true)
  end,
}
