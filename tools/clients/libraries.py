"""OAuth 2's libraries, as they come, against the running service: a table of what each of them sees.

Nobody here wrote them, and they read answers as their authors read the RFCs: a call may be right and yet be taken for
something else. Each story in `stories/` tells its cells, a line of JSON each, and says of each whether it is right.
"""

from __future__ import annotations

import base64
import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx

from service.core.crypto import totp
from tests.servers import free_port
from tests.support.people import PASSWORD
from tests.support.process import latchkey, serving
from tests.support.stores import real_stores
from tools.clients.running import NODE, STORIES, TSC, WORK, run

BELOW: Final = "/id"
WELL_KNOWN: Final = "/.well-known/"
AWAY: Final = "503"
PROVES: Final = "proves a key (RFC 9449)"
TIGHT: Final = {"LOGIN_ATTEMPTS_PER_ACCOUNT": "3", "REFRESH_GRACE_SECONDS": "0"}
CELLS: Final = (
    "discovery", "below a path", "password", "refresh", "a wrong password", "a second factor owed", "a spent token",
    "revoke", "introspect", "verifies (RFC 9068)", PROVES, "429", AWAY, "at /api/auth",
)  # fmt: skip


@dataclass(frozen=True)
class Library:
    """One of them: what it is called, the file of its story, and what it hasn't got."""

    title: str
    story: str
    without: frozenset[str] = frozenset()


VERIFIES: Final = frozenset({"verifies (RFC 9068)"})
HAS_NO_KEY: Final = frozenset({PROVES})
LIBRARIES: Final = (
    Library("Authlib", "authlib_session.py", VERIFIES | HAS_NO_KEY),
    Library(
        "requests-oauthlib",
        "requests_oauthlib_session.py",
        VERIFIES | HAS_NO_KEY | {"discovery", "below a path", "revoke", "introspect"},
    ),
    Library("oauth4webapi", "oauth4webapi.ts"),
    Library("openid-client", "openid_client.ts", VERIFIES),
)


@dataclass(frozen=True)
class Given:
    """What a story is given; the words are those of stories/telling.ts."""

    issuer: str
    below: str
    client_id: str
    client_secret: str = field(repr=False)
    person: str
    factor: str
    guessed: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    away: bool = False
    audience: str = "latchkey"
    password: str = field(default=PASSWORD, repr=False)


@dataclass(frozen=True)
class Cell:
    """What a story saw, and whether that is right."""

    cell: str
    saw: str
    right: bool


Table = dict[str, dict[str, Cell]]


def table() -> Table:
    """Play all stories; return what each saw, by library and cell."""
    with ThreadPoolExecutor(2) as pool:
        commands = dict(zip(LIBRARIES, pool.map(prepared, LIBRARIES), strict=True))
    with stage() as (given, cut_off), ThreadPoolExecutor(2) as pool:
        seen: Table = {library.title: {} for library in LIBRARIES}

        def play(away: bool) -> None:
            for library, cells in pool.map(lambda one: (one, told(commands[one], given(one, away))), LIBRARIES):
                seen[library.title].update({cell.cell: cell for cell in cells})

        play(False)
        cut_off()
        play(True)
    return seen


def prepared(library: Library) -> tuple[str | Path, ...]:
    """Compile a story strictly, and bundle it, where it is one for Node; return the command that plays it."""
    place = WORK / Path(library.story).stem
    place.mkdir(parents=True)
    if library.story.endswith(".py"):
        return (sys.executable, STORIES / library.story)
    for file in ("telling.ts", library.story):
        shutil.copy(STORIES / file, place)
    run(NODE / "tsc", *TSC, library.story, cwd=place)
    run(
        NODE / "esbuild", library.story, "--bundle", "--platform=node", "--format=esm", "--outfile=story.mjs",
        cwd=place,
    )  # fmt: skip
    return ("node", place / "story.mjs")


def told(command: tuple[str | Path, ...], given: Given) -> list[Cell]:
    """Play a story; return its cells."""
    said = run(*command, json.dumps(asdict(given)), cwd=WORK)
    return [Cell(**json.loads(line)) for line in said.splitlines()]


def wrong(seen: Table) -> list[str]:
    """Return what isn't as it should be, a line each: cells that are wrong, and those that nobody told."""
    found = []
    for library in LIBRARIES:
        cells = seen[library.title]
        for name in CELLS:
            if name in library.without:
                continue
            if name not in cells:
                found.append(f"{library.title}, {name}: not told")
            elif not cells[name].right:
                found.append(f"{library.title}, {name}: {cells[name].saw}")
    return found


