"""A bound session was shown by somebody who didn't prove to have its key: refused, told, and never ended (R85).

Browsers ration their signatures, and a store may be away when one is to be looked at: an honest browser comes without
a proof too, and says why. So the session goes on, and its owner gets a letter only where nothing was said. Nor is there
one in the moment after a log-in: a page that refreshes at once has no cookie of a proof yet, while that is on its way.
"""

from __future__ import annotations

import logging
from typing import Final, Literal
from uuid import UUID

from models import SecurityEvent, User
from service.audit import events
from service.core.client import Client
from service.core.sql.transactions import transaction
from service.core.telemetry import metrics
from service.core.telemetry.logs import log_event
from service.errors import DeviceProofRequired, InvalidDpopProof, Unavailable
from service.letters import links, notices
from service.runtime import Runtime
from service.sessions import possession_counting
from service.stores.letter_kinds import SESSION_UNPROVEN
from service.stores.sessions.bindings import Held, name_of
from service.stores.sessions.outcomes import Binding

Why = Literal["missing", "signature", "bound"]

RETRY_SECONDS: Final = {"quota_exceeded": 90, "unreachable": 30, "server_error": 30}
"""When a browser that says so may prove something again: it signs six times in nine minutes, and waits after faults."""

SETTLING_SECONDS: Final = 15
"""After a log-in: until then the browser may have no cookie yet, though it has done what it was asked to."""

_FIRST: Final = "first"


async def refused(
    runtime: Runtime, uid: UUID, sid: UUID, kind: Binding, client: Client
) -> DeviceProofRequired | InvalidDpopProof:
    """Return what is answered to a refresh that lacks its proof; it is on record then."""
    if kind == "dpop":
        possession_counting.count("refused_another" if client.jkt else "refused_missing")
        await note(runtime, uid, sid, client, kind=kind, why="signature" if client.jkt else "missing")
        return InvalidDpopProof()
    held = await runtime.sessions.bindings.held(uid, sid)
    named = name_of(sid, held.key) if isinstance(held, Held) else None
    skipped = next((reason for reason, name in client.skipped if name == named), None)
    if skipped is None and isinstance(held, Held) and held.age < SETTLING_SECONDS * 1000:
        return DeviceProofRequired(retry_after=1)
    if skipped is None:
        await note(runtime, uid, sid, client, kind=kind, why="missing")
        return DeviceProofRequired()
    metrics.device_bindings.labels(f"skipped_{skipped}").inc()
    await _record(runtime, uid, sid, client, kind=kind, why=skipped)
    return DeviceProofRequired(retry_after=RETRY_SECONDS[skipped])


async def note(runtime: Runtime, uid: UUID, sid: UUID, client: Client, *, kind: Binding, why: Why) -> None:
    """Record that somebody shows a session without its key: once an hour, with a letter the first time.

    A database that is away fails nothing: the log has a line.
    """
    await _record(runtime, uid, sid, client, kind=kind, why=why)


async def _record(runtime: Runtime, uid: UUID, sid: UUID, client: Client, *, kind: Binding, why: str) -> None:
    said = why in RETRY_SECONDS
    try:
        if await _once(runtime, sid, said=said) is None:  # however often: whoever has a copy can show it all day
            return
        async with transaction():
            # Under the user's lock: of many at once one writes the letter.
            user = await User.filter(id=uid).select_for_update().first()
            once = await _once(runtime, sid, said=said)
            if user is None or once is None:
                return
            if once == _FIRST:
                where = notices.where(client, user)
                await notices.tell(runtime, SESSION_UNPROVEN, user, link=links.devices(runtime.settings), **where)
            unproven = events.SESSION_UNPROVEN
            await events.record(
                runtime, unproven, user_id=uid, session_id=sid, client=client, once=once, kind=kind, why=why
            )
    except Unavailable:
        log_event("session.unproven", logging.WARNING, user_id=uid, session_id=sid, ip=client.ip, kind=kind, why=why)


async def _once(runtime: Runtime, sid: UUID, *, said: bool) -> str | None:
    """Return which event is to be recorded now: a session's first, or that of this hour; None: it is there already.

    What a browser has said itself has its own, one an hour.
    """
    hour = f"{runtime.clock.now():%Y-%m-%d %H}"
    once = f"said {hour}" if said else hour
    ids = {events.id_of(events.SESSION_UNPROVEN, sid, name): name for name in (once, _FIRST)}
    there = {ids[row.id]: row.created_at for row in await SecurityEvent.filter(id__in=list(ids))}
    if not said and _FIRST not in there:
        return _FIRST
    if once in there or (not said and f"{there[_FIRST]:%Y-%m-%d %H}" == hour):
        return None
    return once
