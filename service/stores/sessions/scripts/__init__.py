"""The Lua scripts of the session store: one atomic step each, on Redis's own clock.

Every key of a user is in one Cluster slot (`{<uid>}` is a hash tag), so keys whose names are made inside a script are
safe. ARGV[1] is always the clock's shift in milliseconds: zero but in tests, which move time by hand. Only LOG_IN
creates a session hash; nothing else can bring a deleted session back. A hash that lacks a field counts as deleted.
"""

from __future__ import annotations

from service.stores.sessions.scripts.check import CHECK, STAMP
from service.stores.sessions.scripts.end import END, END_ALL
from service.stores.sessions.scripts.listing import LIST, SURVEY, TIME
from service.stores.sessions.scripts.log_in import LOG_IN
from service.stores.sessions.scripts.rotate import ROTATE
from service.stores.sessions.scripts.step_up import LOOK, PROVE, SPEND_PROOF

__all__ = [
    "CHECK",
    "END",
    "END_ALL",
    "LIST",
    "LOG_IN",
    "LOOK",
    "PROVE",
    "ROTATE",
    "SPEND_PROOF",
    "STAMP",
    "SURVEY",
    "TIME",
]
