"""What the documents show is true: commands run, calls are answered like that. What isn't run says why."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port
from tests.support.browsers import ORIGIN
from tests.support.letters import Mailbox
from tests.support.people import PASSWORD
from tests.support.process import ROOT, environment, serving
from tools.snippets import KINDS, Snippet, documents, snippets

ALL = [snippet for document in documents() for snippet in snippets(document)]
# The page makes an application of its own: tests/features/test_page.py runs it there.
ELSEWHERE = ROOT / "docs" / "building-on-it.md"
BASH_SECONDS = 100


@pytest.mark.parametrize("snippet", ALL, ids=str)
def test_each_is_held_to_be_true_or_says_why_not(snippet: Snippet) -> None:
    """No fence is of a kind that nobody looks at, no reason is empty, and what stands in a file stands there still."""
    assert snippet.kind in {"", *KINDS}
    if snippet.reason is not None:
        assert len(snippet.reason.split()) >= 3
    if snippet.source is not None:
        assert snippet.code in (ROOT / snippet.source).read_text(encoding="utf-8")
    elif snippet.kind in {"js", "sql"}:
        assert snippet.reason, "nothing runs it where it stands: `from` a file, or `not run`"
    elif snippet.kind == "python":
        compile(snippet.code, str(snippet), "exec")
    elif snippet.kind == "json":
        read(snippet.code)


def read(text: str) -> list[object]:
    """Return the values of a fence: one, or one for each line."""
    reader, found, rest = json.JSONDecoder(), [], text.strip()
    while rest:
        value, end = reader.raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


BY_NAME = re.compile(
    r"""\b(npm (i|install|add)|npx|pnpm (add|dlx)|yarn add|bun add|pipx? install|uvx|uv (add|tool install))\b[^\n`]*"""
    r"""[\s"'](@latchkey/|latchkey(?![-/.\w]))"""
)
TOLD = [
    path
    for place in ("service", "tools", "bin", "deploy", "docs", "examples", "frontend/packages", ".github")
    for path in (ROOT / place).rglob("*")
    if path.suffix in {".py", ".md", ".yml", ".sh", ".ts", ".tsx", ".js", ""} and path.is_file()
    and not {"node_modules", "dist", "static"} & set(path.parts)
]  # fmt: skip


@pytest.mark.embedded_only
def test_nothing_is_installed_by_a_name_that_is_not_ours() -> None:
    """The packages are in no registry: by their names somebody else's would come, with our version and all."""
    told = [*documents(), *TOLD, *map(ROOT.joinpath, ("Makefile", "Dockerfile", "docker-compose.yml", "CHANGELOG.md"))]
    assert len(set(told)) > 400
    found = {path.relative_to(ROOT).as_posix(): BY_NAME.findall(path.read_text("utf-8")) for path in set(told)}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.embedded_only
@pytest.mark.parametrize("line", [
    "pip install latchkey",
    "pip install 'latchkey[tracing]'", "pip install -U latchkey[embedded]", "npm i @latchkey/client",
    "npm install --save \"@latchkey/react\"", "uvx latchkey", "pipx install latchkey==0.1.0", "npx @latchkey/client",
])  # fmt: skip
def test_it_would_be_seen(line: str) -> None:
    """However it is written; what comes from a path is ours."""
    assert BY_NAME.search(f"Run `{line}`.")
    for ours in ("npm install ./latchkey-client-0.1.0.tgz", "pip install --no-deps ./latchkey-src", "pip install ."):
        assert not BY_NAME.search(ours)


@pytest.mark.embedded_only
@pytest.mark.timeout(240)
def test_commands(tmp_path: Path) -> None:
    """Each document's commands run one after the other against a fresh service, and answer as their comments say."""
    own, settings = free_port(), {"DATABASE_URL": f"sqlite://{tmp_path}/test.sqlite3", "RATE_LIMITS_ENABLED": "false"}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    commands: dict[Path, list[str]] = {}
    for snippet in ALL:
        if snippet.kind == "sh" and snippet.reason is None and snippet.document != ELSEWHERE:
            commands.setdefault(snippet.document, []).append(snippet.code)
    assert len(commands) >= 3
    binaries = Path(sys.executable).parent
    with serving(tmp_path / "log", PORT=str(port), PUBLIC_URL=url, **settings):
        for document in sorted(commands, key=lambda path: path.name != "README.md"):
            code = "\n".join(commands[document]).replace(".venv/bin/", f"{binaries}/")
            code = code.replace("localhost:8000", f"127.0.0.1:{port}").replace("localhost:8002", f"127.0.0.1:{own}")
            given = environment(PATH=f"{binaries}:/usr/bin:/bin", PORT=str(own), LATCHKEY_URL=url, **settings)
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", code], cwd=ROOT, env=given, capture_output=True, text=True,
                timeout=BASH_SECONDS, check=False,
            )  # fmt: skip
            said = f"{document.name}\n{done.stdout}\n{done.stderr}"
            assert done.returncode == 0, said
            assert re.findall(r"(?:^| )(\d{3})$", done.stdout, re.MULTILINE) == re.findall(r"# (\d{3})\b", code), said
            tokens = re.findall(r"^lkr_\S+$", done.stdout, re.MULTILINE)
            assert len(set(tokens)) <= 1, said  # who refreshes twice gets the identical token


CALLS = [snippet for snippet in ALL if snippet.kind == "http" and snippet.reason is None]


async def test_calls(client: httpx.AsyncClient, mailbox: Mailbox) -> None:
    """Each call of the documents is answered with what stands below it: the same members, the same headers."""
    tokens: dict[str, str] = {}
    played = 0
    for number, snippet in enumerate(ALL):
        if snippet not in CALLS or not (call := Call.of(snippet)):
            continue
        answer = await call.played(client, mailbox, tokens)
        assert answer.is_success, (str(snippet), answer.text)
        if "access_token" in answer.text:
            tokens |= answer.json()
        played += 1
        for shown in ALL[number + 1 :]:
            if shown.alone or shown.document != snippet.document or shown.kind not in {"http", "json"}:
                break
            if shown.kind == "http":
                assert {line.partition(":")[0].lower() for line in shown.code.splitlines()} <= set(answer.headers)
            else:
                assert members(read(shown.code)[0]) == members(answer.json()), str(shown)
    assert played == len(CALLS) - len([one for one in CALLS if not Call.of(one)])
    assert played >= 6


def members(value: object) -> object:
    """Return the shape of an answer."""
    if isinstance(value, dict):
        return {name: members(one) for name, one in value.items()}
    return [members(one) for one in value[:1]] if isinstance(value, list) else None


class Call:
    """A request as a document shows it; what is shortened in it (…) is filled in."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: str) -> None:
        self.method, self.path, self.headers, self.body = method, path, headers, body

    @classmethod
    def of(cls, snippet: Snippet) -> Call | None:
        """Read one; None for what is an answer."""
        head, _, body = snippet.code.partition("\n\n")
        first, *lines = head.strip().split("\n")
        if not (match := re.fullmatch(r"([A-Z]+) (/\S+)", first)):
            return None
        headers = dict(line.split(": ", 1) for line in lines)
        return cls(match[1], match[2], headers, body.strip())

    async def played(self, client: httpx.AsyncClient, mailbox: Mailbox, tokens: dict[str, str]) -> httpx.Response:
        """Make the call."""
        body, headers = self.body, dict(self.headers)
        if headers.get("Authorization", "").endswith("…"):
            headers["Authorization"] = f"Bearer {tokens['access_token']}"
        body = re.sub(r'"lkr_[^"]*…"', lambda _: json.dumps(tokens["refresh_token"]), body)
        if '"token"' in body and "…" in body:
            token = (await mailbox.letter("ada@example.com")).token
            body = re.sub(r'("token": )"[^"]*…"', lambda match: match[1] + json.dumps(token), body)
        assert "…" not in body
        if "X-Session-Transport" in headers:
            headers |= {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN}
            given = {"username": "ada@example.com", "password": PASSWORD}
            begun = (await client.post("/api/auth/login", json=given, headers=headers)).raise_for_status()
            # Over plain http no client keeps a cookie that is `Secure`.
            headers["Cookie"] = "; ".join(line.partition(";")[0] for line in begun.headers.get_list("set-cookie"))
        return await client.request(self.method, self.path, headers=headers, content=body)
