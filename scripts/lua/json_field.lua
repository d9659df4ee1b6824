-- Messages whose body is JSON with a value at a path: texts, numbers, true, false and null. A body
-- that is no JSON, or has nothing there, is not delivered. The body is read up to the value and no
-- further, its first 64 KiB at most.
--
--   [[plugins.filter_lua.bind]]
--   topic = "Orders"
--   script = "json_field"
--   arguments = "customer.country = \"DE\""     # or: items.1.count = 3   (items are counted from 1)

local bytes_max = 65536
local depth_max = 32
local path, wanted = {}, nil

local escapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function unescape(text)
  text = text:gsub("\\u(%x%x%x%x)", function(digits) return utf8.char(tonumber(digits, 16)) end)
  return (text:gsub("\\(.)", function(letter) return escapes[letter] or letter end))
end

-- The position behind a text's closing quote; at is behind its opening one.
local function text_end(body, at)
  while true do
    local quote = body:find('["\\]', at)
    if not quote then return nil end
    if body:byte(quote) == 34 then return quote + 1 end
    at = quote + 2
  end
end

local function behind_blanks(body, at) return body:find("[^ \t\r\n]", at) end

-- The position behind the value at `at`; nil: it is cut off, or none.
local function skip(body, at)
  local depth = 0
  repeat
    at = behind_blanks(body, at)
    if not at then return nil end
    local first = body:byte(at)
    if first == 34 then  -- "
      at = text_end(body, at + 1)
    elseif first == 123 or first == 91 then  -- { [
      depth, at = depth + 1, at + 1
    elseif first == 125 or first == 93 then  -- } ]
      depth, at = depth - 1, at + 1
    elseif first == 44 or first == 58 then  -- , :
      at = at + 1
    else
      local _, last = body:find("^[%w+.-]+", at)
      at = last and last + 1
    end
    if not at or depth < 0 or depth > depth_max then return nil end
  until depth == 0
  return at
end

-- The position of the member's, or the item's, value in the object or array at `at`.
local function step(body, at, name)
  local is_object = body:byte(at) == 123
  if not is_object and body:byte(at) ~= 91 then return nil end
  local item = 0
  at = behind_blanks(body, at + 1)
  while at and body:byte(at) ~= 125 and body:byte(at) ~= 93 do
    item = item + 1
    local key = tostring(item)
    if is_object then
      if body:byte(at) ~= 34 then return nil end
      local behind = text_end(body, at + 1)
      if not behind then return nil end
      key = body:sub(at + 1, behind - 2)
      if key:find("\\", 1, true) then key = unescape(key) end
      at = behind_blanks(body, behind)
      if not at or body:byte(at) ~= 58 then return nil end
      at = behind_blanks(body, at + 1)
    end
    if not at or key == name then return at end
    at = skip(body, at)
    at = at and behind_blanks(body, at)
    if at and body:byte(at) == 44 then at = behind_blanks(body, at + 1) end
  end
  return nil
end

local words = { ["true"] = true, ["false"] = true, null = true }

-- As "text x", "number 3.0" or "word true", so that values of one kind are compared.
local function value_at(body, at)
  if body:byte(at) == 34 then
    local behind = text_end(body, at + 1)
    return behind and "text " .. unescape(body:sub(at + 1, behind - 2))
  end
  local word = body:match("^[%w+.-]+", at)
  if not word then return nil end
  if words[word] then return "word " .. word end
  local number = tonumber(word)
  return number and "number " .. number + 0.0
end

return {
  open = function(arguments)
    local names, value = arguments:match("^%s*(%S+)%s*=%s*(.-)%s*$")
    assert(names, "arguments: a path and a value are expected, as in \"customer.country = \\\"DE\\\"\"")
    for name in names:gmatch("[^.]+") do path[#path + 1] = name end
    wanted = value_at(value, 1)
    assert(wanted, "arguments: the value is no text in quotes, number, true, false or null: " .. value)
  end,

  match = function(message)
    if message.body_size == 0 then return false end
    local body = message.body
    if #body > bytes_max then body = body:sub(1, bytes_max) end
    local at = behind_blanks(body, 1)
    for i = 1, #path do
      at = at and step(body, at, path[i])
    end
    return at ~= nil and value_at(body, at) == wanted
  end,
}
