"""What the documents promise is what the code does: settings, errors, events, routes, links."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from service.app import create_app
from service.core import patience
from service.core.http import requests as http
from service.core.process import leaving, workers
from service.core.redis import client as redis
from service.core.sql import address, leisure, lock_waits, pool, sqlite
from service.documents.openapi import build_document
from service.errors import ServiceError
from service.features import read_settings
from service.settings import Settings
from service.stores import mailer as transport
from service.work import worker as work
from tests.support.brought import EVENTS, SETTINGS
from tools import readme

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / name
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", *(str(path) for path in (ROOT / "docs").rglob("*.md")))
]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def every_error(root: type[ServiceError] = ServiceError) -> set[type[ServiceError]]:
    return {root}.union(*(every_error(child) for child in root.__subclasses__()))


def test_readme_table_of_settings() -> None:
    """The README's table is the one that the code renders: `make readme` writes it."""
    assert readme.main(["--check"]) == 0


def test_readme_tool_says_what_it_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An old table is found by --check, mended without it, and a file without markers is refused."""
    copy = tmp_path / "README.md"
    copy.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(readme, "README", copy)
    assert readme.main(["--check"]) == 1
    assert readme.main([]) == 0
    assert readme.main(["--check"]) == 0
    assert copy.read_text(encoding="utf-8").startswith("before\n")
    assert copy.read_text(encoding="utf-8").endswith("\nafter\n")
    assert readme.main(["--help"]) == 2
    with pytest.raises(ValueError, match="needs"):
        readme.rendered("no markers")


def test_env_example_names_every_setting() -> None:
    """.env.example has each setting once, commented out, with its default."""
    lines = re.findall(r"^# ([A-Z_]+)=(.*)$", text_of(".env.example"), re.MULTILINE)
    assert sorted(name for name, _ in lines) == sorted(SETTINGS.model_fields)
    assert not re.search(r"^[^#\n]", text_of(".env.example"), re.MULTILINE)
    settings = read_settings(_env_file=None)
    for name, shown in lines:
        field = SETTINGS.model_fields[name]
        default = getattr(settings, name) if field.default_factory else field.default
        if name != "SECRET_KEY":
            assert shown == (",".join(default) if isinstance(default, tuple) else _plain(default)), name


def _plain(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_every_error_is_in_the_documents() -> None:
    """docs/api.md has a row for every status and code of service/errors/, and no other."""
    rows = re.findall(r"^\| (\d{3}) \| `([a-z_]+)` \|", text_of("docs/api.md"), re.MULTILINE)
    assert {(int(status), code) for status, code in rows} == {(error.status, error.code) for error in every_error()}
    assert len(rows) == len(set(rows))


@pytest.mark.embedded_only
def test_every_route_is_in_the_documents(settings: Settings) -> None:
    """docs/api.md has a row for every operation that the service publishes, and names no other."""
    paths = build_document(create_app(settings))["paths"]
    assert isinstance(paths, dict)
    published = {f"{method.upper()} {path}" for path, item in paths.items() for method in item}
    told = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^` ]+)`", text_of("docs/api.md")))
    assert told == published


def test_every_event_is_in_the_runbook() -> None:
    """docs/operations.md names every event that can be logged."""
    logged = {
        name
        for path in (ROOT / "service").rglob("*.py")
        for name in re.findall(r"log_event\(\s*\"([^\"]+)\"", path.read_text(encoding="utf-8"))
    }
    recorded = set(EVENTS)
    runbook = text_of("docs/operations.md")
    assert logged
    assert recorded
    assert {name for name in logged | recorded if f"`{name}`" not in runbook} == set()


@pytest.mark.embedded_only
def test_time_outs_in_the_runbook(settings: Settings) -> None:
    """The runbook's table of time-outs has the values of the code."""
    rows = re.findall(r"^\| ([^|]+) \| ([\d.]+) \| `service/", text_of("docs/operations.md"), re.MULTILINE)
    config = create_app(settings).config
    assert [(what, float(seconds)) for what, seconds in rows] == [
        ("all that one request waits for stores", patience.PATIENCE),
        ("an answer of Redis, and opening a connection for it", redis.ANSWER_SECONDS),
        ("the same with Sentinels or Cluster, with a second server", redis.ROUTED_SECONDS),
        ("waiting for one's turn at Redis, while nobody is served", redis.WAIT_SECONDS),
        ("opening a PostgreSQL connection", pool.OPEN_SECONDS),
        ("a statement", pool.STATEMENT_SECONDS),
        ("after that, cancelling the statement", pool.RELEASE_SECONDS),
        ("[a list for administrators](#lists-for-administrators), its turn included", leisure.SECONDS),
        ("waiting for one's turn at PostgreSQL, while nobody is served", pool.WAIT_SECONDS),
        ("waiting for one's turn, while others are", patience.LONGEST),
        ("`latchkey db upgrade`: connecting", address.CONNECT_SECONDS),
        ("`latchkey db upgrade`: a lock on a table, at each try", lock_waits.LOCK_MILLISECONDS / 1000),
        ("`latchkey db upgrade`: others, until it gives up (`--wait`)", lock_waits.WAIT_SECONDS),
        ("SQLite: waiting for another process", sqlite.BUSY_MILLISECONDS / 1000),
        ("a connection that has not said anything yet", config.SILENT_TIMEOUT),
        ("the whole head of a request, from its first byte", config.REQUEST_TIMEOUT),
        ("the whole body of a request", http._BODY_SECONDS),
        ("answering one request", config.RESPONSE_TIMEOUT),
        ("a client taking 10 KiB of its answer", config.UNREAD_TIMEOUT),
        ("an idle kept-alive connection", config.KEEP_ALIVE_TIMEOUT),
        ("finishing requests after SIGTERM", leaving.DRAIN_SECONDS),
        ("and before that, a new connection's first word", leaving.FIRST_WORD_SECONDS),
        ("then, a letter or a job in hand", work.STOP_SECONDS),
        ("connecting to the mail server, or sending one letter", transport.SECONDS),
        ("the supervisor's patience with its workers", workers.GRACE_SECONDS),
        ("and with one that says nothing", workers.FROZEN_SECONDS),
        ("or is starting", workers.START_SECONDS),
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link leads to a file, and every anchor to a heading."""
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (document.parent / name).resolve() if name else document
        assert found.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, target


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def test_deployment_files() -> None:
    """The Procfile migrates before it serves, listens for the router and sends mail; app.json names real settings."""
    assert text_of("Procfile").splitlines() == [
        "release: latchkey db upgrade && latchkey doctor",
        "web: latchkey serve --host 0.0.0.0",
        "worker: latchkey worker",
    ]
    app = json.loads(text_of("app.json"))
    assert app["env"]["SECRET_KEY"] == {**app["env"]["SECRET_KEY"], "generator": "secret"}
    assert set(app["env"]) <= set(Settings.model_fields)
    assert os.access(ROOT / "bin" / "post_compile", os.X_OK)
