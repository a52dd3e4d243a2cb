"""Who may import whom, once: `python -m tools.floors` writes it into CONTRIBUTING.md, `--check` only compares.

A room is a package (or a lone module) right below `service`; `models` and `latchkey` are beside it. Imports go strictly
down, from one floor to any below it. What a room may have from its own floor stands here as `beside`.
tests/test_architecture.py holds all of it against the code.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
CONTRIBUTING: Final = ROOT / "CONTRIBUTING.md"
BEGIN, END = "<!-- floors -->", "<!-- /floors -->"


@dataclass(frozen=True, slots=True)
class Room:
    """What a room is for, and which rooms of its own floor it may import."""

    name: str
    purpose: str
    beside: frozenset[str] = frozenset()


FLOORS: Final[tuple[tuple[Room, ...], ...]] = (
    (
        Room("errors", "every refusal there is: one class, one row of docs/api.md"),
        Room("models", "the tables"),
        Room("settings", "every setting, and what is wrong with a value"),
    ),
    (Room("core", "mechanisms without features, by what they are about: http, sql, redis, process, …"),),
    (Room("stores", "what the runtime opens: each does one atomic thing and returns an outcome"),),
    (Room("runtime", "everything a flow needs, opened once"),),
    (Room("jobs", "work that no request waits for: its kinds, its schedule, how workers do it"),),
    (
        Room("audit", "events: recorded, worded, told as a story"),
        Room("letters", "what letters say, where their links lead, the tokens in them"),
        Room("sessions", "who is calling, what they may do, how sessions end", frozenset({"audit", "letters"})),
    ),
    (Room("credentials", "what a user proves an account with, and what each try costs"),),
    (Room("accounts", "accounts: made, found, changed, deleted"),),
    (Room("signin", "the one door: every way of logging in ends here"),),
    (
        Room("console", "what commands share: running a flow, and saying what went wrong in one line"),
        Room("feature", "what a feature brings, in one object; how others' are loaded, served and examined"),
    ),
    (
        Room("admin", "events and statistics for administrators"),
        Room("auth", "registering, logging in and out, refreshing, re-authentication"),
        Room("binding", "what browsers send to bind a session to a key of theirs, and to prove that they have it"),
        Room("confirmations", "what links in letters do: confirm, change an address, set a password"),
        Room("devices", "one's sessions: seen, ended, watched"),
        Room("documents", "the OpenAPI document and its pages"),
        Room("factors", "second factors and passkeys: set up, shown at the door, taken away; trusted devices"),
        Room("frontend", "a built front end, served"),
        Room("jwks", "the published key set, and the change of keys"),
        Room("keeping", "the embedded sessions, kept from a clean stop to the next start"),
        Room("mail_login", "logging in with a code or a link from a letter"),
        Room("oauth", "OAuth 2's own calls: tokens by forms, revocation, introspection; what other services hear"),
        Room("offers", "what the service says of itself to somebody who isn't logged in"),
        Room("ops", "health, readiness, metrics, doctor"),
        Room("post", "letters, for who runs the service: the commands, a mailbox while developing"),
        Room("providers", "logging in with an account at another provider, and linking it"),
        Room("restores", "what a restored backup means: noticed, looked at, made safe"),
        Room("users", "one's own account; everybody's, for administrators; import and export"),
        Room("work", "what no request waits for, done: letters, and jobs of every kind"),
    ),
    (
        Room("features", "the features of Latchkey in one tuple, and those that `FEATURES` names"),
        Room("latchkey", "what applications built on Latchkey import: these names stay"),
    ),
    (Room("app", "the application, made of all of these"),),
    (Room("cli", "the `latchkey` command"),),
)

ROOMS: Final[Mapping[str, Room]] = {room.name: room for floor in FLOORS for room in floor}
FLOOR_OF: Final[Mapping[str, int]] = {room.name: number for number, floor in enumerate(FLOORS) for room in floor}


def module_name(path: Path) -> str:
    """`service/auth/flows.py` is `service.auth.flows`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def modules() -> dict[str, Path]:
    """Every module of the service, of the models and of what others import, by name."""
    paths = sorted(
        [*(ROOT / "service").rglob("*.py"), *(ROOT / "models").glob("*.py"), *(ROOT / "latchkey").glob("*.py")]
    )
    return {module_name(path): path for path in paths}


def room_of(module: str) -> str:
    """The room that a module is in: "" for `service` itself, which only says its version."""
    first, _, rest = module.partition(".")
    return first if first in ("models", "latchkey") else rest.partition(".")[0].removeprefix("__main__")


def imports_of(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """Every module of ours that a file imports, wherever in the file, also for types only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in known or node.module in known:
                    yield whole if whole in known else node.module


def graph() -> dict[str, set[str]]:
    """Which module imports which."""
    known = modules()
    return {name: set(imports_of(path, known)) - {name} for name, path in known.items()}


def climbs(edges: Mapping[str, set[str]]) -> list[str]:
    """Every import that doesn't go down, in words."""
    found = []
    for module, targets in sorted(edges.items()):
        room = room_of(module)
        for target in sorted(targets):
            other = room_of(target)
            if not room or not other or other == room or other in ROOMS[room].beside:
                continue
            if FLOOR_OF[other] >= FLOOR_OF[room]:
                found.append(f"{module} may not import {target}: {other} isn't below {room}")
    return found


def knotted(edges: Mapping[str, set[str]]) -> set[str]:
    """Every module that is in a ring of imports, or between two rings."""
    left = {module: set(targets) for module, targets in edges.items()}
    while True:
        imported = set().union(*left.values()) if left else set()
        free = {module for module, targets in left.items() if not targets or module not in imported}
        if not free:
            return set(left)
        left = {module: targets - free for module, targets in left.items() if module not in free}


def table() -> str:
    """The floors as CONTRIBUTING.md shows them, the highest first."""
    rows = ["| floor | room | what is there |", "| --- | --- | --- |"]
    for number, floor in reversed(list(enumerate(FLOORS))):
        for room in floor:
            beside = f" (may import {', '.join(sorted(room.beside))} beside it)" if room.beside else ""
            rows.append(f"| {number} | `{room.name}` | {room.purpose}{beside} |")
    return "\n".join(rows)


def rendered(text: str) -> str:
    """Return `text` with the table between the markers. Raises ValueError without markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"CONTRIBUTING.md needs {BEGIN} and, after it, {END}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Do it; return the exit code: 0 when the file is up to date now, 1 when `--check` found it old, 2 for usage."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m tools.floors [--check]", file=sys.stderr)
        return 2
    text = CONTRIBUTING.read_text(encoding="utf-8")
    wanted = rendered(text)
    if text != wanted and arguments:
        print("The table of rooms in CONTRIBUTING.md is out of date: run `make floors`.", file=sys.stderr)
        return 1
    CONTRIBUTING.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
