"""The password was given again: for a while, or for one call."""

from __future__ import annotations

from service.core.redis.client import NOW, Script
from service.stores.sessions.scripts.shared import READ

# A proof is a time until which the password counts as just given, for one call. A field of the session's hash holds
# those that are left: so they end with the session.
_PROOFS = """
local function proofs(key)
  local good = {}
  for moment in string.gmatch(redis.call('HGET', key, 'proofs') or '', '%d+') do
    if tonumber(moment) > now then good[#good + 1] = moment end
  end
  return good
end
local function store(key, left)
  if #left == 0 then redis.call('HDEL', key, 'proofs')
  else redis.call('HSET', key, 'proofs', table.concat(left, ' ')) end
end
"""

# KEYS session. ARGV shift, idle ms. Returns nil for a session that is over, else {now, valid_from, auth_at, how many
# proofs are left}. Looking is no use of a session: nothing is written.
LOOK = Script(
    "look",
    NOW
    + READ
    + _PROOFS
    + """
local session = read(KEYS[1])
if not session or now >= ends_at(session, tonumber(ARGV[2])) then return nil end
return {text(now), text(session.valid_from), text(session.auth_at), text(#proofs(KEYS[1]))}
""",
)

# KEYS session. ARGV shift, how long the proof is good in ms, how many may wait. Returns 0 when the session is over.
PROVE = Script(
    "prove",
    NOW
    + _PROOFS
    + """
if redis.call('HEXISTS', KEYS[1], 'auth_at') == 0 then return 0 end
local left = proofs(KEYS[1])
left[#left + 1] = text(now + tonumber(ARGV[2]))
if #left > tonumber(ARGV[3]) then table.remove(left, 1) end
store(KEYS[1], left)
return 1
""",
)

# KEYS session. ARGV shift. Uses up the proof that ends first. Returns 1 when there was one, else 0.
SPEND_PROOF = Script(
    "spend_proof",
    NOW
    + _PROOFS
    + """
local left = proofs(KEYS[1])
if #left == 0 then return 0 end
table.remove(left, 1)
store(KEYS[1], left)
return 1
""",
)
