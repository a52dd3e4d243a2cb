"""Calls that may not be made: each was a hole somewhere (SECURITY.md, traps 2 to 4; STYLE: rules are code)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted([*(ROOT / "service").rglob("*.py"), *(ROOT / "models").rglob("*.py")])

# Attributes of a request that follow what the client says about itself, or read its body leniently.
OF_A_REQUEST = {
    "host", "url", "url_for", "server_name", "server_path", "server_port", "scheme", "forwarded", "remote_addr",
    "client_ip", "json", "load_json", "form", "get_form", "files", "args", "get_args", "query_args", "get_query_args",
    "token", "credentials", "cookies", "get_cookies",
}  # fmt: skip
NAMES_OF_REQUESTS = {"request", "req"}

# The system's time, past the clock that tests can move. Measuring durations (perf_counter, loop.time) is no such thing.
OF_TIME = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
    ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("time", "sleep"),
}  # fmt: skip
MAY_ASK_THE_TIME = {"service/core/clock.py"}


def calls(path: Path) -> Iterator[tuple[int, str, str]]:
    """Every `name.attribute` (and `x.name.attribute`) in a file, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            yield node.lineno, name, node.attr


def forbidden(path: Path, *, may_ask_the_time: bool = False) -> Iterator[str]:
    """Every call in a file that nobody may make."""
    for line, name, attribute in calls(path):
        if name in NAMES_OF_REQUESTS and attribute in OF_A_REQUEST:
            yield f"{path}:{line}: {name}.{attribute}"
        if (name, attribute) in OF_TIME and not may_ask_the_time:
            yield f"{path}:{line}: {name}.{attribute}: ask the runtime's clock"


def test_nothing_forbidden() -> None:
    """R23, R61, R65: no lenient reading of requests, no links from Host headers, no time but the clock's."""
    found = [
        offence
        for path in SOURCES
        for offence in forbidden(path, may_ask_the_time=path.relative_to(ROOT).as_posix() in MAY_ASK_THE_TIME)
    ]
    assert not found, "\n".join(found)


def test_nobody_reads_cookies_leniently() -> None:
    """R50: service.core.http.cookies reads them, as bytes; none that takes off quotes and white space does."""
    found = [
        f"{path}: {parser}"
        for path in SOURCES
        for parser in ("parse_cookie", "http.cookies", "sanic.cookies")
        if parser in path.read_text(encoding="utf-8").replace("service.core.http.cookies", "")
    ]
    assert not found, "\n".join(found)


def test_the_rule_sees_what_it_should(tmp_path: Path) -> None:
    """A rule that finds nothing because it looks for nothing would be no rule."""
    assert len(SOURCES) > 100
    sample = tmp_path / "sample.py"
    sample.write_text("import datetime\nlink = request.host\nnow = datetime.datetime.now()\nself.request.json\n")
    found = [offence.split(": ")[1] for offence in forbidden(sample)]
    assert sorted(found) == ["datetime.now", "request.host", "request.json"]
