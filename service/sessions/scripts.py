"""The Lua scripts of the session store: one atomic step each, on Redis's own clock.

Every key of a user is in one Cluster slot (`{<uid>}` is a hash tag), so keys whose names are made inside a script are
safe. ARGV[1] is always the clock's shift in milliseconds: zero but in tests, which move time by hand. Only LOG_IN
creates a session hash; nothing else can bring a deleted session back. A hash that lacks a field counts as deleted.
"""

from __future__ import annotations

from service.core.redis import NOW, Script

_READ = """
local function read(key)
  local names = {'gen', 'ack', 'rotated_at', 'handed_at', 'created_at', 'valid_from', 'last_used_at', 'auth_at',
                 'expires_at'}
  local raw = redis.call('HMGET', key, unpack(names))
  local session = {}
  for i, name in ipairs(names) do
    session[name] = tonumber(raw[i] or nil)
    if not session[name] then return nil end
  end
  return session
end
local function ends_at(session, idle) return math.min(session.rotated_at + idle, session.expires_at) end
"""

# The index is a hint for listing, so failing to write it (a full or read-only Redis: pcall) fails nothing else.
# It must outlive the longest of its sessions, and not much more.
_INDEX = """
local function remember(index, sid, ends)
  redis.pcall('ZADD', index, text(now), sid)
  if redis.call('PTTL', index) < ends - now then redis.pcall('PEXPIRE', index, text(ends - now)) end
end
local function forget(key, index, sid)
  redis.call('ZREM', index, sid)
  return redis.call('UNLINK', key)
end
"""

# KEYS session, index. ARGV shift, sid, key stem, idle ms, max ms, cap, valid_after ms, ip, user_agent, amr.
# Returns {now, expires_at, {sid of every session ended to make room}}.
LOG_IN = Script(
    NOW
    + _INDEX
    + """
local session, index, sid, stem = KEYS[1], KEYS[2], ARGV[2], ARGV[3]
local idle, cap = tonumber(ARGV[4]), tonumber(ARGV[6])
local expires_at = now + tonumber(ARGV[5])
local displaced = {}
if redis.call('ZCARD', index) >= cap then
  local living = {}
  for _, other in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    if redis.call('EXISTS', stem .. other) == 1 then living[#living + 1] = other
    else redis.call('ZREM', index, other) end
  end
  for i = 1, #living - cap + 1 do
    forget(stem .. living[i], index, living[i])
    displaced[#displaced + 1] = living[i]
  end
end
-- The cut-off may come from a clock ahead of this one: a log-in after it must not be dead on arrival.
local valid_from = math.max(now, tonumber(ARGV[7]))
redis.call('HSET', session, 'gen', '1', 'ack', '0', 'rotated_at', text(now), 'handed_at', '0', 'created_at', text(now),
           'valid_from', text(valid_from), 'last_used_at', text(now), 'auth_at', text(now),
           'expires_at', text(expires_at), 'ip', ARGV[8], 'user_agent', ARGV[9], 'amr', ARGV[10])
local ends = math.min(now + idle, expires_at)
redis.call('PEXPIRE', session, text(ends - now))
remember(index, sid, ends)
return {text(now), text(expires_at), displaced}
"""
)

