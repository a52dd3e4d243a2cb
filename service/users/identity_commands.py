"""`latchkey users identities` and `latchkey users unlink`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from service.console import Email, Json, UserId, fail, find_user, note, out, print_json, print_table, run
from service.core.text.moments import written
from service.errors import LastWayIn
from service.runtime import Runtime
from service.sessions import endings
from service.users import linked
from service.users.linked import Linked


def identities_command(email: Email = None, user_id: UserId = None, json: Json = False) -> None:
    """Show which accounts at other providers open an account."""

    async def flow(runtime: Runtime) -> tuple[Linked, ...]:
        return await linked.linked_of(runtime, await find_user(email, user_id))

    found = run(flow)
    if json:
        print_json([asdict(one) for one in found])
        return
    rows = [
        (
            str(one.id),
            one.provider,
            one.email or "",
            written(one.created_at),
            written(one.last_used_at) if one.last_used_at else "never",
            "yes" if one.offered else "no",
        )
        for one in found
    ]
    print_table(("id", "provider", "e-mail there", "linked", "used", "opens"), rows)


@dataclass(frozen=True, slots=True)
class _Done:
    identity: Linked
    sessions: int | None


def unlink_command(
    identity: Annotated[str, typer.Argument(help="Its id, or its provider's where there is one of it.")],
    *,
    email: Email = None,
    user_id: UserId = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Also where nothing else opens the account.")] = False,
    json: Json = False,
) -> None:
    """Unlink an account at another provider: it opens the account no more. Every session of the user ends."""

    async def flow(runtime: Runtime) -> _Done:
        user = await find_user(email, user_id)
        one = _chosen(await linked.linked_of(runtime, user), identity)
        try:
            ended = await linked.unlink(runtime, user.id, one.id, actor=None, reason=reason, force=force)
        except LastWayIn as error:
            fail(f"{error.detail} Set a password before (latchkey users set-password), or give --force.")
        if not await endings.is_tidy(runtime, user.id):
            note("Redis is out of reach. That is done all the same: the database says that the sessions are over.")
        return _Done(one, ended)

    done = run(flow, needs_redis=False)
    if json:
        print_json({"unlinked": done.identity.id, "provider": done.identity.provider, "sessions": done.sessions})
        return
    counted = (
        "every session" if done.sessions is None else f"{done.sessions} session{'' if done.sessions == 1 else 's'}"
    )
    out.print(f"The account at {done.identity.name} opens this one no more; {counted} ended.")


def _chosen(found: tuple[Linked, ...], named: str) -> Linked:
    """Return the one that is meant; exit where none is, or more than one could be."""
    fitting = [one for one in found if named.lower() in (str(one.id), one.provider)]
    if not fitting:
        fail(f"No account at a provider that opens this one is called {named}: see latchkey users identities.")
    if len(fitting) > 1:
        fail(
            f"There are {len(fitting)} accounts at {named}: name one by its id, as latchkey users identities shows it."
        )
    return fitting[0]
