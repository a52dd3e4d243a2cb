"""A session begins."""

from __future__ import annotations

from service.core.redis.scripts import NOW, Script
from service.stores.sessions.scripts.shared import AGENT, CURE, FORGET, INDEX

# open(first, session, index, sid): ARGV from `first` on are key stem, idle ms, max ms, cap, valid_after ms, ip,
# user_agent, amr, level, phr, name or '', jkt or ''. Returns expires_at, and the sid of every session that was ended to
# make room.
OPEN = (
    AGENT
    + """
local function open(first, session, index, sid)
  local stem, idle, cap = ARGV[first], tonumber(ARGV[first + 1]), tonumber(ARGV[first + 3])
  local expires_at = now + tonumber(ARGV[first + 2])
  local displaced = {}
  if redis.call('ZCARD', index) >= cap then
    local living = {}
    for _, other in ipairs(redis.call('ZRANGE', index, 0, -1)) do
      if redis.call('EXISTS', stem .. other) == 1 then living[#living + 1] = other
      else redis.call('ZREM', index, other) end
    end
    for i = 1, #living - cap + 1 do
      forget(stem .. living[i], index, living[i], 'displaced')
      displaced[#displaced + 1] = living[i]
    end
  end
  -- The cut-off may come from a clock ahead of this one: a log-in after it must not be dead on arrival.
  local valid_from = math.max(now, tonumber(ARGV[first + 4]))
  redis.call('HSET', session, 'gen', '1', 'ack', '0', 'rotated_at', text(now), 'handed_at', '0',
             'created_at', text(now), 'valid_from', text(valid_from), 'last_used_at', text(now), 'auth_at', text(now),
             'expires_at', text(expires_at), 'ip', ARGV[first + 5])
  -- What `shown` takes where there is nothing isn't written: it is so of most sessions, and takes memory.
  if ARGV[first + 7] ~= 'pwd' then redis.call('HSET', session, 'amr', ARGV[first + 7]) end
  if tonumber(ARGV[first + 8]) > 1 then
    redis.call('HSET', session, 'level', ARGV[first + 8], 'factor_at', text(now))
  end
  if tonumber(ARGV[first + 9]) > 0 then redis.call('HSET', session, 'phr', ARGV[first + 9]) end
  keep_agent(session, ARGV[first + 6])
  if ARGV[first + 10] ~= '' then redis.call('HSET', session, 'name', ARGV[first + 10]) end
  if ARGV[first + 11] ~= '' then redis.call('HSET', session, 'jkt', ARGV[first + 11]) end
  local ends = math.min(now + idle, expires_at)
  redis.call('PEXPIRE', session, text(ends - now))
  remember(index, sid, ends)
  return expires_at, displaced
end
"""
)

# KEYS session, index. ARGV shift, sid, and what `open` takes.
# Returns {now, expires_at, {sid of every session ended to make room}}.
LOG_IN = Script(
    "log_in",
    NOW
    + INDEX
    + FORGET
    + OPEN
    + """
local expires_at, displaced = open(3, KEYS[1], KEYS[2], ARGV[2])
return {text(now), text(expires_at), displaced}
""",
    CURE,
    deed=True,
)
