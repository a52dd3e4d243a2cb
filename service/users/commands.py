"""`latchkey users`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Column, Table

from models import User
from service.accounts import accounts
from service.accounts.views import UserResponse
from service.audit import events
from service.console import EXIT_USAGE, Email, Json, UserId, fail, find_user, out, print_json, run
from service.core.text.email_address import EmailAddress, parse_email
from service.runtime import Runtime
from service.users import administration, listing, transfer_commands
from service.users.administration import Change

app = typer.Typer(help="Accounts.", no_args_is_help=True)
app.command("import")(transfer_commands.import_command)
app.command("export")(transfer_commands.export_command)

Password = Annotated[
    str,
    typer.Option(
        "--password",
        help="Asked for when left out; other users of the machine can see arguments.",
        prompt=True,
        confirmation_prompt=True,
        hide_input=True,
    ),
]


@app.command("create-superuser")
def create_superuser(
    email: Annotated[str, typer.Option("--email", help="The e-mail address.", prompt=True)],
    password: Password,
    full_name: Annotated[str | None, typer.Option("--full-name", help="The name.")] = None,
    json: Json = False,
) -> None:
    """Create an administrator."""
    address = _address(email)

    async def flow(runtime: Runtime) -> User:
        return await accounts.create_account(
            runtime, address, password, full_name, event=events.USER_CREATED, email_verified=True, is_superuser=True
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
        wanted = listing.UserFilter(search=search)
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


@app.command("set-password")
def set_password(password: Password, email: Email = None, user_id: UserId = None, json: Json = False) -> None:
    """Give an account a new password and end its sessions."""
    _change(email, user_id, Change(password=password), json=json)


def _change(email: str | None, user_id: str | None, change: Change, *, json: bool) -> None:
    async def flow(runtime: Runtime) -> User:
        user = await find_user(email, user_id)
        return await administration.change_user(runtime, user.id, change, actor=None)

    _show([run(flow)], json=json, single=True)


def _address(text: str) -> EmailAddress:
    try:
        return parse_email(text)
    except ValueError as error:
        fail(str(error), EXIT_USAGE)


def _show(users: list[User], *, json: bool, single: bool = False) -> None:
    if json:
        shown = [UserResponse.model_validate(user).model_dump(mode="json") for user in users]
        print_json(shown[0] if single else shown)
        return
    table = Table(Column("id", no_wrap=True), "e-mail", "name", "active", "superuser", "created")
    for user in users:
        table.add_row(
            str(user.id),
            user.email,
            user.full_name or "",
            "yes" if user.is_active else "no",
            "yes" if user.is_superuser else "no",
            f"{user.created_at:%Y-%m-%d %H:%M}",
        )
    out.print(table)
