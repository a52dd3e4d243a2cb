"""The Lua scripts of the session store: one atomic step each, on Redis's own clock.

Every key of a user is in one Cluster slot (`{<uid>}` is a hash tag), so keys whose names are made inside a script are
safe. ARGV[1] is always the clock's shift in milliseconds: zero but in tests, which move time by hand. Only LOG_IN and
FINISH create a session hash; nothing else can bring a deleted session back. A hash that lacks a field counts as
deleted.
"""

from __future__ import annotations

from service.stores.sessions.scripts.binding import BIND, HELD, PROVE
from service.stores.sessions.scripts.check import CHECK, KEEP
from service.stores.sessions.scripts.end import END, END_ALL
from service.stores.sessions.scripts.listing import LIST, SURVEY, TIME
from service.stores.sessions.scripts.log_in import LOG_IN
from service.stores.sessions.scripts.naming import NAME
from service.stores.sessions.scripts.pending import ADD, BEGIN, FAIL, FIND, FINISH
from service.stores.sessions.scripts.rotate import ROTATE
from service.stores.sessions.scripts.step_up import LOOK, PERMIT, SPEND_PERMIT, STEP_UP

__all__ = [
    "ADD",
    "BEGIN",
    "BIND",
    "CHECK",
    "END",
    "END_ALL",
    "FAIL",
    "FIND",
    "FINISH",
    "HELD",
    "KEEP",
    "LIST",
    "LOG_IN",
    "LOOK",
    "NAME",
    "PERMIT",
    "PROVE",
    "ROTATE",
    "SPEND_PERMIT",
    "STEP_UP",
    "SURVEY",
    "TIME",
]
