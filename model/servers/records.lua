-- Makes one record of a line, as config/log_fields.yaml says; CONTRACT is that file.

local MADE, ASIDE = {}, {}
for _, field in ipairs(CONTRACT.fields) do
  MADE[field.name] = field.made or false
  ASIDE[field.name] = field.aside and not field.made
end

-- Text ---------------------------------------------------------------------------------------

local SEQUENCES = {
  "^[\194-\223][\128-\191]", "^\224[\160-\191][\128-\191]", "^[\225-\236\238\239][\128-\191][\128-\191]",
  "^\237[\128-\159][\128-\191]", "^\240[\144-\191][\128-\191][\128-\191]",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]", "^\244[\128-\143][\128-\191][\128-\191]",
}

local function sequence_at(bytes, place)
  for _, pattern in ipairs(SEQUENCES) do
    local first, last = bytes:find(pattern, place)
    if first then return last end
  end
end

-- Bytes beyond ASCII, with U+FFFD for each that is no part of UTF-8.
local function repaired(bytes)
  local parts, place = {}, 1
  while place <= #bytes do
    local last = sequence_at(bytes, place)
    parts[#parts + 1] = last and bytes:sub(place, last) or "\239\191\189"
    place = (last or place) + 1
  end
  return table.concat(parts)
end

-- Bytes of each byte in JSON, as Fluent Bit writes it: escapes for what is not ASCII, 12 bytes where a
-- character has four.
local WEIGHT = {}
for byte = 0, 255 do
  local escaped = byte == 34 or byte == 92 or byte == 8 or byte == 9 or byte == 10 or byte == 12 or byte == 13
  WEIGHT[byte] = byte >= 240 and 12 or byte >= 192 and 6 or byte >= 128 and 0 or escaped and 2 or byte < 32 and 6 or 1
end

-- The last byte up to which a text fits into the room, and what it takes of that.
local function fitting(text, room)
  if #text <= room and not text:find("[%c\"\\\128-\255]") then return #text, #text end
  local taken = 0
  for place = 1, #text do
    local weight = WEIGHT[text:byte(place)]
    if taken + weight > room then return place - 1, taken end
    taken = taken + weight
  end
  return #text, taken
end

-- At most three quarters of the room that is left, so that one text leaves some to the next; and no half
-- of a character.
local function cut(text, state)
  local last, taken = fitting(text, math.floor(state.left * 3 / 4))
  if last < #text then
    state.cut = true
    text = text:sub(1, last):gsub("[\192-\247][\128-\191]*$", "")
  end
  state.left = state.left - taken
  return text
end

-- Values -------------------------------------------------------------------------------------

-- Of a text that is too long only so much more is looked through: a secret that the end would split is whole
-- there, and what of that is left over goes.
local BEYOND = 4096

local function clean_text(text, state)
  local longest = math.floor(state.left * 3 / 4)
  local long = #text > longest + BEYOND
  if long then
    state.cut = true
    text = text:sub(1, longest + BEYOND)
  end
  if text:find("[\128-\255]") then text = text:gsub("[\128-\255]+", repaired) end
  text = redacted(text)
  if long then text = text:sub(1, -BEYOND - 1):gsub("[\192-\247][\128-\191]*$", "") end
  return cut(text, state)
end

-- Whether there is room for something of so many bytes in JSON, which it then takes.
local function takes(bytes, state)
  if bytes > state.left then
    state.cut = true
    return false
  end
  state.left = state.left - bytes
  return true
end

-- Bytes of a value that is no text, and of what stands around any.
local function weight_of(value)
  if type(value) ~= "number" then return 5 end
  return value % 1 == 0 and math.abs(value) < 1e15 and #string.format("%.0f", value) + 1 or 25
end

-- The name under which a field is kept: two that are alike once cleaned both stay.
local function numbered(name, found, counts)
  local first = name
  while found[name] ~= nil do
    counts[first] = (counts[first] or 1) + 1
    name = first .. "_" .. counts[first]
  end
  return name
end

local function held_back(name, value)
  if not is_secret(name) then return false end
  return not (type(value) == "number" and is_counted(name))
end

-- The fields by which maps hold a header or a setting: its name in one, its value in another.
local NAMED, VALUED = { "name", "key", "header" }, { value = true, values = true, val = true }

local function names_secret(map)
  for _, field in ipairs(NAMED) do
    for _, name in ipairs({ field, field:sub(1, 1):upper() .. field:sub(2) }) do
      if type(map[name]) == "string" and is_secret(map[name]) then return true end
    end
  end
  return false
end

local cleaned

-- Names and their values may follow each other, as servers hold headers.
local function cleaned_list(list, depth, state)
  local found = {}
  for place = 1, #list do
    if not takes(weight_of(list[place]), state) then break end
    local before = list[place - 1]
    local secret = type(before) == "string" and type(list[place]) == "string" and is_secret(before)
    found[place] = secret and MARK or cleaned(list[place], depth + 1, state)
  end
  return found
end

local function cleaned_map(map, depth, state)
  local found, counts, named = {}, {}, names_secret(map)
  for key, item in pairs(map) do
    local name = tostring(key)
    if not takes(weight_of(item) + 4, state) then break end
    local secret = held_back(name, item) or named and VALUED[name:lower()]
    name = numbered(clean_text(name, state), found, counts)
    found[name] = secret and MARK or cleaned(item, depth + 1, state)
  end
  return found
end

-- Any value, with secrets, broken characters and what is too deep or too long taken out.
function cleaned(value, depth, state)
  if type(value) == "string" then return clean_text(value, state) end
  if type(value) ~= "table" then return value end
  if depth > CONTRACT.deepest then
    state.cut = true
    return MARK
  end
  return (#value > 0 and cleaned_list or cleaned_map)(value, depth, state)
end

-- The contract -------------------------------------------------------------------------------

local function is_of(kind, value)
  if kind == "any" then return true end
  if kind == "number" then return type(value) == "number" end
  if type(value) ~= "string" then return false end
  if kind == "text" then return value ~= "" end
  local form = CONTRACT.types[kind]
  if type(form) == "string" then return value:find(form) ~= nil end
  for _, known in ipairs(form) do
    if value == known then return true end
  end
  return false
end

local function is_required(field, record)
  if type(field.required) ~= "table" then return field.required end
  for _, level in ipairs(field.required.levels) do
    if record.level == level then return true end
  end
  for _, other in ipairs(field.required.beside) do
    if record[other] == nil then return false end
  end
  return #field.required.beside > 0
end

-- What is wrong with a record, in the order of the fields.
local function faults(record)
  local found = {}
  for _, field in ipairs(CONTRACT.fields) do
    local value = record[field.name]
    if not field.made and value == nil and is_required(field, record) then
      found[#found + 1] = field.name .. " is missing"
    elseif not field.made and value ~= nil and not is_of(field.type, value) then
      found[#found + 1] = field.name .. " is no " .. field.type
    end
  end
  return found
end

-- Names that other programs have for a field, where the line has not the field itself.
local function renamed(record)
  for name, others in pairs(CONTRACT.aliases) do
    for _, other in ipairs(others) do
      if record[name] == nil and record[other] ~= nil then
        record[name], record[other] = record[other], nil
      end
    end
  end
end

-- What goes beside the line is of its type, or keeps another name within the line.
local function set_aside(record)
  for _, field in ipairs(CONTRACT.fields) do
    local value = record[field.name]
    if ASIDE[field.name] and value ~= nil and not is_of(field.type, value) then
      record[CONTRACT.clash .. field.name], record[field.name] = value, nil
    end
  end
end

-- The fields that the contract knows come first: there is always room for them.
local function of_json(fields, state)
  local record, counts, named = {}, {}, names_secret(fields)
  for _, field in ipairs(CONTRACT.fields) do
    local value = fields[field.name]
    if value ~= nil and not field.made and takes(#field.name + weight_of(value) + 4, state) then
      record[field.name] = cleaned(value, 1, state)
    end
  end
  for key, value in pairs(fields) do
    if MADE[key] ~= false then
      if not takes(weight_of(value) + 4, state) then break end
      local name = clean_text(key, state)
      if MADE[name] or record[name] ~= nil then name = CONTRACT.clash .. name end
      local secret = held_back(key, value) or named and VALUED[key:lower()]
      record[numbered(name, record, counts)] = secret and MARK or cleaned(value, 1, state)
    end
  end
  renamed(record)
  record.format = "json"
  return record
end

local function of_text(line, state)
  local record = { event = clean_text(line, state), format = "text" }
  for level, starts in pairs(CONTRACT.text_levels) do
    for _, start in ipairs(starts) do
      if line:find(start, 1, true) == 1 then record.level = level end
    end
  end
  return record
end

local function shaped(raw)
  local state = { left = CONTRACT.longest, cut = false }
  local fields, pod = raw[CONTRACT.lifted], raw.kubernetes or {}
  local record = fields and of_json(fields, state) or of_text(tostring(raw.log or ""), state)
  record.timestamp = record.timestamp or raw.time
  record.app = (pod.labels or {}).app
  record.contract = "none"
  if CONTRACT.services[record.app or ""] and pod.namespace_name == CONTRACT.namespace then
    local found = record.format == "json" and faults(record) or { "the line is no JSON" }
    record.contract = #found == 0 and "kept" or "broken"
    record.contract_errors = #found > 0 and table.concat(found, ", ") or nil
  end
  set_aside(record)
  record.service = record.service or CONTRACT.services[record.app or ""] or record.app
  record.namespace, record.container = pod.namespace_name, pod.container_name
  record.pod, record.node = pod.pod_name, pod.host
  record.stream = raw.stream
  record.truncated = state.cut or nil
  return record
end

-- Fluent Bit's entry. A record at which this fails is kept without its text: that was not cleaned.
function shape(tag, time, raw)
  local fine, record = pcall(shaped, raw)
  if not fine then
    record = { event = MARK, format = "text", contract = "broken", contract_errors = "the filter failed" }
  end
  return 2, time, record
end
