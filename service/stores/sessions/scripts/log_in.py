"""A session begins."""

from __future__ import annotations

from service.core.redis.client import NOW, Script
from service.stores.sessions.scripts.shared import FORGET, INDEX

# KEYS session, index. ARGV shift, sid, key stem, idle ms, max ms, cap, valid_after ms, ip, user_agent, amr.
# Returns {now, expires_at, {sid of every session ended to make room}}.
LOG_IN = Script(
    "log_in",
    NOW
    + INDEX
    + FORGET
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
    forget(stem .. living[i], index, living[i], 'displaced')
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
""",
)
