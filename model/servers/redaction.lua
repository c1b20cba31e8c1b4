-- Takes secrets out of texts, and knows names of secrets. A line has 200 kB, so every loop goes on behind what
-- it looked at, and what looks back or ahead of a place does so over a bounded length.

local MARK = CONTRACT.redaction.mark
local MOST_NAME, MOST_BEFORE, MOST_WORD, MOST_LIST = 64, 64, 1024, 4096

-- Names --------------------------------------------------------------------------------------

-- A name without what makes no difference.
local function plain(name)
  return (name:sub(-MOST_NAME):lower():gsub("[^%w\128-\255]", ""):gsub("%d+$", ""))
end

local function set_of(names)
  local found, lengths, seen = {}, {}, {}
  for _, name in ipairs(names) do
    name = plain(name)
    found[name] = true
    if not seen[#name] then lengths[#lengths + 1], seen[#name] = #name, true end
  end
  return { names = found, lengths = lengths }
end

local KEYS, WHOLE = set_of(CONTRACT.redaction.keys), set_of(CONTRACT.redaction.whole)
local HEADERS, PARAMETERS = set_of(CONTRACT.redaction.headers), set_of(CONTRACT.redaction.parameters)

local function ends_in(set, name)
  for _, length in ipairs(set.lengths) do
    if set.names[name:sub(-length)] then return true end
  end
  return false
end

local function is_secret(name)
  name = plain(name)
  return WHOLE.names[name] or ends_in(KEYS, name)
end

-- Whether a figure under this name is a count.
local function is_counted(name)
  return WHOLE.names[plain(name)] ~= nil
end

-- Where a text has none of these, no name in it is one of a secret: the keys without those that hold another.
local STEMS = {}
for name in pairs(KEYS.names) do
  local least = true
  for other in pairs(KEYS.names) do
    if other ~= name and name:find(other, 1, true) then least = false end
  end
  if least then STEMS[#STEMS + 1] = name end
end
for name in pairs(WHOLE.names) do STEMS[#STEMS + 1] = name end

local function may_have_names(text)
  if text:find("[?&]") then return true end
  local low = text:lower():gsub("[-_.]", "")
  for _, stem in ipairs(STEMS) do
    if low:find(stem, 1, true) then return true end
  end
  return false
end

-- What follows a name ------------------------------------------------------------------------

-- The end of the line of a place, for places that only grow.
local function line_ends(text)
  local feed = 0
  return function(place)
    if feed < place then feed = text:find("[\r\n]", place) or #text + 1 end
    return feed - 1
  end
end

-- The last byte of a value in quotes. Each time that a text was escaped, a backslash came before each quote and
-- each backslash: its own quotes have as many as the first one, those within it more.
local function last_quoted(text, place, quote, level, line_end)
  local from = place
  while true do
    local found = text:find(quote, from, true)
    if not found or found > line_end then return line_end end
    local first = found
    while first > place and text:byte(first - 1) == 92 do first = first - 1 end
    local run = found - first
    if run < level or (run - level) % (2 * (level + 1)) == 0 then return found - math.min(run, level) - 1 end
    from = found + 1
  end
end

-- Where the value begins, and whether only one in quotes is meant: that is so behind a comma, in lists.
local function behind(text, place)
  local at = text:match("^\\*[\"']?%]?%s*()", place)
  local value = text:match("^[:=]+>?%s*()", at) or text:match("^%%3[AaDd]()", at)
  if value then return value, false end
  value = text:match("^,%s*\\*[\"']?[Vv]alues?\\*[\"']?%s*[:=]+%s*()", at)
  if value then return value, false end
  return text:match("^,%s*()", at), true
end

local NOTHING = { ["none"] = true, ["null"] = true, ["nil"] = true, ["true"] = true, ["false"] = true }

-- First and last byte of the value of a secret's name.
local function value_of(text, place, kind, line_end)
  local value, quoted = behind(text, place)
  if not value then return end
  local escapes, quote, inner = text:match("^[bBfFrRuU]?(\\*)([\"'])()", value)
  if quote then return inner, last_quoted(text, inner, quote, #escapes, line_end(inner)) end
  if quoted then return end
  if text:find("^[%[{(]", value) then
    local bracket = text:sub(value, value)
    local pair = bracket == "[" and "^%b[]()" or bracket == "{" and "^%b{}()" or "^%b()()"
    local stop = text:sub(value, value + MOST_LIST):match(pair)
    return value, stop and value + stop - 2 or line_end(value)
  end
  if kind.header then
    if text:find("^[^%s\\]", value) then return value, line_end(value) end
    return
  end
  local stop = text:match(kind.parameter and "^[^%s\"'&#]+()" or "^[^%s\"'\\,;&})%]]+()", value)
  if not stop then return end
  local word = text:sub(value, math.min(stop - 1, value + 32))
  if NOTHING[word:lower()] or kind.counted and word:find("^[%d.]+$") then return end
  return value, stop - 1
end

-- What a name in a text says of what follows: nothing where it is none of a secret.
local function kind_of(text, first, last)
  local name = plain(text:sub(math.max(first, last - MOST_NAME), last))
  if ends_in(KEYS, name) then return { header = ends_in(HEADERS, name) } end
  if WHOLE.names[name] then return { counted = true } end
  local before = text:sub(first - 1, first - 1)
  if (before == "?" or before == "&") and PARAMETERS.names[name] then return { parameter = true } end
end

local function without_named(text)
  if not may_have_names(text) then return text end
  local parts, done, place, line_end = {}, 1, 1, line_ends(text)
  while true do
    local first, last = text:find("[%w_.-]+", place)
    if not first then break end
    place = last + 1
    local kind = text:find("^[\\\"'%]%s:=,%%]", place) and kind_of(text, first, last)
    local from, stop
    if kind then from, stop = value_of(text, place, kind, line_end) end
    if from and stop >= from then
      parts[#parts + 1], parts[#parts + 2] = text:sub(done, from - 1), MARK
      done, place = stop + 1, stop + 1
    end
  end
  parts[#parts + 1] = text:sub(done)
  return table.concat(parts)
end

-- Values by their look -----------------------------------------------------------------------

-- First and last byte of a secret whose hint stands there; `done` is where the rest of the text begins.
local function seen_at(text, look, first, last, done)
  if look.edge and first > 1 and text:find("^%w", first - 1) then return end
  local from, stop = first, nil
  local begin, after = text:match("^" .. look.lua .. "()", last + 1)
  if not begin then return end
  -- Without a place of its own in the pattern the only one is that of its end.
  if after then from, stop = begin, after - 1 else stop = begin - 1 end
  if look.before then
    local back = text:sub(math.max(done, first - MOST_BEFORE), first - 1):reverse():match("^" .. look.before .. "+")
    if not back then return end
    from = first - #back
  elseif look.through then
    local ahead = text:sub(from, from + MOST_WORD)
    if not ahead:find(look.through, 1, true) then return end
    local at = (ahead:match("^[^%s\"'<>]+") or ""):match("^.*()" .. look.through)
    stop = at and from + at - 2 or 0
  elseif look["until"] then
    stop = (text:find(look["until"], from, true) or #text + 1) - 1
  end
  if stop >= from then return from, stop end
end

local function without_look(text, look)
  local searched = look.any_case and text:lower() or text
  local parts, done, place = {}, 1, 1
  while true do
    local first, last = searched:find(look.hint, place, true)
    if not first then break end
    place = last + 1
    local from, stop = seen_at(text, look, first, last, done)
    if from then
      parts[#parts + 1], parts[#parts + 2] = text:sub(done, from - 1), MARK
      done, place = stop + 1, math.max(place, stop + 1)
    elseif look.run then
      place = text:match("^[%w_-]*()", place)
    end
  end
  if done == 1 then return text end
  parts[#parts + 1] = text:sub(done)
  return table.concat(parts)
end

local function redacted(text)
  text = without_named(text)
  for _, look in ipairs(CONTRACT.redaction.looks) do text = without_look(text, look) end
  return text
end
