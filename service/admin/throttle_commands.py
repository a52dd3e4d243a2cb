"""`latchkey throttles`: what is counted against whom, and letting somebody try again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Final

import typer

from models import User
from service.accounts.accounts import find_by_email
from service.audit import events
from service.console import (
    EXIT_NOTHING,
    EXIT_USAGE,
    Email,
    Json,
    UserId,
    fail,
    find_user,
    note,
    out,
    print_json,
    print_table,
    run,
)
from service.credentials import throttled
from service.credentials.throttled import Throttled
from service.runtime import Runtime

app = typer.Typer(help="Throttles: who has used up their attempts, and letting them try again.", no_args_is_help=True)

MOST_ADDRESSES: Final = 1024
_COUNTED_BY: Final = (128, 64, 48)  # of IPv6

Ip = Annotated[
    list[str] | None,
    typer.Option("--ip", help="An address, or a small range (203.0.113.0/24, 2001:db8::/64). May be given again."),
]


@app.command("list")
def list_throttles(
    *,
    email: Email = None,
    user_id: UserId = None,
    ip: Ip = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that refuse nothing yet.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")] = 1000,
    json: Json = False,
) -> None:
    """List what is counted: who is refused, of which budget, and until when.

    Names are hashed: without --email, --user-id or --ip those are named that have failed within a day.
    """
    networks = _networks(ip)
    if sum((email is not None, user_id is not None, bool(networks))) > 1:
        fail("Give one of --email, --user-id and --ip.", EXIT_USAGE)

    async def flow(runtime: Runtime) -> list[Throttled]:
        _expect_shared(runtime)
        if email is not None or user_id is not None or networks:
            return await _found(runtime, email, user_id, networks)
        found: list[Throttled] = []
        async for batch in throttled.everywhere(runtime):
            found += [one for one in batch if everything or one.until is not None]
            if len(found) > limit:
                break
        return found

    found = run(flow)
    chosen = bool(email or user_id or networks) or everything
    shown = [one for one in found if chosen or one.until is not None][:limit]
    if json:
        print_json([asdict(one) for one in shown])
        return
    _show(shown)
    if len(found) > limit:
        note(f"There are more than {limit}; see --limit.")


@app.command()
def clear(
    *,
    email: Email = None,
    user_id: UserId = None,
    ip: Ip = None,
    everyone: Annotated[bool, typer.Option("--all", help="Everything that is counted, of everybody.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json: Json = False,
) -> None:
    """Forget what is counted against a user, an address or everybody: they can try again at once. It is recorded.

    What single processes count for themselves (refused refreshes, nonsense) is over within a minute, and stays. Exit
    code 3: nothing was counted.
    """
    networks = _networks(ip)
    if sum((email is not None, user_id is not None, bool(networks), everyone)) != 1:
        fail("Give one of --email, --user-id, --ip and --all.", EXIT_USAGE)

    async def flow(runtime: Runtime) -> int:
        _expect_shared(runtime)
        if everyone:
            return await _clear_everyone(runtime, yes=yes)
        found = await _found(runtime, email, user_id, networks)
        if found and not yes:
            typer.confirm(f"Forget {_counts(len(found))}?", abort=True, err=True)
        cleared = await throttled.clear(runtime, found)
        user = None if networks else await _user(email, user_id)
        if cleared:
            address = " ".join(map(str, networks)) if networks else None
            await events.record(
                runtime,
                events.THROTTLES_CLEARED,
                user_id=user.id if user else None,
                cleared=cleared,
                by="operator",
                address=address,
            )
        return cleared

    cleared = run(flow)
    if json:
        print_json({"cleared": cleared})
    else:
        out.print(f"{_counts(cleared)} forgotten." if cleared else "Nothing is counted there.")
    if not cleared:
        raise typer.Exit(EXIT_NOTHING)


async def _clear_everyone(runtime: Runtime, *, yes: bool) -> int:
    if not yes:
        typer.confirm("Forget everything that is counted, also against who is guessing now?", abort=True, err=True)
    cleared = 0
    async for batch in throttled.everywhere(runtime):
        cleared += await throttled.clear(runtime, batch)
    if cleared:
        await events.record(
            runtime, events.THROTTLES_CLEARED, user_id=None, cleared=cleared, by="operator", everyone=True
        )
    return cleared


async def _found(
    runtime: Runtime, email: str | None, user_id: str | None, networks: Sequence[IPv4Network | IPv6Network]
) -> list[Throttled]:
    if networks:
        addresses = [str(host) for network in networks for host in _hosts(network)]
        return [one for address in addresses for one in await throttled.of_address(runtime, address)]
    user = await _user(email, user_id)
    return await throttled.of_name(runtime, email or "") if user is None else await throttled.of_user(runtime, user)


async def _user(email: str | None, user_id: str | None) -> User | None:
    """Return the user; None for an address that has no account: attempts at it are counted all the same."""
    return await find_by_email(email) if email is not None else await find_user(None, user_id)


def _networks(given: Sequence[str] | None) -> list[IPv4Network | IPv6Network]:
    found = []
    for text in given or ():
        try:
            network = ip_network(text.strip(), strict=False)
        except ValueError:
            fail(f"{text} is no address and no range of addresses.", EXIT_USAGE)
        if isinstance(network, IPv4Network) and network.num_addresses > MOST_ADDRESSES:
            fail(
                f"{text} has more than {MOST_ADDRESSES} addresses. They are hashed, so each has to be looked up: give "
                "smaller ranges.",
                EXIT_USAGE,
            )
        if isinstance(network, IPv6Network) and network.prefixlen not in _COUNTED_BY:
            fail(f"{text}: IPv6 addresses are counted by /64 and by /48. Give an address, or one of these.", EXIT_USAGE)
        found.append(network)
    return found


def _hosts(network: IPv4Network | IPv6Network) -> list[object]:
    return list(network) if isinstance(network, IPv4Network) else [network.network_address]


def _expect_shared(runtime: Runtime) -> None:
    if runtime.settings.REDIS_URL.startswith("memory:"):
        fail("memory:// keeps throttles inside the running service, where no command can see them.", EXIT_USAGE)


def _show(found: Sequence[Throttled]) -> None:
    if not found:
        note("Nothing is counted.")
        return
    print_table(
        ("budget", "whose", "about", "taken", "of", "refused until", "forgotten at", "key"),
        [
            (
                one.budget,
                one.whose or "?",
                one.about or "?",
                str(one.taken),
                str(one.of) if one.of is not None else "?",
                f"{one.until:%Y-%m-%d %H:%M:%S}" if one.until else "",
                f"{one.forgotten_at:%Y-%m-%d %H:%M:%S}",
                one.key,
            )
            for one in found
        ],
    )


def _counts(number: int) -> str:
    return f"{number} count{'' if number == 1 else 's'}"