# KEYS session, index. ARGV shift, sid, presented gen, grace ms, idle ms, valid_after ms, the token's end ms,
# ip, user_agent. Returns {outcome, gen, ends_at, auth_at, expires_at, unanswered, ip, user_agent}: how many generations
# were made since one was last known to be received, and for whom the last was made before this; or {"reused", made_at,
# ip, user_agent}, {"expired"}, {"revoked"}.
#
# Four generations are told apart. `gen` is the newest, `prev` what it was made from. `ack` is the last of the two that
# its client is known to have: it was shown for a refresh, or its access token for a call. `spare` was handed out in the
# moment before `gen` was made: of two answers that overtook one another, the client may have kept the earlier one.
# Whatever else is shown was spent or passed over. No honest client has it any more: two hold this session's tokens.
#
# `handed_at` is when `gen` was last handed out again, `caught_up_at` when that last gave it to who may not have had it:
# the answers before may have got lost, so calls of that moment are as those of its birth.
ROTATE = Script(
    NOW
    + _READ
    + _INDEX
    + """
local key, index, sid = KEYS[1], KEYS[2], ARGV[2]
local presented, grace, idle = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local session = read(key)
if not session or now >= ends_at(session, idle) then
  local expired = now >= tonumber(ARGV[7]) or (session and now >= session.expires_at)
  forget(key, index, sid)
  return {expired and 'expired' or 'revoked'}
end
if session.valid_from < tonumber(ARGV[6]) then
  forget(key, index, sid)
  return {'revoked'}
end
-- The first three came later: a session of before has none.
local prev, spare, caught_up_at, ip, user_agent =
  unpack(redis.call('HMGET', key, 'prev', 'spare', 'caught_up_at', 'ip', 'user_agent'))
session.prev = tonumber(prev or nil) or session.gen - 1
session.spare = tonumber(spare or nil) or 0
session.caught_up_at = tonumber(caught_up_at or nil) or 0
local age, caught_up = now - session.rotated_at, now - session.caught_up_at
local received = session.ack == session.gen
local before = presented == session.prev or presented == session.spare
local outcome
if session.gen > 1 and (presented == session.gen and (age < grace or caught_up < grace) or
    before and (age <= grace or received and caught_up <= grace)) then
  -- Calls that ran at once each refresh with the token that is stored when their turn comes: an earlier one, or the one
  -- that an earlier of them has just stored. One rotation must do for all of them, or the slowest looks like a thief.
  outcome = 'replayed'
  if presented == session.gen then session.ack = presented
  elseif not received then session.caught_up_at = now end
  redis.pcall('HSET', key, 'ack', text(session.ack), 'handed_at', text(now), 'caught_up_at', text(session.caught_up_at))
elseif presented >= session.gen or presented == session.ack or presented == session.spare then
  -- At the newest the session moves on. Ahead of it: a failover lost a rotation that was answered, and the MAC proves
  -- the token is ours. Behind it: the answer was lost, and if it was not, then somebody else has it. So the next one is
  -- a new one: who has the lost one has it from a theft, and is found out when he shows it.
  outcome = presented < session.gen and presented ~= session.ack and 'parted' or 'rotated'
  -- Handed out a moment ago, it may arrive after the one made now, and be what the client keeps.
  session.spare = now - session.handed_at < grace and session.gen or 0
  session.ack, session.prev = presented, presented
  session.gen = math.max(session.gen, presented) + 1
  session.rotated_at = now
  redis.call('HSET', key, 'gen', text(session.gen), 'ack', text(session.ack), 'prev', text(session.prev),
             'spare', text(session.spare), 'rotated_at', text(now), 'handed_at', '0', 'caught_up_at', '0',
             'last_used_at', text(now), 'ip', ARGV[8], 'user_agent', ARGV[9])
  local ends = ends_at(session, idle)
  redis.call('PEXPIRE', key, text(ends - now))
  remember(index, sid, ends)
else
  forget(key, index, sid)
  return {'reused', text(session.rotated_at), ip or '', user_agent or ''}
end
return {outcome, text(session.gen), text(ends_at(session, idle)), text(session.auth_at), text(session.expires_at),
        text(session.gen - session.ack), ip or '', user_agent or ''}
"""
)

# KEYS session, index. ARGV shift, sid, the access token's gen, idle ms, how stale last_used_at may get in ms.
# Returns nil for a session that is over, else {now, valid_from, auth_at}.
CHECK = Script(
    NOW
    + _READ
    + _INDEX
    + """
local key, index = KEYS[1], KEYS[2]
local gen, idle = tonumber(ARGV[3]), tonumber(ARGV[4])
local session = read(key)
if not session or now >= ends_at(session, idle) then return nil end
local acknowledges = gen == session.gen and session.ack ~= gen
if acknowledges or now - session.last_used_at >= tonumber(ARGV[5]) then
  -- pcall: a Redis that is full or read-only still answers reads, and a plain request is a read.
  redis.pcall('HSET', key, 'last_used_at', text(now), 'ack', text(acknowledges and gen or session.ack))
  remember(index, ARGV[2], ends_at(session, idle))
end
return {text(now), text(session.valid_from), text(session.auth_at)}
"""
)

