"""Signs that somebody holds a copy of a session's tokens, where ending the session would be unjust: an honest client
looks nearly the same. They are events, for the owner and the operator to see (R77).
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_network

from models import User
from service.audit import events
from service.core.client import Client
from service.core.http.networks import host_of
from service.letters import links, notices
from service.runtime import Runtime
from service.stores.letter_kinds import COPY_LOCKED_OUT, SESSION_COPIED
from service.stores.refresh_tokens import RefreshToken
from service.stores.sessions.outcomes import Replayed, Rotated

# The first: so often an answer gets lost in a row where a network is bad, and hardly ever more. Then ever more rarely:
# whoever has the token can show it as often as they like, and must not bury the owner's other events.
UNANSWERED = (3, 10, 100, 1_000, 10_000, 100_000)


async def note(runtime: Runtime, token: RefreshToken, found: Rotated | Replayed, client: Client) -> None:
    """Record what a refresh shows besides its outcome. A database that is away fails nothing."""
    match found:
        case Replayed(_, maker) | Rotated(_, _, Client() as maker) if _elsewhere(client, maker):
            await events.record(
                runtime,
                events.TOKEN_SHARED,
                user_id=token.uid,
                session_id=token.sid,
                client=client,
                once=_today(runtime),
                previous_ip=maker.ip,
                previous_user_agent=maker.user_agent,
            )
        case Rotated(_, unanswered) if unanswered in UNANSWERED:
            await events.record(
                runtime,
                events.TOKEN_REPEATED,
                user_id=token.uid,
                session_id=token.sid,
                client=client,
                once=f"{_today(runtime)} {unanswered}",
                presented_gen=token.gen,
                unanswered=unanswered,
            )


def _today(runtime: Runtime) -> str:
    return f"{runtime.clock.now():%Y-%m-%d}"  # one a day tells enough


async def tell(runtime: Runtime, user: User, client: Client, *, ended: bool) -> None:
    """Write to a user that a refresh token was used twice, and its session ended, or the copy was shut out of it."""
    letter = SESSION_COPIED if ended else COPY_LOCKED_OUT
    await notices.tell(runtime, letter, user, link=links.devices(runtime.settings), **notices.where(client, user))


def _elsewhere(client: Client, maker: Client) -> bool:
    """Return whether two calls within seconds come from two places: two tabs, or a copy.

    Another address alone may be one browser's too: the same name of a host has addresses of both families, and large
    networks give out several. So what is near counts as one.
    """
    return client.user_agent != maker.user_agent or _far(client.ip, maker.ip)


def _far(one: str, other: str) -> bool:
    if one == other:  # as nearly always
        return False
    first, second = host_of(one), host_of(other)
    if first is None or second is None:
        return one != other
    if first.version != second.version:
        return False
    near = ip_network((first, 48 if isinstance(first, IPv6Address) else 24), strict=False)
    return second not in near
