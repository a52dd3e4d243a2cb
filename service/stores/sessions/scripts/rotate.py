"""A refresh token is spent."""

from __future__ import annotations

from service.core.redis.scripts import NOW, Script
from service.stores.dpop_proofs import CLAIMED
from service.stores.sessions.scripts.shared import AGENT, CURE, FORGET, INDEX, READ, SHOWN

# KEYS session, index, and where it is noted that a proof of possession was used, if that counts here. ARGV shift, sid,
# presented gen, grace ms, idle ms, valid_after ms, the token's end ms, ip, user_agent, the tag that was proven or '',
# the time in the challenge of that proof, the thumbprint that was proven or '', how many ms that note lives, its mark.
# Returns {outcome, gen, ends_at, auth_at, expires_at, unanswered, ip, user_agent, amr, level, phr, jkt}: how many
# generations were made since one was last known to be received, and for whom the last was made before this; or
# {"reused", made_at, ip, user_agent}, or {"doubted", the same} where it is bound to a browser's key; or {"expired" or
# "revoked", why} with the reason that the end has left behind, if it is known; or {"cut_off"}: it is over by the
# cut-off, and still here, for whoever knows why to end it; or {"unproven", what it is bound to, "outdated" or ''}:
# nothing was proven that it is bound to, or not since two were found to hold its tokens, and nothing has changed,
# whatever token was shown; or {"used"}: the proof was used before, and nothing has changed either. Whoever is refused
# before that has used none up.
#
# Four generations are told apart. `gen` is the newest, `prev` what it was made from. `ack` is the last of the two that
# its client is known to have: it was shown for a refresh, or its access token for a call. `spare` was handed out in the
# moment before `gen` was made: of two answers that overtook one another, the client may have kept the earlier one.
# Whatever else is shown was spent or passed over. No honest client has it any more: two hold this session's tokens.
#
# Whose the session is, the key of its browser can tell, where it is bound to one. Then it doesn't end: proofs over
# challenges up to `floor`, the newest that any of the two can have, count no more, and neither do the access tokens of
# generations before `least`, those that there have been. Who has proven the key since goes on with any token of the
# session; what the other has is worth nothing.
#
# `handed_at` is when `gen` was last handed out again, `caught_up_at` when that last gave it to who may not have had it:
# the answers before may have got lost, so calls of that moment are as those of its birth.
ROTATE = Script(
    "rotate",
    NOW
    + READ
    + SHOWN
    + INDEX
    + FORGET
    + AGENT
    + CLAIMED
    + """
local function put(key, field, before, value)
  if value then redis.call('HSET', key, field, text(value))
  elseif before then redis.call('HDEL', key, field) end
end
local key, index, sid = KEYS[1], KEYS[2], ARGV[2]
local presented, grace, idle = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local session = read(key)
if not session or now >= ends_at(session, idle) then
  local expired = now >= tonumber(ARGV[7])
  forget(key, index, sid, not session and '' or now >= session.expires_at and 'too_old' or 'expired')
  return {expired and 'expired' or 'revoked', why(key)}
end
if session.valid_from < tonumber(ARGV[6]) then return {'cut_off'} end
-- But for the address, they are only there where they are something else than this.
local names = {'prev', 'spare', 'caught_up_at', 'ip', 'floor', 'least'}
local prev, spare, caught_up_at, ip, floor, least = unpack(redis.call('HMGET', key, unpack(names)))
local amr, level, _, phr, tag, jkt = shown(key)
if tag ~= '' and tag ~= ARGV[10] or jkt ~= '' and jkt ~= ARGV[12] then return {'unproven', binding(tag, jkt), ''} end
if tag ~= '' and floor and tonumber(ARGV[11]) <= tonumber(floor) then return {'unproven', 'dbsc', 'outdated'} end
if KEYS[3] and not claimed(KEYS[3], ARGV[13], ARGV[14]) then return {'used'} end
local user_agent = agent(key)
session.prev = tonumber(prev or nil) or session.gen - 1
session.spare = tonumber(spare or nil) or 0
session.caught_up_at = tonumber(caught_up_at or nil) or 0
local age, caught_up = now - session.rotated_at, now - session.caught_up_at
local received = session.ack == session.gen
local before = presented == session.prev or presented == session.spare
local doubted = (tonumber(least or nil) or 0) > session.gen
local outcome
if not doubted and session.gen > 1 and (presented == session.gen and (age < grace or caught_up < grace) or
    before and (age <= grace or received and caught_up <= grace)) then
  -- Calls that ran at once each refresh with the token that is stored when their turn comes: an earlier one, or the one
  -- that an earlier of them has just stored. One rotation must do for all of them, or the slowest looks like a thief.
  outcome = 'replayed'
  if presented == session.gen then session.ack = presented
  elseif not received then session.caught_up_at = now end
  redis.pcall('HSET', key, 'ack', text(session.ack), 'handed_at', text(now), 'caught_up_at', text(session.caught_up_at))
elseif doubted or presented >= session.gen or presented == session.ack or presented == session.spare then
  -- At the newest the session moves on. Ahead of it: a failover lost a rotation that was answered, and the MAC proves
  -- the token is ours. Behind it: the answer was lost, and if it was not, then somebody else has it. So the next one is
  -- a new one: who has the lost one has it from a theft, and is found out when he shows it.
  outcome = not doubted and presented < session.gen and presented ~= session.ack and 'parted' or 'rotated'
  -- Handed out a moment ago, it may arrive after the one made now, and be what the client keeps.
  session.spare = now - session.handed_at < grace and session.gen or 0
  session.ack, session.prev = presented, presented
  session.gen = math.max(session.gen, presented) + 1
  session.rotated_at = now
  redis.call('HSET', key, 'gen', text(session.gen), 'ack', text(session.ack), 'rotated_at', text(now),
             'handed_at', '0', 'last_used_at', text(now), 'ip', ARGV[8])
  put(key, 'prev', prev, session.prev ~= session.gen - 1 and session.prev)
  put(key, 'spare', spare, session.spare ~= 0 and session.spare)
  put(key, 'caught_up_at', caught_up_at, false)
  if user_agent ~= ARGV[9] then keep_agent(key, ARGV[9]) end
  local ends = ends_at(session, idle)
  redis.call('PEXPIRE', key, text(ends - now))
  remember(index, sid, ends)
elseif tag ~= '' then
  local newest = math.max(tonumber(redis.call('HGET', key, 'proven_at') or nil) or 0, tonumber(ARGV[11]))
  redis.call('HSET', key, 'floor', text(newest), 'least', text(session.gen + 1))
  return {'doubted', text(session.rotated_at), ip or '', user_agent}
else
  forget(key, index, sid, 'reused')
  return {'reused', text(session.rotated_at), ip or '', user_agent}
end
return {outcome, text(session.gen), text(ends_at(session, idle)), text(session.auth_at), text(session.expires_at),
        text(doubted and 1 or session.gen - session.ack), ip or '', user_agent, amr, level, phr, jkt}
""",
    CURE,
    deed=True,
)
