"""Log-ins under way: begun, found again, and whether what they stand on is still so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from models import User
from service.core.client import Client
from service.core.clock import to_ms
from service.core.http.networks import network_of
from service.credentials.proof import Proof
from service.errors import InvalidChallenge
from service.runtime import Runtime
from service.sessions.callers import cut_off
from service.signin import proofs as worth
from service.stores.sessions.pending import Begun
from service.stores.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Waiting:
    """A log-in that can be gone on with: whose it is, and what they have proven so far. It may be nobody's."""

    user: User | None
    proofs: tuple[Proof, ...]
    ticket: Ticket
    begun: Begun


async def expect(runtime: Runtime, user: User | None, stand_in: UUID, client: Client, life: timedelta) -> Ticket:
    """Begin a log-in of `user` in which nothing is proven yet: `resume` is for its first step, too.

    For nobody `stand_in` is used as an id, and what comes of it looks alike until something is proven, which never is
    (R17). The ticket says whose it is: whoever hands it out before that has to hide this.
    """
    ticket = Ticket(user.id if user else stand_in, uuid4())
    await runtime.sessions.pending.begin(
        ticket.uid,
        ticket.number,
        proofs="",
        network=runtime.tickets.fingerprint(network_of(client.ip)),
        standing=runtime.tickets.fingerprint(*credentials_of(user)),
        valid_after=cut_off(user) if user else 0,
        life=life,
    )
    return ticket


async def renew(runtime: Runtime, found: Waiting, user: User) -> None:
    """Let a log-in outlive what its own proof has just changed in the account, and nothing else may.

    Part of the transaction of that change, which holds the user's row. Only for a log-in that nothing has come of yet.
    """
    left = found.begun.ends_at - to_ms(runtime.clock.now())
    await runtime.sessions.pending.begin(
        user.id,
        found.ticket.number,
        proofs=found.begun.proofs,
        network=found.begun.network,
        standing=runtime.tickets.fingerprint(*credentials_of(user)),
        valid_after=cut_off(user),
        life=timedelta(milliseconds=max(1, left)),
    )


async def waiting(runtime: Runtime, ticket: str) -> Waiting:
    """Return whose log-in a ticket is, and what they have proven. Raises `InvalidChallenge` when it is over.

    It is over when its time is, when the user's sessions were ended or their keys deleted, or when the user has other
    credentials or another address by now.
    """
    found = runtime.tickets.decode(ticket)
    if found is None:
        raise InvalidChallenge().noted("refused.challenge")
    begun = await runtime.sessions.pending.find(found.uid, found.number)
    user = await User.get_or_none(id=found.uid)
    if begun is None or not still_holds(runtime, begun, user):
        raise InvalidChallenge
    return Waiting(user, worth.read(runtime.settings.secrets, begun.proofs) if begun.proofs else (), found, begun)


def still_holds(runtime: Runtime, begun: Begun, user: User | None) -> bool:
    """Return whether what was so when the log-in began is still true. Nobody's stays nobody's."""
    since = cut_off(user) if user else 0
    return begun.valid_from >= since and runtime.tickets.matches(begun.standing, *credentials_of(user))


def credentials_of(user: User | None) -> tuple[str, ...]:
    """Return what a proof was about: where it changes, an earlier proof is none."""
    if user is None:
        return ("nobody",)
    return user.email_canonical, str(user.credentials_version), str(user.email_verified)
