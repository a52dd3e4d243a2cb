"""What scripts have in common: reading a session, the index of a user's sessions, and how a session ends."""

from __future__ import annotations

from typing import Final

from service.core.redis.scripts import MUST_BE, Script
from service.stores.sessions.layout import AGENT_FIELDS, PIECE_BYTES

# How long the reason of an end is kept: longer than clients wait for an answer.
KEPT_MS: Final = 15_000


READ = """
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

# shown(key) is how a session was proven: amr, level, factor_at, phr, as texts; and what it is bound to: the tag of a
# browser's key, the thumbprint of a client's, '' for neither. A session that says nothing of it was opened by a
# password alone, and isn't bound.
SHOWN = """
local function shown(key)
  local amr, level, factor_at, phr, tag, jkt =
    unpack(redis.call('HMGET', key, 'amr', 'level', 'factor_at', 'phr', 'tag', 'jkt'))
  return amr or 'pwd', text(tonumber(level or nil) or 1), text(tonumber(factor_at or nil) or 0),
         text(tonumber(phr or nil) or 0), tag or '', jkt or ''
end
local function binding(tag, jkt) return tag ~= '' and 'dbsc' or jkt ~= '' and 'dpop' or '' end
"""

# agent(key) is the User-Agent of a session, and keep_agent(key, text) makes it another. It is kept in pieces that Redis
# packs: a whole one would take as much memory as all else of a session.
AGENT = f"""
local agent_fields = {{{", ".join(f"'{name}'" for name in AGENT_FIELDS)}}}
local function agent(key)
  local pieces = redis.call('HMGET', key, unpack(agent_fields))
  if #(pieces[1] or '') > {PIECE_BYTES} then return pieces[1] end
  for i, piece in ipairs(pieces) do pieces[i] = piece or '' end
  return table.concat(pieces)
end
local function keep_agent(key, text)
  local left, had = {{}}, redis.call('HEXISTS', key, agent_fields[2]) == 1
  for i, name in ipairs(agent_fields) do
    local piece = string.sub(text, (i - 1) * {PIECE_BYTES} + 1, i * {PIECE_BYTES})
    if i == 1 or piece ~= '' then redis.call('HSET', key, name, piece) else left[#left + 1] = name end
  end
  if had and #left > 0 then redis.call('HDEL', key, unpack(left)) end
end
"""

# The index is a hint for listing, so failing to write it (a full or read-only Redis: pcall) fails nothing else.
# It must outlive the longest of its sessions, and not much more.
INDEX = """
local function remember(index, sid, ends)
  redis.pcall('ZADD', index, text(now), sid)
  if redis.call('PTTL', index) < ends - now then redis.pcall('PEXPIRE', index, text(ends - now)) end
end
"""

# A session's end leaves its reason behind for a while, in a key of the same slot, so that whoever notices the end can
# say why at once. Only what really ended the session says so: of two ways at once, the first. The reason is a courtesy
# (pcall): a full Redis ends sessions all the same. `now`, which tests move, says when it is over; Redis's own time
# only cleans up.
WHY = f"""
local function reason_key(key) return (string.gsub(key, ':session:([^:]*)$', ':ended:%1')) end
local function why(key)
  local at, reason = string.match(redis.call('GET', reason_key(key)) or '', '^(%d+) (.+)$')
  return at and now - at < {KEPT_MS} and reason or ''
end
"""
FORGET = (
    WHY
    + f"""
local function forget(key, index, sid, reason)
  redis.call('ZREM', index, sid)
  local ended = redis.call('UNLINK', key)
  if ended == 1 and reason ~= '' then
    redis.pcall('SET', reason_key(key), text(now) .. ' ' .. reason, 'PX', '{KEPT_MS}')
  end
  return ended
end
"""
)

# A key of ours that somebody has overwritten with another type: what it held is gone, as if it had been deleted. The
# names say which type each is to have; an index leads to the sessions that scripts find by it.
CURE: Final = Script(
    "cure_sessions",
    MUST_BE
    + """
local function session(key)
  must_be(key, 'hash')
  must_be((string.gsub(key, ':session:([^:]*)$', ':ended:%1')), 'string')
end
for _, key in ipairs(KEYS) do
  if string.find(key, ':session:[^:]*$') then session(key)
  elseif string.find(key, ':pending:[^:]*$') then must_be(key, 'hash')
  elseif string.find(key, ':sessions$') then
    must_be(key, 'zset')
    for _, sid in ipairs(redis.call('ZRANGE', key, 0, -1)) do session(string.sub(key, 1, -2) .. ':' .. sid) end
  end
end
""",
)
