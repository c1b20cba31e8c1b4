-- Makes one record of a line, as config/log_fields.yaml says; CONTRACT is that file.

local MARK = CONTRACT.redaction.mark
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

-- At most three quarters of the room that is left, so that one text leaves some to the next; and no half
-- of a character.
local function cut(text, state)
  local room = math.floor(state.left * 3 / 4)
  if #text > room then
    state.cut = true
    text = text:sub(1, room):gsub("[\192-\247][\128-\191]*$", "")
  end
  state.left = state.left - #text
  return text
end

-- Redaction ----------------------------------------------------------------------------------

local function either_case(name)
  return (name:gsub("%a", function(letter)
    return "[" .. letter:upper() .. letter:lower() .. "]"
  end):gsub("_", "[-_]?"))
end

local KEYS, HEADERS, WORDS = {}, {}, {}

-- A name, what stands between it and its value, and the value: in quotes, or without.
local function add_word(key, quoted, bare)
  local start = either_case(key) .. "\\*[\"']?%s*"
  local patterns = {
    "(" .. start .. "[:=,]%s*[bB]?\\*[\"'])" .. quoted,
    "(" .. start .. "[:=]%s*)" .. bare,
  }
  for _, pattern in ipairs(patterns) do
    WORDS[#WORDS + 1] = { hint = key:gsub("_", ""), pattern = pattern, put = "%1" .. MARK }
  end
end

for _, key in ipairs(CONTRACT.redaction.headers) do HEADERS[key] = true end
for _, key in ipairs(CONTRACT.redaction.keys) do
  KEYS[key] = true
  -- A header goes to the end of its line: it has blanks and semicolons.
  add_word(key, "[^\"'\\\r\n]+", HEADERS[key] and "[^%s\"'\\][^\r\n]*" or "[^%s\"'\\,;&})%]]+")
end

local function redacted(text)
  local low = text:lower()
  local joined = low:gsub("[-_]", "")
  for _, word in ipairs(WORDS) do
    if joined:find(word.hint, 1, true) then text = text:gsub(word.pattern, word.put) end
  end
  for _, look in ipairs(CONTRACT.redaction.looks) do
    if low:find(look.hint, 1, true) then
      text = text:gsub(look.lua, look.put .. MARK .. look.tail)
    end
  end
  return text
end

local function is_secret(name)
  name = name:gsub("(%l)(%u)", "%1_%2"):lower():gsub("-", "_")
  if KEYS[name] then return true end
  for key in pairs(KEYS) do
    if name:sub(-#key - 1) == "_" .. key then return true end
  end
  return false
end

local function clean_text(text, state)
  if text:find("[\128-\255]") then text = text:gsub("[\128-\255]+", repaired) end
  return cut(redacted(text), state)
end

-- Any value, with secrets, broken characters and what is too deep or too long taken out.
local function cleaned(value, depth, state)
  if type(value) == "string" then return clean_text(value, state) end
  if type(value) ~= "table" then return value end
  if depth > CONTRACT.deepest then
    state.cut = true
    return MARK
  end
  local found = {}
  -- A pair of a name and its value, as servers hold headers.
  if #value == 2 and type(value[1]) == "string" and is_secret(value[1]) then return { value[1], MARK } end
  for key, item in pairs(value) do
    if type(key) == "string" then
      local secret = is_secret(key)
      found[clean_text(key, state)] = secret and MARK or cleaned(item, depth + 1, state)
    else
      found[key] = cleaned(item, depth + 1, state)
    end
  end
  return found
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
  local record = {}
  for _, field in ipairs(CONTRACT.fields) do
    local value = fields[field.name]
    if value ~= nil and not field.made then record[field.name] = cleaned(value, 1, state) end
  end
  for key, value in pairs(fields) do
    if MADE[key] ~= false then
      local name = clean_text(key, state)
      while MADE[name] or record[name] ~= nil do name = CONTRACT.clash .. name end
      record[name] = is_secret(key) and MARK or cleaned(value, 1, state)
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
