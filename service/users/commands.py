"""`latchkey users`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from models import User
from service.accounts import accounts
from service.accounts.views import UserResponse
from service.audit import events
from service.console import (
    EXIT_NOTHING,
    EXIT_USAGE,
    Email,
    Json,
    UserId,
    ask,
    confirm,
    fail,
    find_user,
    note,
    out,
    print_json,
    print_one,
    print_table,
    read_line,
    run,
)
from service.core.text.email_address import EmailAddress, parse_email
from service.core.text.moments import written
from service.core.text.printable import seen_name
from service.credentials import factor_resets, throttled
from service.runtime import Runtime
from service.sessions import endings
from service.users import administration, identity_commands, listing, transfer_commands
from service.users.administration import Change
from service.users.finding import UserFilter

app = typer.Typer(help="Accounts.", no_args_is_help=True)
app.command("import")(transfer_commands.import_command)
app.command("export")(transfer_commands.export_command)
app.command("identities")(identity_commands.identities_command)
app.command("unlink")(identity_commands.unlink_command)

Password = Annotated[
    str | None,
    typer.Option(
        "--password",
        envvar="LATCHKEY_PASSWORD",
        show_envvar=False,
        help="Asked for when left out, or taken from LATCHKEY_PASSWORD; other users of the machine can see arguments.",
    ),
]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input: one line.")]


@app.command("create-superuser")
def create_superuser(
    email: Annotated[str | None, typer.Option("--email", help="The e-mail address. Asked for when left out.")] = None,
    password: Password = None,
    password_stdin: FromStdin = False,
    full_name: Annotated[str | None, typer.Option("--full-name", help="The name.")] = None,
    json: Json = False,
) -> None:
    """Create an administrator."""
    address, name = _address(email or ask("E-mail")), _name(full_name)
    chosen = _password(password, from_stdin=password_stdin)

    async def flow(runtime: Runtime) -> User:
        return await accounts.create_account(
            runtime, address, chosen, name, event=events.USER_CREATED, email_verified=True, is_superuser=True
        )

    _show([run(flow)], json=json, single=True)


@app.command("list")
def list_users(
    search: Annotated[str | None, typer.Option("--search", help="A part of the address or the name.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 100,
    skip: Annotated[int, typer.Option("--skip", min=0, help="How many to leave out.")] = 0,
    json: Json = False,
) -> None:
    """List users, the oldest first."""

    async def flow(runtime: Runtime) -> listing.UserPage:
        wanted = UserFilter(search=search)
        return await listing.list_users(runtime, wanted, "created_at", skip=skip, limit=limit, after=None)

    page = run(flow)
    _show(list(page.users), json=json)
    if not json and page.total > skip + len(page.users):
        out.print(f"{page.total} in all; see --skip and --limit.")


@app.command()
def show(email: Email = None, user_id: UserId = None, json: Json = False) -> None:
    """Show one user."""

    async def flow(_runtime: Runtime) -> User:
        return await find_user(email, user_id)

    _show([run(flow)], json=json, single=True)


@app.command()
def disable(email: Email = None, user_id: UserId = None, json: Json = False) -> None:
    """Disable an account and end its sessions."""
    _change(email, user_id, Change(is_active=False), json=json)


@app.command()
def enable(email: Email = None, user_id: UserId = None, json: Json = False) -> None:
    """Enable an account again."""
    _change(email, user_id, Change(is_active=True), json=json)


@app.command()
def delete(
    email: Email = None,
    user_id: UserId = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    json: Json = False,
) -> None:
    """Delete an account for good, with all that is stored about its user. Its sessions end with it."""

    async def flow(runtime: Runtime) -> User:
        user = await find_user(email, user_id)
        if not yes:
            confirm(f"Delete {user.email} ({user.id}) for good?")
        await administration.delete_user(runtime, user.id, actor=None)
        return user

    user = run(flow, lambda: "`latchkey users show` says whether the account is still there.")
    if json:
        print_json({"deleted": user.id, "email": user.email})
    else:
        out.print(f"{user.email} ({user.id}) was deleted, with all that was stored about its user.")


@app.command("set-password")
def set_password(
    password: Password = None,
    password_stdin: FromStdin = False,
    email: Email = None,
    user_id: UserId = None,
    json: Json = False,
) -> None:
    """Give an account a new password and end its sessions."""
    _change(email, user_id, Change(password=_password(password, from_stdin=password_stdin)), json=json)


@app.command()
def unlock(email: Email = None, user_id: UserId = None, json: Json = False) -> None:
    """Let a user try to log in again at once, whatever was guessed at the account. It is recorded.

    An address that has used up its attempts is another matter: `latchkey throttles clear --ip`. Exit code 3: nothing
    was counted against the account.
    """

    async def flow(runtime: Runtime) -> tuple[int, bool]:
        if runtime.settings.REDIS_URL.startswith("memory:"):
            fail("memory:// keeps throttles inside the running service, where no command can see them.", EXIT_USAGE)
        user = await find_user(email, user_id)
        return await throttled.clear_user(runtime, user), user.is_active

    cleared, active = run(flow)
    if json:
        print_json({"cleared": cleared, "is_active": active})
    else:
        out.print(f"{cleared} count{'' if cleared == 1 else 's'} forgotten." if cleared else "Nothing is counted.")
        if not active:
            out.print("The account is disabled: see `latchkey users enable`.")
    if not cleared:
        raise typer.Exit(EXIT_NOTHING)


@app.command("factors")
def show_factors(email: Email = None, user_id: UserId = None, json: Json = False) -> None:
    """Show which second factors an account has."""

    async def flow(runtime: Runtime) -> factor_resets.Overview:
        return await factor_resets.overview(runtime, await find_user(email, user_id))

    found = run(flow)
    since = found.totp.created_at if found.totp else None
    keys = [{"name": key.credential.label, "suspended": key.suspended_at is not None} for key in found.passkeys]
    told = {"totp": since, "passkeys": keys, "recovery_codes": found.recovery_codes.number, "required": found.required}
    told |= {"go_at": found.go_at} if found.go_at else {}
    if json:
        print_json(told)
        return
    out.print(f"App for codes: {f'since {written(since)}' if since else 'none'}")
    named = [f"{key['name']}{' (suspended)' if key['suspended'] else ''}" for key in keys]
    out.print(f"Passkeys: {', '.join(named) or 'none'}", markup=False)
    out.print(f"Recovery codes: {found.recovery_codes.number} left")
    out.print(f"Required: {'yes' if found.required else 'no'}")
    if found.go_at:
        out.print(f"Taken away at {written(found.go_at)}, as somebody with password and mailbox has asked")


@app.command("reset-factors")
def reset_factors(
    email: Email = None,
    user_id: UserId = None,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")] = "",
    json: Json = False,
) -> None:
    """Take an account's second factors away, with recovery codes and trusted devices, and end its sessions."""

    async def flow(runtime: Runtime) -> factor_resets.Receipt:
        user = await find_user(email, user_id)
        found = await factor_resets.reset(runtime, user.id, actor=None, reason=reason)
        await _tell_of_redis(runtime, user)
        return found

    done = run(flow, needs_redis=False)
    if json:
        print_json({name: getattr(done, name) for name in ("factors", "recovery_codes", "trusted_devices", "sessions")})
        return
    out.print(f"Taken away: {', '.join(done.factors) or 'no factor'}, {done.recovery_codes} recovery codes,")
    out.print(f"{done.trusted_devices} trusted devices, {done.sessions} sessions.")


