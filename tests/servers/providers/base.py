"""A provider's HTTP, from a thread of its own, and the browser that is led through it."""

from __future__ import annotations

import html
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx


@dataclass
class Account:
    """Who is logged in at a provider. `more` are further claims, or members of the provider's own."""

    subject: str = "248289761001"
    email: str | None = "ada@example.com"
    email_verified: Any = True
    name: str | None = "Ada Lovelace"
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Call:
    """A request that came in."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: Mapping[str, str]


@dataclass
class Said:
    """An answer. `drip`: a byte now and then, and never the last one."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    drip: bool = False

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Back:
    """What a browser brings back from a provider, and where to: query and form alike."""

    target: str
    fields: dict[str, str]
    method: str = "GET"

    @property
    def code(self) -> str:
        return self.fields["code"]

    @property
    def state(self) -> str:
        return self.fields["state"]

    @property
    def iss(self) -> str | None:
        return self.fields.get("iss")

    @property
    def user(self) -> str | None:
        return self.fields.get("user")


@dataclass
class Granted:
    """What a code stands for."""

    asked: dict[str, str]
    account: Account
    at: float


class Fake:
    """A provider. `account` is who is logged in there; `now` tells it the time, which a test may share with a service.

    `instead` answers at a path in its place: an answer, or a function of the call. Paths in `hangs` never answer.
    """

    client_id = "latchkey"
    client_secret = "s3cret:/+&of ours"

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.over = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Behave well again, and forget everybody."""
        self.account = Account()
        self.now: Callable[[], float] = time.time
        self.instead: dict[str, Said | Callable[[Call], Said]] = {}
        self.hangs: set[str] = set()
        self.calls: list[Call] = []
        self.codes: dict[str, Granted] = {}
        self.spent: set[str] = set()
        self.tokens: dict[str, Granted] = {}
        self.refuses: str | None = None
        """What its user does instead of agreeing: `access_denied`."""

    @property
    def settings(self) -> dict[str, str]:
        """What our service is set, to use it."""
        raise NotImplementedError

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def asked(self, path: str) -> list[Call]:
        """The calls that came to a path."""
        return [call for call in self.calls if call.path == path]

    async def visit(self, url: str) -> Back:
        """Go where our service sends a browser, agree, and return what is brought back."""
        async with httpx.AsyncClient(trust_env=False) as browser:
            answer = await browser.get(url)
        if answer.status_code == 302:
            target, _, query = answer.headers["Location"].partition("?")
            return Back(target, dict(parse_qsl(query, keep_blank_values=True)))
        assert answer.status_code == 200, answer.text
        action = re.search(r'<form method="post" action="([^"]*)"', answer.text)
        assert action, answer.text
        inputs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', answer.text)
        return Back(html.unescape(action[1]), {name: html.unescape(value) for name, value in inputs}, "POST")

    # What follows is what the kinds of providers are made of.

    def answer(self, call: Call) -> Said:
        """Answer a call."""
        raise NotImplementedError

    def agree(self, call: Call, brings: Mapping[str, str]) -> Said:
        """Have its user agree (or not), and send the browser back."""
        asked = call.query
        fields = {"state": asked["state"], **brings} if "state" in asked else dict(brings)
        if self.refuses:
            fields |= {"error": self.refuses}
        else:
            code = secrets.token_urlsafe(24)
            self.codes[code] = Granted(asked, self.account, self.now())
            fields = {"code": code, **fields}
        if asked.get("response_mode") == "form_post":
            inputs = "".join(f'<input type="hidden" name="{n}" value="{html.escape(v)}">' for n, v in fields.items())
            page = f'<form method="post" action="{html.escape(asked["redirect_uri"])}">{inputs}</form>'
            return Said(200, page.encode(), {"Content-Type": "text/html"})
        behind = "&" if "?" in asked["redirect_uri"] else "?"
        return Said(302, b"", {"Location": f"{asked['redirect_uri']}{behind}{urlencode(fields)}"})

    def take(self, call: Call) -> Granted | None:
        """Return what a code stands for, once; None for one that isn't good."""
        from hashlib import sha256

        from service.core.text import base64url

        code = call.form.get("code", "")
        granted = self.codes.pop(code, None)
        if granted is None or granted.asked["redirect_uri"] != call.form.get("redirect_uri"):
            return None
        digest = base64url.encode(sha256(call.form.get("code_verifier", "").encode()).digest())
        if granted.asked.get("code_challenge") not in (None, digest):
            return None
        self.spent.add(code)
        return granted

    def token_for(self, granted: Granted) -> str:
        token = secrets.token_urlsafe(24)
        self.tokens[token] = granted
        return token

    def owner_of(self, call: Call) -> Granted | None:
        """Whose the access token of a call is."""
        return self.tokens.get(call.headers.get("authorization", "").partition(" ")[2])

    def respond(self, call: Call) -> Said | None:
        """Answer a call, or what a test wants instead; None for never."""
        self.calls.append(call)
        if call.path in self.hangs:
            self.over.wait(60)
            return None
        instead = self.instead.get(call.path)
        if instead is not None:
            return instead if isinstance(instead, Said) else instead(call)
        return self.answer(call)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    fake: Fake

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no news; whatever else goes wrong, it hears of by a cut connection."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self._answer(dict(parse_qsl(body, keep_blank_values=True)))

    def _answer(self, form: dict[str, str]) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        said = self.server.fake.respond(Call(self.command, parts.path, query, form, headers))
        if said is None:
            self.close_connection = True
            return
        raw = said.raw
        self.send_response(said.status)
        for name, value in {"Content-Type": "application/json", **said.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if not said.drip:
            self.wfile.write(raw)
            return
        for number in range(len(raw) - 1):
            self.wfile.write(raw[number : number + 1])
            self.wfile.flush()
            if self.server.fake.over.wait(0.02):
                break
        self.server.fake.over.wait(60)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
