"""What scripts have in common: reading a session, and the index of a user's sessions."""

from __future__ import annotations

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

# The index is a hint for listing, so failing to write it (a full or read-only Redis: pcall) fails nothing else.
# It must outlive the longest of its sessions, and not much more.
INDEX = """
local function remember(index, sid, ends)
  redis.pcall('ZADD', index, text(now), sid)
  if redis.call('PTTL', index) < ends - now then redis.pcall('PEXPIRE', index, text(ends - now)) end
end
local function forget(key, index, sid)
  redis.call('ZREM', index, sid)
  return redis.call('UNLINK', key)
end
"""
