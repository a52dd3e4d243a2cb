"""The user has proven again to be there: for a while, or for one call."""

from __future__ import annotations

from service.core.redis.scripts import NOW, Script
from service.stores.sessions.scripts.shared import CURE, READ, SHOWN

# A permit is a time until which the user counts as just there, for one call. Fields of the session's hash hold those
# that are left, one for each level: so they end with the session. The first has the name that it had when there was
# one level, and permits were called proofs: instances of that version may run beside this one.
_PERMITS = """
local fields = {'proofs', 'permits2'}
local function permits(key, level)
  local good = {}
  for moment in string.gmatch(redis.call('HGET', key, fields[level]) or '', '%d+') do
    if tonumber(moment) > now then good[#good + 1] = moment end
  end
  return good
end
local function store(key, level, left)
  if #left == 0 then redis.call('HDEL', key, fields[level])
  else redis.call('HSET', key, fields[level], table.concat(left, ' ')) end
end
"""

# KEYS session. ARGV shift, idle ms. Returns nil for a session that is over, else {now, valid_from, auth_at, factor_at,
# the level of the best permit that is left or 0, amr, level, phr}. Looking is no use of a session: nothing is written.
LOOK = Script(
    "look",
    NOW
    + READ
    + SHOWN
    + _PERMITS
    + """
local session = read(KEYS[1])
if not session or now >= ends_at(session, tonumber(ARGV[2])) then return nil end
local permitted = 0
for level = 1, #fields do
  if #permits(KEYS[1], level) > 0 then permitted = level end
end
local amr, level, factor_at, phr = shown(KEYS[1])
return {text(now), text(session.valid_from), text(session.auth_at), factor_at, text(permitted), amr, level, phr}
""",
    CURE,
)

# KEYS session. ARGV shift, level, how long the permit is good in ms, how many may wait. Returns 0 when the session is
# over.
PERMIT = Script(
    "permit",
    NOW
    + _PERMITS
    + """
if redis.call('HEXISTS', KEYS[1], 'auth_at') == 0 then return 0 end
local level = tonumber(ARGV[2])
local left = permits(KEYS[1], level)
left[#left + 1] = text(now + tonumber(ARGV[3]))
if #left > tonumber(ARGV[4]) then table.remove(left, 1) end
store(KEYS[1], level, left)
return 1
""",
    CURE,
    deed=True,
)

# KEYS session. ARGV shift, level. Uses up the permit that ends first, of the lowest level that will do. Returns 1 when
# there was one, else 0.
SPEND_PERMIT = Script(
    "spend_permit",
    NOW
    + _PERMITS
    + """
for level = tonumber(ARGV[2]), #fields do
  local left = permits(KEYS[1], level)
  if #left > 0 then
    table.remove(left, 1)
    store(KEYS[1], level, left)
    return 1
  end
end
return 0
""",
    CURE,
    deed=True,
)

# KEYS session. ARGV shift, amr, level, phr: what was shown just now. It is added to what was shown before. Returns 1,
# or 0 when the session is over.
STEP_UP = Script(
    "step_up",
    NOW
    + READ
    + SHOWN
    + """
local key = KEYS[1]
if not read(key) then return 0 end
local amr, level, factor_at, phr = shown(key)
local given = tonumber(ARGV[3])
local known, words = {}, {}
for word in string.gmatch(amr .. ' ' .. ARGV[2], '%S+') do
  if not known[word] then words[#words + 1] = word end
  known[word] = true
end
table.sort(words)
redis.call('HSET', key, 'auth_at', text(now), 'amr', table.concat(words, ' '),
           'level', text(math.max(tonumber(level), given)), 'factor_at', given > 1 and text(now) or factor_at,
           'phr', text(math.max(tonumber(phr), tonumber(ARGV[4]))))
return 1
""",
    CURE,
    deed=True,
)
