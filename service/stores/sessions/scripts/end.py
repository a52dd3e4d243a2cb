"""Sessions end."""

from __future__ import annotations

from service.core.redis.scripts import NOW, Script
from service.stores.sessions.scripts.shared import CURE, FORGET

# KEYS session, index. ARGV shift, sid, the reason or ''. Returns 1 when there was a session, else 0; or, where one has
# just ended, 2 if that was for this reason (the answer got lost, and this is the same call once more), 3 for another.
END = Script(
    "end",
    NOW
    + FORGET
    + """
if forget(KEYS[1], KEYS[2], ARGV[2], ARGV[3]) == 1 then return 1 end
local before = why(KEYS[1])
return before == '' and 0 or before == ARGV[3] and 2 or 3
""",
    CURE,
    deed=True,
)

# KEYS index. ARGV shift, key stem, the reason, the sid to keep or '', the cut-off in ms or '' for all. Returns how many
# sessions it ended. One that was opened after the cut-off isn't: its user may have logged in again before this came.
END_ALL = Script(
    "end_all",
    NOW
    + FORGET
    + """
local ended = 0
local before = tonumber(ARGV[5])
for _, sid in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local key = ARGV[2] .. sid
  local valid_from = before and tonumber(redis.call('HGET', key, 'valid_from') or nil)
  if sid ~= ARGV[4] and not (valid_from and valid_from >= before) then
    ended = ended + forget(key, KEYS[1], sid, ARGV[3])
  end
end
return ended
""",
    CURE,
    deed=True,
)
