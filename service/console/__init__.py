"""What the commands share: running a flow, and saying what went wrong in one line."""

from __future__ import annotations

import codecs
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import orjson
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from models import User
from service.accounts.accounts import find_by_email
from service.audit import late
from service.core.process import interrupts
from service.core.process.exits import EXIT_FAILED as EXIT_FAILED
from service.core.process.exits import EXIT_NOTHING as EXIT_NOTHING
from service.core.process.exits import EXIT_SIGNAL as EXIT_SIGNAL
from service.core.process.exits import EXIT_TRY_AGAIN as EXIT_TRY_AGAIN
from service.core.process.exits import EXIT_USAGE as EXIT_USAGE
from service.core.process.exits import fail as fail
from service.core.process.exits import plain_errors as plain_errors
from service.core.process.streams import one_line_for_all as one_line_for_all
from service.core.process.streams import use_streams_of_any_kind as use_streams_of_any_kind
from service.core.text.printable import spelt, visible
from service.runtime import Plugged, Runtime, open_runtime, settings_of
from service.settings import Settings, load_settings

TOGETHER = 1000  # rows of a long table, for which columns are made as wide as they have to be
WIDEST = 44  # of a column, beyond which it is folded: the name of a key is 43

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Email = Annotated[str | None, typer.Option("--email", help="The user's e-mail address.")]
UserId = Annotated[str | None, typer.Option("--user-id", "--id", help="The user's id.")]


