"""An access token is shown: its session is looked at, and is in use."""

from __future__ import annotations

from service.core.redis.scripts import NOW, Script
from service.stores.sessions.scripts.shared import CURE, INDEX, READ, SHOWN

# KEYS session, index. ARGV shift, sid, the access token's gen, idle ms, how stale last_used_at may get in ms.
# Returns nil for a session that is over, or a token from before two were found to hold its tokens (see ROTATE); else
# {now, valid_from, auth_at, factor_at, gen, ack, last_used_at, until, least, amr, level, phr, binding}: until when it
# goes on if nothing happens, and nobody has set its key to expire earlier; and the first generation whose tokens are
# good.
CHECK = Script(
    "check",
    NOW
    + READ
    + SHOWN
    + INDEX
    + """
local key, index = KEYS[1], KEYS[2]
local gen, idle = tonumber(ARGV[3]), tonumber(ARGV[4])
local session = read(key)
if not session or now >= ends_at(session, idle) then return nil end
local amr, level, factor_at, phr, tag, jkt = shown(key)
local least = tag ~= '' and tonumber(redis.call('HGET', key, 'least') or nil) or 0
if gen < least then return nil end
local acknowledges = gen == session.gen and session.ack ~= gen
if acknowledges or now - session.last_used_at >= tonumber(ARGV[5]) then
  -- pcall: a Redis that is full or read-only still answers reads, and a plain request is a read.
  redis.pcall('HSET', key, 'last_used_at', text(now), 'ack', text(acknowledges and gen or session.ack))
  remember(index, ARGV[2], ends_at(session, idle))
end
local left = redis.call('PTTL', key)
local ends = ends_at(session, idle)
return {text(now), text(session.valid_from), text(session.auth_at), factor_at, text(session.gen), text(session.ack),
        text(session.last_used_at), text(left < 0 and ends or math.min(ends, now + left)), text(least), amr, level,
        phr, binding(tag, jkt)}
""",
    CURE,
)

# KEYS session. ARGV shift, ms to add. Moves the time from which the session is valid to now and some, and returns it;
# nil when the session is over.
KEEP = Script(
    "keep",
    NOW
    + """
if redis.call('HEXISTS', KEYS[1], 'valid_from') == 0 then return nil end
local moment = text(now + tonumber(ARGV[2]))
redis.call('HSET', KEYS[1], 'valid_from', moment)
return moment
""",
    CURE,
    deed=True,
)
