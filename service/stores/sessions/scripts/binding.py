"""A session is bound to a key of its browser's, and its browser proves that it has the key."""

from __future__ import annotations

from service.core.redis.scripts import NOW, Script
from service.stores.sessions.layout import KEY_FIELDS
from service.stores.sessions.scripts.shared import CURE, READ, SHOWN

_FIELDS = f"""
local key_fields = {{{", ".join(f"'{name}'" for name in KEY_FIELDS)}}}
local function living(key, idle)
  local session = read(key)
  return session and now < ends_at(session, tonumber(idle)) and session
end
"""

# KEYS session. ARGV shift, idle ms, the tag of the key, the time in the challenge ms, the key in pieces. Returns nil
# for a session that is over; 1 when it is bound to the key now, 2 when it was before, 0 when it is bound to another.
BIND = Script(
    "bind",
    NOW
    + READ
    + SHOWN
    + _FIELDS
    + """
if not living(KEYS[1], ARGV[2]) then return nil end
local _, _, _, _, tag, jkt = shown(KEYS[1])
if tag ~= '' or jkt ~= '' then return tag == ARGV[3] and 2 or 0 end
for i, name in ipairs(key_fields) do
  if ARGV[i + 4] then redis.call('HSET', KEYS[1], name, ARGV[i + 4]) end
end
redis.call('HSET', KEYS[1], 'tag', ARGV[3], 'proven_at', ARGV[4])
return 1
""",
    CURE,
    deed=True,
)

# KEYS session. ARGV shift, idle ms. Returns nil for a session that is over; {''} for one that no browser's key is bound
# to, else {tag, proven_at, its age ms, the key in pieces}.
HELD = Script(
    "held",
    NOW
    + READ
    + SHOWN
    + _FIELDS
    + """
local session = living(KEYS[1], ARGV[2])
if not session then return nil end
local _, _, _, _, tag = shown(KEYS[1])
if tag == '' then return {''} end
local found = {tag, redis.call('HGET', KEYS[1], 'proven_at') or '0', text(now - session.created_at)}
for _, piece in ipairs(redis.call('HMGET', KEYS[1], unpack(key_fields))) do
  if not piece then break end
  found[#found + 1] = piece
end
return found
""",
    CURE,
)

# KEYS session. ARGV shift, idle ms, the tag of the key that has signed, the time in the challenge ms. Returns nil for
# a session that is over, or isn't bound to that key; 1 when the proof is its newest, 0 when the challenge is no newer
# than that of one before.
PROVE = Script(
    "prove",
    NOW
    + READ
    + SHOWN
    + _FIELDS
    + """
if not living(KEYS[1], ARGV[2]) then return nil end
local _, _, _, _, tag = shown(KEYS[1])
if tag ~= ARGV[3] then return nil end
if tonumber(ARGV[4]) <= tonumber(redis.call('HGET', KEYS[1], 'proven_at') or '0') then return 0 end
redis.call('HSET', KEYS[1], 'proven_at', ARGV[4])
return 1
""",
    CURE,
    deed=True,
)
