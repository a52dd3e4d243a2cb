"""Sessions are looked at, which is no use of them."""

from __future__ import annotations

from service.core.redis.scripts import NOW, Script
from service.stores.sessions.scripts.shared import AGENT, CURE, READ, SHOWN, WHY

# KEYS index. ARGV shift, key stem, idle ms. Removes what is over from the index, and returns
# {sid, created_at, last_used_at, ends_at, ip, user_agent, valid_from, name or '', binding, amr, level, phr} of every
# living session, the one used last first.
LIST = Script(
    "list",
    NOW
    + READ
    + SHOWN
    + AGENT
    + """
local found = {}
for _, sid in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
  local key = ARGV[2] .. sid
  local session = read(key)
  if session and now < ends_at(session, tonumber(ARGV[3])) then
    local amr, level, _, phr, tag, jkt = shown(key)
    local where = redis.call('HMGET', key, 'ip', 'name')
    found[#found + 1] = {sid, text(session.created_at), text(session.last_used_at),
                         text(ends_at(session, tonumber(ARGV[3]))), where[1] or '', agent(key),
                         text(session.valid_from), where[2] or '', binding(tag, jkt), amr, level, phr}
  else
    redis.call('ZREM', KEYS[1], sid)
  end
end
return found
""",
    CURE,
)

# KEYS sessions. ARGV shift, idle ms. Returns {now, and for each session two values: when it ends if it isn't used, and
# why it will; of one that is over '', and the reason that its end has left behind, if it is known}.
# Looking is no use of a session: nothing is written.
SURVEY = Script(
    "survey",
    NOW
    + READ
    + WHY
    + """
local found = {text(now)}
for _, key in ipairs(KEYS) do
  local session = read(key)
  local ends = session and ends_at(session, tonumber(ARGV[2]))
  local reason = ends and (ends == session.expires_at and 'too_old' or 'expired')
  if not ends or now >= ends then
    local left = why(key)
    ends, reason = nil, left ~= '' and left or reason or ''
  end
  found[#found + 1] = ends and text(ends) or ''
  found[#found + 1] = reason
end
return found
""",
    CURE,
)

# KEYS index: it only leads a cluster's client to the user's node. ARGV shift. Returns Redis's time in ms.
TIME = Script("time", NOW + "return text(now)")
