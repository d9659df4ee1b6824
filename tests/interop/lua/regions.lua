-- Subscribed to and bound: the messages of the regions it is told.
local regions = {}

return {
  open = function(arguments)
    for region in arguments:gmatch("%w+") do regions[region] = true end
  end,

  match = function(message) return regions[message.properties.region] == true end,
}
