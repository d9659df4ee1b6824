-- Called by expressions: whether the message is of a customer who is served first, by the region that
-- the expression hands over, or because its body says so.
local regions = { eu = true, us = true }

return function(message, region)
  return regions[region] == true or message.body:find("vip", 1, true) ~= nil
end
