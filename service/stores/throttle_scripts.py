"""The throttle's scripts: each step is one, so that of many at once no two are the first (SECURITY.md R13)."""

from __future__ import annotations

from service.core.redis.scripts import HASHES_ONLY, NOW, Script

# What is in a bucket; all zero when there is none, or when it has run out. ARGV[2] is the part of it that is meant.
_READ = (
    NOW
    + """
local field = ARGV[2] ~= '' and 'of:' .. ARGV[2] or nil
local raw = redis.call('HMGET', KEYS[1], 'taken', 'opens_at', 'ends_at', field or 'of:')
local taken, opens_at, ends_at = tonumber(raw[1] or nil), tonumber(raw[2] or nil), tonumber(raw[3] or nil)
local own = tonumber(raw[4] or nil) or 0
local living = taken and opens_at and ends_at and now < ends_at
local function write()
  if field and own ~= 0 then redis.call('HSET', KEYS[1], field, text(own)) end
  if field and own == 0 then redis.call('HDEL', KEYS[1], field) end
  redis.call('HSET', KEYS[1], 'taken', text(taken), 'opens_at', text(opens_at), 'ends_at', text(ends_at))
  redis.call('PEXPIRE', KEYS[1], text(ends_at - now))
end
"""
)

# KEYS bucket. ARGV shift, part, quota, first wait ms, longest wait ms, ceiling, ms until it is forgotten.
# Returns {0, taken, ms to wait} or {1, taken, opens_at and ends_at as they were, ends_at as it is now}, the last three
# being 0 for an attempt that was there in advance.
TAKE = Script(
    "throttle_take",
    _READ
    + """
local quota, wait, longest, ceiling, keep = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]),
                                            tonumber(ARGV[7])
if not living then
  redis.call('UNLINK', KEYS[1])
  taken, opens_at, ends_at, own = 0, 0, 0, 0
end
if own < 0 then
  own = own + 1
  write()
  return {1, taken, 0, 0, 0}
end
if taken >= ceiling then return {0, taken, ends_at - now} end
if now < opens_at then return {0, taken, opens_at - now} end
local opened, ended = opens_at, ends_at
taken, own = taken + 1, own + 1
if wait > 0 then
  -- A guess is remembered the longer, the more there have been: coming back slowly is no way around.
  ends_at = now + taken * keep
  if taken >= quota then opens_at = now + math.min(wait * 2 ^ math.min(taken - quota, 40), longest) end
elseif taken == 1 then
  ends_at = now + keep
end
write()
return {1, taken, opened, ended, ends_at}
""",
    HASHES_ONLY,
)

# KEYS bucket. ARGV shift, part, quota, first wait ms, the last three that TAKE returned, 1 when the part's row is over,
# ceiling.
# One attempt was none. Only where no other has come since is the bucket what it was before: a wait that somebody else
# has earned stays. What was taken out with its part, or ended with its window, isn't taken out once more.
GIVE_BACK = Script(
    "throttle_give_back",
    _READ
    + """
local quota, wait, opened, ended, mark = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]),
                                         tonumber(ARGV[7])
if not living or (wait == 0 and ends_at ~= mark) then return 0 end
if mark == 0 then
  if own <= 0 then own = math.max(own - 1, -tonumber(ARGV[9])) end
elseif not field or own > 0 then
  taken, own = taken - 1, own - 1
  if ends_at == mark and ended > now then opens_at, ends_at = opened, ended end
end
if ARGV[8] == '1' then taken, own = taken - math.max(own, 0), math.min(own, 0) end
taken = math.max(taken, 0)
if taken < quota then opens_at = 0 end
write()
-- The three fields that every bucket has: nothing is counted any more, and nobody has anything in advance.
if taken == 0 and redis.call('HLEN', KEYS[1]) == 3 then redis.call('UNLINK', KEYS[1]) end
return 1
""",
    HASHES_ONLY,
)

# KEYS bucket. ARGV shift, part, quota, ceiling. The part's attempts were none, and its next ones are there in advance,
# whatever the others' are: as many as any bucket of its own allows.
PARDON = Script(
    "throttle_pardon",
    _READ
    + """
local quota, ceiling = tonumber(ARGV[3]), tonumber(ARGV[4])
if not living then return 0 end
taken, own = taken - math.max(own, 0), -ceiling
if taken < quota then opens_at = 0 end
write()
return 1
""",
    HASHES_ONLY,
)

# KEYS bucket. ARGV shift, an empty part. Returns how much is taken, when it opens and when it ends; zero for nothing.
LOOK = Script(
    "throttle_look",
    _READ
    + """
if not living then return {0, '0', '0'} end
return {taken, text(opens_at), text(ends_at)}
""",
    HASHES_ONLY,
)

# KEYS bucket.
FORGET = Script("throttle_forget", "return redis.call('UNLINK', KEYS[1])")
