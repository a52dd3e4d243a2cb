"""Sessions as a scan of Redis's keys finds them: whose they are, and what their fields say. Nothing is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from service.stores.sessions.agents import whole
from service.stores.sessions.assurance import read_assurance
from service.stores.sessions.layout import AGENT_FIELDS, joined
from service.stores.sessions.outcomes import ListedSession

# Without any of these a hash is no session: as `READ` of the scripts has it.
_TIMES: Final = ("created_at", "last_used_at", "rotated_at", "valid_from", "expires_at")
_NUMBERS: Final = (*_TIMES, "gen", "ack", "handed_at", "auth_at")
_TEXTS: Final = ("ip", "name", "amr", "level", "phr")

FIELDS: Final = (*_NUMBERS, *_TEXTS, *AGENT_FIELDS)
"""What `read` has to be given of a session."""

SHORT: Final = (*_NUMBERS, "ip")
"""The same for somebody who only counts: without how it was proven, and by which browser."""

_KEY: Final = re.compile(r"user:\{([0-9a-f-]{36})\}:session:([0-9a-f-]{36})$")


def owner(key: str) -> tuple[UUID, UUID] | None:
    """Return the ids of the user and of the session whose own key that is; None for any other key."""
    name = _KEY.search(key)
    try:
        return (UUID(name[1]), UUID(name[2])) if name else None
    except ValueError:
        return None


def agent(pieces: Sequence[bytes | None]) -> str:
    """Return the User-Agent that the values of `AGENT_FIELDS` are."""
    return whole(joined(pieces).decode(errors="replace"))


def read(sid: UUID, values: Sequence[bytes | None], *, idle: int) -> ListedSession | None:
    """Return a session by the values of `FIELDS`, or of `SHORT`; None for what is none.

    `idle` is for how long it lives unused, in ms. Whether it lives is for the caller to say, who knows the time and the
    user's cut-off.
    """
    numbers, others = values[: len(_NUMBERS)], values[len(_NUMBERS) :]
    try:
        created_at, last_used_at, rotated_at, valid_from, expires_at, *_ = [int(value or b"") for value in numbers]
    except ValueError:
        return None
    ip, name, methods, level, phr = others[: len(_TEXTS)] if len(others) > 1 else (others[0], *[None] * 4)
    return ListedSession(
        sid,
        created_at,
        last_used_at,
        min(rotated_at + idle, expires_at),
        (ip or b"").decode(errors="replace"),
        agent(others[len(_TEXTS) :] or [None]),
        valid_from,
        read_assurance(methods or b"pwd", level or b"1", phr or b"0"),
        (name or b"").decode(errors="replace") or None,
    )
