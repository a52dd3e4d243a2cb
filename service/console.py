"""What the commands share: running a flow, and saying what went wrong in one line."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import orjson
import typer
from rich.console import Console
from rich.text import Text

from models import User
from service.accounts.accounts import find_by_email
from service.core.text.printable import visible
from service.errors import ServiceError, Unavailable
from service.runtime import Plugged, Runtime, open_runtime, settings_of
from service.settings import Settings, load_settings
from service.settings.checks import ConfigurationError

EXIT_FAILED, EXIT_USAGE, EXIT_TRY_AGAIN = 1, 2, 75

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Email = Annotated[str | None, typer.Option("--email", help="The user's e-mail address.")]
UserId = Annotated[str | None, typer.Option("--user-id", help="The user's id.")]


class _Out(Console):
    """Standard output: text is text, whoever wrote it. No markup, no emoji codes, and nothing that a terminal obeys."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **{**options, "markup": False, "emoji": False})


features: ContextVar[Sequence[Plugged]] = ContextVar("features", default=())
"""What the runtime of a command is opened with: set by who puts the commands together, out of those that bring them."""

out = _Out(soft_wrap=True, highlight=False, markup=False, emoji=False)
_T = TypeVar("_T")


def fail(message: str, code: int = EXIT_FAILED) -> NoReturn:
    """Say why on standard error, and exit."""
    typer.echo(visible(message), err=True)
    raise typer.Exit(code)


def print_json(value: object) -> None:
    """Print `value` as JSON. In a string, what a terminal would obey is written as an escape: it means the same."""
    sys.stdout.write(visible(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode()) + "\n")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what may go wrong into one clear line and an exit code."""
    try:
        yield
    except ConfigurationError as error:
        fail("\n".join(error.mistakes), EXIT_USAGE)
    except Unavailable as error:
        fail(f"The {error.what or 'store'} is out of reach; nothing was changed. Try again.", EXIT_TRY_AGAIN)
    except ServiceError as error:
        fail(error.detail)


def loaded_settings() -> Settings:
    """Return the settings, with those of the features that there are commands of; raise `ConfigurationError`."""
    return load_settings(settings_of(features.get()))


def settings() -> Settings:
    """Return the settings; logs of commands go to standard error, errors only."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(message)s")
    return loaded_settings()


def run(flow: Callable[[Runtime], Awaitable[_T]]) -> _T:
    """Open the runtime, run `flow`, and return what it returns."""

    async def opened() -> _T:
        async with open_runtime(settings(), features.get()) as runtime:
            return await flow(runtime)

    with plain_errors():
        return asyncio.run(opened())


async def find_user(email: str | None, user_id: str | None) -> User:
    """Return the user named by exactly one of the two; exit when there is none."""
    if (email is None) == (user_id is None):
        fail("Give either --email or --user-id.", EXIT_USAGE)
    if email is not None:
        user = await find_by_email(email)
    else:
        try:
            user = await User.get_or_none(id=UUID(user_id))
        except ValueError:
            fail(f"{user_id} is not an id.", EXIT_USAGE)
    if user is None:
        fail("There is no such user.")
    return user
