"""`latchkey sessions list`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer

from service.console import Email, Json, UserId, find_user, out, print_json, run, stream_json, stream_table
from service.core.text.moments import written
from service.devices.choosing_commands import Addresses, Agent, Since, Until, in_words, needs_redis, wanted_by
from service.runtime import Runtime
from service.sessions import everyones, receipts
from service.sessions.everyones import Found
from service.sessions.schemas import SessionResponse

COLUMNS = ("id", "e-mail", "name", "device", "address", "logged in", "last used", "bound")


def list_them(
    *,
    email: Email = None,
    user_id: UserId = None,
    ip: Addresses = None,
    user_agent: Agent = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="How many at most; else all.")] = None,
    count: Annotated[bool, typer.Option("--count", help="Say only how many there are.")] = False,
    json: Json = False,
) -> None:
    """List who is logged in: a user's sessions, the one used last first; or everyone's, in no order."""
    by_user = email is not None or user_id is not None
    wanted = wanted_by(ip=ip, user_agent=user_agent, since=since, until=until)

    async def flow(runtime: Runtime) -> receipts.Counted | None:
        needs_redis(runtime)
        if by_user:
            found = _in_one(await everyones.list_users(runtime, await find_user(email, user_id), wanted))
        else:
            found = everyones.list_everyones(runtime, wanted, only_count=count)
        if count:
            return await _count(found)
        chosen = _at_most(limit, found)
        if json:
            await stream_json(_as_json(chosen))
        else:
            await stream_table(COLUMNS, _as_rows(chosen))
        return None

    counted = run(flow, lambda: "This is not all of it." if not count else "")
    if counted is not None and json:
        print_json(asdict(counted))
    elif counted is not None:
        out.print(f"{in_words(counted.sessions)} of {counted.users} users.")


async def _in_one(found: Sequence[Found]) -> AsyncIterator[Sequence[Found]]:
    yield found


async def _at_most(limit: int | None, batches: AsyncIterator[Sequence[Found]]) -> AsyncIterator[Sequence[Found]]:
    left = limit
    async for batch in batches:
        yield batch if left is None else batch[:left]
        if left is not None and (left := left - len(batch)) <= 0:
            return


async def _count(batches: AsyncIterator[Sequence[Found]]) -> receipts.Counted:
    sessions, users = 0, set[UUID]()
    async for batch in batches:
        sessions += len(batch)
        users.update(one.user.id for one in batch)
    return receipts.Counted(sessions, len(users))


async def _as_json(batches: AsyncIterator[Sequence[Found]]) -> AsyncIterator[Sequence[object]]:
    async for batch in batches:
        yield [
            SessionResponse.of(one.session, None).model_dump(mode="json", exclude={"current"})
            | {"user_id": one.user.id, "email": one.user.email}
            for one in batch
        ]


async def _as_rows(batches: AsyncIterator[Sequence[Found]]) -> AsyncIterator[Sequence[Sequence[str]]]:
    async for batch in batches:
        yield [
            (
                str(session.id),
                one.user.email,
                session.name or "",
                session.device,
                session.ip,
                written(session.created_at),
                written(session.last_used_at),
                session.bound or "",
            )
            for one in batch
            for session in (SessionResponse.of(one.session, None),)
        ]