def written(seen: Table) -> str:
    """Return the table, a row a cell, for a terminal."""
    rows = [("", *(library.title for library in LIBRARIES))]
    rows += [(name, *(_shown(library, seen[library.title].get(name), name) for library in LIBRARIES)) for name in CELLS]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(" | ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in rows)


def _shown(library: Library, cell: Cell | None, name: str) -> str:
    if name in library.without:
        return "-"
    return cell.saw if cell is not None and cell.right else "WRONG"


@contextmanager
def stage() -> Iterator[tuple[Callable[[Library, bool], Given], Callable[[], None]]]:
    """Run two services, one of them below a path; yield what a story is given, and what takes Redis away."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory()))
        stores = stack.enter_context(real_stores())
        issuer, port = _address(free_port())
        settings = stores.environment(PUBLIC_URL=issuer, PORT=port, **TIGHT)
        _command("db", "upgrade", **settings)
        made = json.loads(_command("clients", "add", "Billing", "--resource-server", "--json", **settings))
        client = {name: made[name] for name in ("client_id", "client_secret")}
        stack.enter_context(serving(directory / "log", **settings))
        inside, port = _address(free_port())
        below = stack.enter_context(under_a_path(inside))
        embedded = {"DATABASE_URL": f"sqlite://{directory}/below.sqlite3", "REDIS_URL": "memory://"}
        stack.enter_context(serving(directory / "below.log", PUBLIC_URL=below, PORT=port, **embedded))
        tokens = {library: _people(issuer, library, settings) for library in LIBRARIES}

        def given(library: Library, away: bool) -> Given:
            who = {who: _mail(who, library) for who in ("person", "factor", "guessed")}
            return Given(issuer, below, away=away, **client, **who, **tokens[library])

        assert stores.redis is not None
        yield given, stores.redis.kill


def _address(port: int) -> tuple[str, str]:
    return f"http://127.0.0.1:{port}", str(port)


def _mail(who: str, library: Library) -> str:
    return f"{who}.{Path(library.story).stem}@example.com"


def _command(*args: str, **settings: str) -> str:
    done = latchkey(*args, **settings)
    if done.returncode:
        raise RuntimeError(f"latchkey {' '.join(args)}\n{done.stderr}")
    return done.stdout


def _people(issuer: str, library: Library, settings: dict[str, str]) -> dict[str, str]:
    """Make the accounts of a library's story; return the tokens of its person's session."""
    with httpx.Client(base_url=f"{issuer}/api") as client:
        for who in ("person", "guessed"):
            client.post("/auth/register", json=_known(who, library)).raise_for_status()
        _with_a_factor(client, library, settings)
        return _tokens(client, "person", library)


def _known(who: str, library: Library) -> dict[str, str]:
    return {"email": _mail(who, library), "password": PASSWORD}


def _tokens(client: httpx.Client, who: str, library: Library) -> dict[str, str]:
    answer = client.post("/auth/login", json=_known(who, library)).raise_for_status().json()
    return {name: answer[name] for name in ("access_token", "refresh_token")}


def _with_a_factor(client: httpx.Client, library: Library, settings: dict[str, str]) -> None:
    """Make an account, whose address counts as confirmed, and give it an app for codes."""
    _command("users", "create-superuser", "--email", _mail("factor", library), "--password", PASSWORD, **settings)
    with httpx.Client(base_url=client.base_url) as app:
        app.headers["Authorization"] = f"Bearer {_tokens(client, 'factor', library)['access_token']}"
        begun = app.post("/users/me/factors/totp").raise_for_status().json()
        secret = base64.b32decode(begun["secret"])
        moment = app.get("/health").headers["date"]
        code = totp.code_at(secret, totp.step_at(parsedate_to_datetime(moment)))
        body = {"enrolment": begun["enrolment"], "code": code}
        app.post("/users/me/factors/totp/confirm", json=body).raise_for_status()


@contextmanager
def under_a_path(service: str) -> Iterator[str]:
    """Run a proxy that has the service below a path, its metadata beside it (RFC 8414 section 3.1). Yields where."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path if self.path.startswith(WELL_KNOWN) else self.path.removeprefix(BELOW)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            answer = httpx.request(self.command, service + path, content=body, headers=headers)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name not in ("connection", "content-encoding", "content-length", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_POST = do_GET  # noqa: N815 - its name in the base class

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{BELOW}"
    finally:
        server.shutdown()
        server.server_close()
