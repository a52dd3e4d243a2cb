"""What the session store answers: values, taken apart with `match`. Times are milliseconds, by Redis's clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal, NamedTuple
from uuid import UUID

from service.core.client import Client
from service.errors.end_reasons import EndReason
from service.stores.sessions.assurance import Assurance

Binding = Literal["dbsc", "dpop"]
"""What a session is bound to: a key of its browser (Device Bound Session Credentials), or of its client (RFC 9449)."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A living session at one generation: all that its tokens are derived from.

    `jkt` is the thumbprint of the client's key that it is bound to (RFC 7638), b"" where it is bound to none.
    """

    uid: UUID
    sid: UUID
    gen: int
    ends_at: int
    auth_at: int
    expires_at: int
    assurance: Assurance
    displaced: tuple[UUID, ...] = ()  # the sessions that were ended to make room for it
    jkt: bytes = b""


@dataclass(frozen=True, slots=True)
class Rotated:
    """The generation advanced.

    `unanswered` counts the generations since one was last known to be received: 1 after an ordinary refresh, more when
    a token is shown again because its answers got lost. `parted` is for whom the generation before was made, where the
    token shown is not that one but one that was handed out beside it.
    """

    grant: Grant
    unanswered: int = 1
    parted: Client | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A duplicate: nothing advanced, the same successor again. It was made for `client`."""

    grant: Grant
    client: Client


@dataclass(frozen=True, slots=True)
class Reused:
    """A token that was spent, or passed over: the session has been deleted. It had moved on at `rotated_at`."""

    rotated_at: int
    client: Client


@dataclass(frozen=True, slots=True)
class Doubted:
    """A token that was spent, or passed over, of a session that is bound to its browser's key: two hold its tokens.

    From now on nothing that either has is good, until that key is proven anew: whoever does so goes on. It had moved on
    at `rotated_at`.
    """

    rotated_at: int
    client: Client


@dataclass(frozen=True, slots=True)
class NotProven:
    """The session is bound, and nothing was proven that it is bound to: nothing has changed.

    With `outdated` it was, before two were found to hold its tokens: a proof from since then is wanted.
    """

    binding: Binding
    outdated: bool = False


class ProofUsed:
    """The proof of possession that came along had been used before: nothing has changed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over; `cause` is why, if that was just now. With `cut_off` it is still to be deleted."""

    reason: Literal["expired", "revoked"]
    cause: EndReason | None = None
    cut_off: bool = False


class End(Enum):
    """What came of ending a session. True where this very call has ended it."""

    NEVER = 0  # there is none, and none has just ended
    NOW = 1
    AGAIN = 2  # it has just ended for the same reason: the answer to that call got lost, and this repeats it
    BEFORE = 3  # it has just ended for another reason

    def __bool__(self) -> bool:
        """Return whether this call ended it."""
        return self is End.NOW


Rotation = Rotated | Replayed | Reused | Doubted | NotProven | ProofUsed | Ended


class LiveSession(NamedTuple):
    """What a request needs to know of its session. `factor_at` is when a second factor was last shown, 0 for never."""

    uid: UUID
    sid: UUID
    now: int
    valid_from: int
    auth_at: int
    factor_at: int
    assurance: Assurance
    binding: Binding | None = None


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session as its owner sees it; `expires_at` is when it ends if it isn't used again."""

    sid: UUID
    created_at: int
    last_used_at: int
    expires_at: int
    ip: str
    user_agent: str
    valid_from: int
    assurance: Assurance
    name: str | None = None  # what its user calls the device
    binding: Binding | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """Which sessions live at `now`: for each that was asked for, when it ends if it isn't used, None if it is over.

    `reasons` says why one is over, if its end has just left it behind; of one that lives, why it will be.
    """

    now: int
    ends_at: dict[UUID, int | None]
    reasons: dict[UUID, EndReason]
