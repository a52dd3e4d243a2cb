"""A log-in that still owes something."""

from __future__ import annotations

from service.core.redis.scripts import NOW, Script
from service.stores.sessions.scripts.log_in import OPEN
from service.stores.sessions.scripts.shared import CURE, FORGET, INDEX, READ, SHOWN

# find(key, repeatable): the log-in if it can be gone on with, or was finished less than `repeatable` ms ago: its answer
# may have got lost.
_FIND = """
local function find(key, repeatable)
  local names = {'sid', 'proofs', 'valid_from', 'ends_at', 'network', 'standing', 'done_at', 'done_by'}
  local raw = redis.call('HMGET', key, unpack(names))
  local found = {}
  for i, name in ipairs(names) do
    found[name] = raw[i] or nil
    if not found[name] and i <= 6 then return nil end
  end
  found.valid_from, found.ends_at = tonumber(found.valid_from), tonumber(found.ends_at)
  if found.done_at then
    if now - tonumber(found.done_at) >= repeatable then return nil end
  elseif now >= found.ends_at then return nil end
  return found
end
"""

# KEYS pending. ARGV shift, life ms, sid, proofs, network, standing, valid_after ms. Returns when it ends.
BEGIN = Script(
    "begin",
    NOW
    + """
local life = tonumber(ARGV[2])
-- The cut-off may come from a clock ahead of this one.
local valid_from = math.max(now, tonumber(ARGV[7]))
redis.call('HSET', KEYS[1], 'sid', ARGV[3], 'proofs', ARGV[4], 'network', ARGV[5], 'standing', ARGV[6],
           'valid_from', text(valid_from), 'ends_at', text(now + life), 'attempts', '0')
redis.call('PEXPIRE', KEYS[1], text(life))
return text(now + life)
""",
    CURE,
    deed=True,
)

# KEYS pending. ARGV shift, repeatable ms. Returns nil, or {sid, proofs, valid_from, ends_at, network, standing}.
FIND = Script(
    "find",
    NOW
    + _FIND
    + """
local found = find(KEYS[1], tonumber(ARGV[2]))
if not found then return nil end
return {found.sid, found.proofs, text(found.valid_from), text(found.ends_at), found.network, found.standing}
""",
    CURE,
)

# KEYS pending. ARGV shift, a proof: one line that begins with its methods. It takes the place of an earlier one by the
# same methods. Returns when the log-in ends, nil when it is over or done.
ADD = Script(
    "add",
    NOW
    + _FIND
    + """
local found = find(KEYS[1], 0)
if not found then return nil end
local methods, lines = string.match(ARGV[2], '^%S+'), {}
for line in string.gmatch(found.proofs, '[^\\n]+') do
  if string.match(line, '^%S+') ~= methods then lines[#lines + 1] = line end
end
lines[#lines + 1] = ARGV[2]
redis.call('HSET', KEYS[1], 'proofs', table.concat(lines, '\\n'), 'attempts', '0')
return text(found.ends_at)
""",
    CURE,
    deed=True,
)

# KEYS pending. ARGV shift, repeatable ms, how many attempts there are. Counts one that was wrong; with the last of them
# the log-in is over. Returns how many are left, nil when it was over before.
FAIL = Script(
    "fail",
    NOW
    + _FIND
    + """
if not find(KEYS[1], tonumber(ARGV[2])) then return nil end
local left = tonumber(ARGV[3]) - redis.call('HINCRBY', KEYS[1], 'attempts', 1)
if left <= 0 then redis.call('UNLINK', KEYS[1]) end
return math.max(left, 0)
""",
    CURE,
    deed=True,
)

# KEYS pending, index. ARGV shift, repeatable ms, the methods of the last step, and what `open` takes.
# Returns {sid, now, ends_at, expires_at, displaced, amr, level, phr, jkt or ''}; the same again, but for what was
# displaced, where the same step was done a moment ago and its session is in its first generation still, for then the
# answer may have got lost; else nil. The key stays for as long as that may be.
FINISH = Script(
    "finish",
    NOW
    + READ
    + SHOWN
    + INDEX
    + FORGET
    + OPEN
    + _FIND
    + """
local key, index, repeatable = KEYS[1], KEYS[2], tonumber(ARGV[2])
local idle, valid_after = tonumber(ARGV[5]), tonumber(ARGV[8])
local found = find(key, repeatable)
if not found or found.valid_from < valid_after then return nil end
local sid = found.sid
if found.done_at then
  -- It is no older than the log-in, which has just been compared with the cut-off.
  local session = read(ARGV[4] .. sid)
  if found.done_by ~= ARGV[3] or not session or session.gen ~= 1 or now >= ends_at(session, idle) then return nil end
  redis.call('HSET', key, 'attempts', '0')
  local amr, level, _, phr, tag, jkt = shown(ARGV[4] .. sid)
  -- Whoever repeats the step has the same key: else what one client is bound to would be handed to another. A browser
  -- has got the answer if it has bound the session, for what it has signed is in it.
  if jkt ~= ARGV[15] or tag ~= '' then return nil end
  return {sid, text(session.auth_at), text(ends_at(session, idle)), text(session.expires_at), {}, amr, level, phr, jkt}
end
local expires_at, displaced = open(4, ARGV[4] .. sid, index, sid)
redis.call('HSET', key, 'done_at', text(now), 'done_by', ARGV[3], 'attempts', '0')
redis.call('PEXPIRE', key, text(repeatable))
return {sid, text(now), text(math.min(now + idle, expires_at)), text(expires_at), displaced, ARGV[11],
        ARGV[12], ARGV[13], ARGV[15]}
""",
    CURE,
    deed=True,
)