class _Out(Console):
    """Standard output: text is text, whoever wrote it. No markup, no emoji codes, and nothing that a terminal obeys."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **{**options, "markup": False, "emoji": False})


features: ContextVar[Sequence[Plugged]] = ContextVar("features", default=())
"""What the runtime of a command is opened with: set by who puts the commands together, out of those that bring them."""

out = _Out(soft_wrap=True, highlight=False, markup=False, emoji=False)
_T = TypeVar("_T")


def ask(what: str, *, secret: bool = False) -> str:
    """Ask at the terminal, a secret twice and unseen; where there is none, read a line of what is piped in.

    Standard output is what came of a command, and has no question in it.
    """
    if _somebody_is_there():
        try:
            return str(typer.prompt(what, hide_input=secret, confirmation_prompt=secret, err=True))
        except typer.Abort:
            fail("", EXIT_SIGNAL + signal.SIGINT)
    line = read_line(what)
    again = sys.stdin.readline().rstrip("\r\n") if secret else ""
    if again not in ("", line):
        fail(f"{what}: the two lines differ.", EXIT_USAGE)
    return line


def read_line(what: str) -> str:
    """Return the next line of standard input; exit where there is none."""
    try:
        line = sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
    except ValueError:  # not UTF-8; what it was is nobody's business
        fail(f"{what}: what is on standard input is no text.", EXIT_USAGE)
    return line or fail(f"{what}: nothing was given.", EXIT_USAGE)


def confirm(question: str) -> None:
    """Ask for a yes at the terminal, and give up without one. Where there is none, a line that is piped in says it."""
    if not _somebody_is_there():
        if sys.stdin is None or sys.stdin.readline().strip().lower() not in ("y", "yes"):
            fail(f"{question} Nobody is there to say so: give --yes.", EXIT_USAGE)
        return
    with interrupts.reading():
        typer.confirm(question, abort=True, err=True)


def _somebody_is_there() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def nothing_matched(message: str) -> NoReturn:
    """Say on standard error that there is nothing to act on, and exit with the code of that."""
    fail(message, EXIT_NOTHING)


def note(message: str) -> None:
    """Say something on standard error, and go on."""
    sys.stderr.write(visible(message) + "\n")


def print_json(value: object) -> None:
    """Print `value` as JSON. In a string, what a terminal would obey is written as an escape: it means the same."""
    sys.stdout.write(_json(value) + "\n")


def _json(value: object) -> str:
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z
    text = visible(orjson.dumps(value, default=str, option=options).decode())
    if codecs.lookup(sys.stdout.encoding).name != "utf-8":  # which JSON is in; in ASCII it is too
        text = "".join(char if char.isascii() else spelt(char) for char in text)
    return text


async def stream_json(batches: AsyncIterator[Sequence[object]]) -> None:
    """Print a JSON array of what comes bit by bit, whatever its number."""
    before = "["
    async for batch in batches:
        for value in batch:
            sys.stdout.write(f"{before}\n{_json(value)}")
            before = ","
    sys.stdout.write("[]\n" if before == "[" else "\n]\n")


async def stream_table(columns: Sequence[str], batches: AsyncIterator[Sequence[Sequence[str]]]) -> None:
    """Print a table of what comes bit by bit; to a terminal in several, each as wide as it has to be."""
    waiting: list[Sequence[str]] = []
    printed = False
    async for batch in batches:
        waiting += batch
        if len(waiting) >= TOGETHER:
            print_table(columns, waiting, head=not printed)
            printed, waiting = True, []
    if waiting or not printed:
        print_table(columns, waiting, head=not printed)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, head: bool = True) -> None:
    """Print a table, of which nothing is ever cut off.

    To a terminal: in columns where they fit, else each row as lines of its own. To a file or another program: a line
    for each row, parted by tabs, under a line with the names (`head`).
    """
    cells = [[visible(cell).replace("\n", spelt("\n")) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        sys.stdout.writelines("\t".join(row) + "\n" for row in (*([columns] if head else []), *cells))
        return
    widths = [min(max(map(cell_len, column)), WIDEST) for column in zip(columns, *cells, strict=True)]
    if sum(widths) + 3 * len(widths) + 1 <= out.width:
        table = Table(*(Column(name, overflow="fold", max_width=WIDEST) for name in columns))
        for row in cells:
            table.add_row(*row)
        out.print(table)
        return
    for row in cells:
        _print_lines(columns, row)
        out.print()


def print_one(cells: Mapping[str, str]) -> None:
    """Print what is one thing and no list: to a terminal a line for each of its cells, else as a table of one row."""
    if sys.stdout.isatty():
        _print_lines([f"{name}:" for name in cells], [visible(cell) for cell in cells.values()])
    else:
        print_table(list(cells), [list(cells.values())])


def _print_lines(names: Sequence[str], cells: Sequence[str]) -> None:
    longest = max(map(cell_len, names))
    for name, cell in zip(names, cells, strict=True):
        out.print(f"{name:<{longest}}  {cell}".rstrip())


def loaded_settings(**overrides: object) -> Settings:
    """Return the settings, with those of the features that there are commands of; raise `ConfigurationError`."""
    return load_settings(settings_of(features.get()), **overrides)


def settings(**overrides: object) -> Settings:
    """Return the settings; logs of commands go to standard error, errors only."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(message)s")
    return loaded_settings(**overrides)


def run(
    flow: Callable[[Runtime], Awaitable[_T]],
    so_far: Callable[[], str] = lambda: "",
    *,
    needs_redis: bool = True,
    overrides: Mapping[str, object] | None = None,
) -> _T:
    """Open the runtime, run `flow`, and return what it returns. `overrides` are settings said on the command line.

    Where somebody ends it (Ctrl-C, SIGTERM), `so_far` says what was done by then, and how to go on. Without
    `needs_redis` the flow does what it can also where Redis is away, or doesn't let us in.
    """

    async def opened() -> _T:
        async with open_runtime(settings(**(overrides or {})), features.get(), needs_redis=needs_redis) as runtime:
            try:
                return await flow(runtime)
            finally:
                await late.leave(runtime)

    with plain_errors():
        try:
            return interrupts.run(opened())
        except interrupts.Interrupted as end:
            fail(f"Interrupted. {so_far()}".rstrip(), EXIT_SIGNAL + end.number)


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
