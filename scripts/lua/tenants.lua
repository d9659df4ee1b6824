-- Messages of the tenants that are allowed, by the property `tenant`. A message without it, or of
-- another tenant, is not delivered.
--
--   [[plugins.filter_lua.bind]]
--   topic = "Orders"
--   group = "partner-eu"
--   script = "tenants"
--   arguments = "acme, globex"

local allowed = {}

return {
  open = function(arguments)
    for tenant in arguments:gmatch("[^%s,]+") do allowed[tenant] = true end
    assert(next(allowed), "arguments: the tenants are expected, as in \"acme, globex\"")
  end,

  match = function(message)
    local tenant = message.properties.tenant
    return tenant ~= nil and allowed[tenant] == true
  end,
}