# KEYS session. ARGV shift, 'valid_from' or 'auth_at', ms to add. Sets that time to now and some, and returns it; nil
# when the session is over.
STAMP = Script(
    NOW
    + """
if redis.call('HEXISTS', KEYS[1], ARGV[2]) == 0 then return nil end
local moment = text(now + tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], ARGV[2], moment)
return moment
"""
)

# KEYS session, index. ARGV shift, sid. Returns 1 when there was a session, else 0.
END = Script(NOW + _INDEX + "return forget(KEYS[1], KEYS[2], ARGV[2])")

# KEYS index. ARGV shift, key stem, the sid to keep or '', the cut-off in ms or '' for all. Returns how many sessions it
# ended. One that was opened after the cut-off isn't: its user may have logged in again before this came.
END_ALL = Script(
    NOW
    + _INDEX
    + """
local ended = 0
local before = tonumber(ARGV[4])
for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local key = ARGV[2] .. sid
  local valid_from = before and tonumber(redis.call('HGET', key, 'valid_from') or nil)
  if sid ~= ARGV[3] and not (valid_from and valid_from >= before) then ended = ended + forget(key, KEYS[1], sid) end
end
return ended
"""
)

# KEYS index. ARGV shift, key stem, idle ms. Removes what is over from the index, and returns
# {sid, created_at, last_used_at, ends_at, ip, user_agent, valid_from} of every living session, the one used last first.
LIST = Script(
    NOW
    + _READ
    + """
local found = {}
for _, sid in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
  local key = ARGV[2] .. sid
  local session = read(key)
  if session and now < ends_at(session, tonumber(ARGV[3])) then
    local where = redis.call('HMGET', key, 'ip', 'user_agent')
    found[#found + 1] = {sid, text(session.created_at), text(session.last_used_at),
                         text(ends_at(session, tonumber(ARGV[3]))), where[1] or '', where[2] or '',
                         text(session.valid_from)}
  else
    redis.call('ZREM', KEYS[1], sid)
  end
end
return found
"""
)

# KEYS sessions. ARGV shift, idle ms. Returns {now, and for each session when it ends if it isn't used, or '' if over}.
# Looking is no use of a session: nothing is written.
SURVEY = Script(
    NOW
    + _READ
    + """
local found = {text(now)}
for _, key in ipairs(KEYS) do
  local session = read(key)
  local ends = session and ends_at(session, tonumber(ARGV[2]))
  found[#found + 1] = ends and now < ends and text(ends) or ''
end
return found
"""
)

# KEYS index: it only leads a cluster's client to the user's node. ARGV shift. Returns Redis's time in ms.
TIME = Script(NOW + "return text(now)")

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
    NOW
    + _READ
    + _PROOFS
    + """
local session = read(KEYS[1])
if not session or now >= ends_at(session, tonumber(ARGV[2])) then return nil end
return {text(now), text(session.valid_from), text(session.auth_at), text(#proofs(KEYS[1]))}
"""
)

# KEYS session. ARGV shift, how long the proof is good in ms, how many may wait. Returns 0 when the session is over.
PROVE = Script(
    NOW
    + _PROOFS
    + """
if redis.call('HEXISTS', KEYS[1], 'auth_at') == 0 then return 0 end
local left = proofs(KEYS[1])
left[#left + 1] = text(now + tonumber(ARGV[2]))
if #left > tonumber(ARGV[3]) then table.remove(left, 1) end
store(KEYS[1], left)
return 1
"""
)

# KEYS session. ARGV shift. Uses up the proof that ends first. Returns 1 when there was one, else 0.
SPEND_PROOF = Script(
    NOW
    + _PROOFS
    + """
local left = proofs(KEYS[1])
if #left == 0 then return 0 end
table.remove(left, 1)
store(KEYS[1], left)
return 1
"""
)

for _name, _script in list(globals().items()):  # traces call them what we call them
    if isinstance(_script, Script):
        _script.name = _name.lower()