def _change(email: str | None, user_id: str | None, change: Change, *, json: bool) -> None:
    async def flow(runtime: Runtime) -> User:
        user = await administration.change_user(runtime, (await find_user(email, user_id)).id, change, actor=None)
        if change.ends:
            await _tell_of_redis(runtime, user)
        return user

    _show([run(flow, needs_redis=False)], json=json, single=True)


async def _tell_of_redis(runtime: Runtime, user: User) -> None:
    """Say what is certain about the sessions that have just ended, where Redis is away."""
    if not await endings.is_tidy(runtime, user.id):
        note(
            "Redis is out of reach. That is done all the same, and every session of theirs from before is over: the "
            "database says so. Until Redis is back nobody is let in (503); then what it still holds of them is refused."
        )


def _password(given: str | None, *, from_stdin: bool) -> str:
    if not from_stdin:
        return given or ask("Password", secret=True)
    if given and "LATCHKEY_PASSWORD" not in os.environ:
        fail("Give the password in one way: --password or --password-stdin.", EXIT_USAGE)
    return read_line("Password")


def _address(text: str) -> EmailAddress:
    try:
        return parse_email(text)
    except ValueError as error:
        fail(str(error), EXIT_USAGE)


def _name(text: str | None) -> str | None:
    try:
        return seen_name(text) if text else None
    except ValueError as error:
        fail(f"The name {error}.", EXIT_USAGE)


def _show(users: list[User], *, json: bool, single: bool = False) -> None:
    if json:
        shown = [UserResponse.model_validate(user).model_dump(mode="json") for user in users]
        print_json(shown[0] if single else shown)
        return
    columns = ("id", "e-mail", "name", "active", "superuser", "created")
    rows = [
        (
            str(user.id),
            user.email,
            user.full_name or "",
            "yes" if user.is_active else "no",
            "yes" if user.is_superuser else "no",
            written(user.created_at),
        )
        for user in users
    ]
    if single:
        print_one(dict(zip(columns, rows[0], strict=True)))
    else:
        print_table(columns, rows)
