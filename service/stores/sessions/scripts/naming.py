"""A session's device gets a name."""

from __future__ import annotations

from service.core.redis.scripts import Script
from service.stores.sessions.scripts.shared import CURE

# KEYS session. ARGV shift, name: '' takes it away. Returns 1, or 0 when the session is over.
NAME = Script(
    "name",
    """
if redis.call('HEXISTS', KEYS[1], 'auth_at') == 0 then return 0 end
if ARGV[2] == '' then redis.call('HDEL', KEYS[1], 'name') else redis.call('HSET', KEYS[1], 'name', ARGV[2]) end
return 1
""",
    CURE,
    deed=True,
)
